-- Lists of products by any filter: all that a filter looks at stands in one narrow index, in the order of the codes.

CREATE INDEX product_list ON product (shop_id, outer_id, held, category_id, changed_us, title);
