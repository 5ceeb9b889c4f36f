-- What the last probe of a shop found, and of which end of its authorisation somebody was told.

CREATE TABLE shop_probe (
  shop_id TEXT PRIMARY KEY,
  at_us BIGINT NOT NULL,
  offset_us BIGINT,
  allowed TEXT NOT NULL,
  faults TEXT NOT NULL
);

CREATE TABLE shop_warning (
  shop_id TEXT PRIMARY KEY,
  end_us BIGINT NOT NULL,
  days INTEGER NOT NULL
);
