-- Apps and shops with their secrets, sealed by the vault.

CREATE TABLE app (
  app_key TEXT PRIMARY KEY,
  secret {blob} NOT NULL
);

CREATE TABLE shop (
  shop_id TEXT PRIMARY KEY,
  platform TEXT NOT NULL,
  app_key TEXT NOT NULL,
  gateway TEXT NOT NULL,
  oauth TEXT NOT NULL,
  tmc TEXT NOT NULL,
  nick TEXT NOT NULL,
  state TEXT NOT NULL,
  created_us BIGINT NOT NULL
);

-- version grows with each new token; refreshing_until_us: the lease of the process that is asking for the next.
CREATE TABLE shop_token (
  shop_id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  obtained_us BIGINT NOT NULL,
  sealed {blob} NOT NULL,
  dead INTEGER NOT NULL DEFAULT 0,
  refreshing_until_us BIGINT NOT NULL DEFAULT 0
);
