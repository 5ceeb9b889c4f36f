-- What was done, or may have been done, to put each product on the shelf; and the pictures of a shop's picture space.

-- version: of this row, the compare-and-set of every write. Times in microseconds, 0: never.
-- prior_ids: JSON list of the items that carried the code before our first write; NULL: not asked yet.
-- looks, sent, published, before_image, problem: JSON; see listing/intent.py.
CREATE TABLE intent (
  shop_id TEXT NOT NULL,
  outer_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  doing TEXT NOT NULL,
  item_id BIGINT,
  prior_ids TEXT,
  attempt BIGINT NOT NULL,
  first_sent_us BIGINT NOT NULL,
  sent_us BIGINT NOT NULL,
  fence BIGINT NOT NULL,
  looks TEXT NOT NULL,
  sent TEXT NOT NULL,
  published TEXT NOT NULL,
  before_image TEXT NOT NULL,
  surplus TEXT NOT NULL,
  removed TEXT NOT NULL,
  reads BIGINT NOT NULL,
  verified_us BIGINT NOT NULL,
  problem TEXT NOT NULL,
  job_id TEXT NOT NULL,
  PRIMARY KEY (shop_id, outer_id)
);

-- hash: SHA-256 of the bytes, 32 hex digits of it begin the title. absent: looks since sent_us that did not find it.
CREATE TABLE picture (
  shop_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  picture_id BIGINT,
  path TEXT NOT NULL,
  sent_us BIGINT NOT NULL,
  looked_us BIGINT NOT NULL,
  absent BIGINT NOT NULL,
  PRIMARY KEY (shop_id, hash)
);
