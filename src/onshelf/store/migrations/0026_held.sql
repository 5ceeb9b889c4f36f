-- How many products are held back, without reading those that are not.
CREATE INDEX product_held ON product (shop_id) WHERE held = 1;
