-- Products of our own, what an import found wrong, the shop's publishing profile, and our record of each item on the platform.

CREATE TABLE product (
  shop_id TEXT NOT NULL,
  outer_id TEXT NOT NULL,
  title TEXT NOT NULL,
  price TEXT NOT NULL,
  stock BIGINT NOT NULL,
  category_id BIGINT NOT NULL,
  description TEXT NOT NULL,
  goods_condition TEXT NOT NULL,
  province TEXT NOT NULL,
  city TEXT NOT NULL,
  delivery_template_id BIGINT,
  properties TEXT NOT NULL,
  property_alias TEXT NOT NULL,
  skus TEXT NOT NULL,
  pictures TEXT NOT NULL,
  source TEXT NOT NULL,
  outer_id_derived INTEGER NOT NULL,
  digest TEXT NOT NULL,
  held INTEGER NOT NULL,
  changed_us BIGINT NOT NULL,
  PRIMARY KEY (shop_id, outer_id)
);

CREATE TABLE staged (
  import_id TEXT NOT NULL,
  outer_id TEXT NOT NULL,
  title TEXT NOT NULL,
  price TEXT NOT NULL,
  stock BIGINT NOT NULL,
  category_id BIGINT NOT NULL,
  description TEXT NOT NULL,
  goods_condition TEXT NOT NULL,
  province TEXT NOT NULL,
  city TEXT NOT NULL,
  delivery_template_id BIGINT,
  properties TEXT NOT NULL,
  property_alias TEXT NOT NULL,
  skus TEXT NOT NULL,
  pictures TEXT NOT NULL,
  source TEXT NOT NULL,
  outer_id_derived INTEGER NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (import_id, outer_id)
);

CREATE TABLE import_run (
  import_id TEXT NOT NULL PRIMARY KEY,
  shop_id TEXT NOT NULL,
  file TEXT NOT NULL,
  state TEXT NOT NULL,
  started_us BIGINT NOT NULL,
  ended_us BIGINT NOT NULL,
  rows_read BIGINT NOT NULL,
  good BIGINT NOT NULL,
  faulty BIGINT NOT NULL,
  added BIGINT NOT NULL,
  changed BIGINT NOT NULL
);

CREATE INDEX import_run_of_shop ON import_run (shop_id, started_us);

CREATE TABLE faulty_row (
  import_id TEXT NOT NULL,
  row_number BIGINT NOT NULL,
  outer_id TEXT NOT NULL,
  stopped INTEGER NOT NULL,
  finding TEXT NOT NULL,
  PRIMARY KEY (import_id, row_number)
);

CREATE INDEX faulty_row_of_code ON faulty_row (import_id, outer_id);

CREATE TABLE profile (
  shop_id TEXT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL,
  changed_us BIGINT NOT NULL
);

CREATE TABLE item (
  shop_id TEXT NOT NULL,
  item_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  outer_id TEXT NOT NULL,
  title TEXT NOT NULL,
  price TEXT,
  stock BIGINT,
  seen_us BIGINT NOT NULL,
  asked_us BIGINT NOT NULL,
  changed_us BIGINT NOT NULL,
  expected_state TEXT,
  expected_by TEXT,
  expected_until_us BIGINT,
  doubt INTEGER NOT NULL,
  PRIMARY KEY (shop_id, item_id)
);

CREATE INDEX item_of_code ON item (shop_id, outer_id);
