-- Which shop an act concerned: beside the chain, to find by. What is not here is found by the other filters.
CREATE TABLE audit_shop (
  shop_id TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  writer TEXT NOT NULL,
  number BIGINT NOT NULL,
  PRIMARY KEY (shop_id, at_us, writer, number)
);

INSERT INTO audit_shop (shop_id, at_us, writer, number)
SELECT subject, at_us, writer, number FROM audit WHERE kind = 'act' AND action LIKE 'shop.%' AND subject <> '';
