-- What watching saw: each change of state once, what is still to be read by id, and what a shop's looks remember.

CREATE TABLE change (
  shop_id TEXT NOT NULL,
  item_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  outer_id TEXT NOT NULL,
  title TEXT NOT NULL,
  old TEXT NOT NULL,
  new TEXT NOT NULL,
  reason TEXT NOT NULL,
  happened_us BIGINT NOT NULL,
  seen_us BIGINT NOT NULL,
  ours INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  PRIMARY KEY (shop_id, item_id, version)
);

CREATE INDEX change_seen ON change (shop_id, seen_us, item_id, version);

CREATE TABLE nomination (
  shop_id TEXT NOT NULL,
  item_id BIGINT NOT NULL,
  due_us BIGINT NOT NULL,
  evidence TEXT NOT NULL,
  bucket TEXT,
  modified_us BIGINT,
  failures INTEGER NOT NULL,
  PRIMARY KEY (shop_id, item_id)
);

CREATE INDEX nomination_due ON nomination (shop_id, due_us);

-- Each look counts the items by state.
CREATE INDEX item_of_state ON item (shop_id, state, doubt);

-- listed_us: when a sweep last met the item in a list.
CREATE TABLE watch_mark (
  shop_id TEXT NOT NULL,
  item_id BIGINT NOT NULL,
  listed_us BIGINT NOT NULL,
  PRIMARY KEY (shop_id, item_id)
);

CREATE TABLE watch_shop (
  shop_id TEXT NOT NULL PRIMARY KEY,
  round BIGINT NOT NULL,
  memory TEXT NOT NULL
);
