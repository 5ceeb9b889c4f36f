-- What stands beside the audit log's chain: to find by, and to tell, never to prove.

-- Which shop an act concerned. An act that is not here is found by the other filters.
CREATE TABLE audit_shop (
  shop_id TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  writer TEXT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (shop_id, at_us, writer, number)
);

INSERT INTO audit_shop (shop_id, at_us, writer, number)
SELECT subject, at_us, writer, number FROM audit WHERE kind = 'act' AND action LIKE 'shop.%' AND subject <> '';

-- How many calls of an app reached the platform in an hour (since 1970), by what they were for.
CREATE TABLE call_lane (
  app_key TEXT NOT NULL,
  hour BIGINT NOT NULL,
  lane TEXT NOT NULL,
  calls BIGINT NOT NULL,
  PRIMARY KEY (app_key, hour, lane)
);
