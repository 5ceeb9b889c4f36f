-- Which products are linked to an item and wait for no answer, found by the item: one that is deleted makes a question of its product.

CREATE INDEX intent_linked ON intent (shop_id, item_id, outer_id)
  WHERE (state IN ('published', 'adopted') AND problem = '' AND doing <> 'delete') OR state = 'refused' OR (state = 'planned' AND doing = 'change');
