-- Which items went off the shelf and are still off it, in the order in which that was seen: today's are listed from the shelf's page.

-- left_us: when it was seen to have left the shelf; NULL: it is on sale, or nobody saw it leave.
ALTER TABLE item ADD COLUMN left_us BIGINT;

-- seen_us + 0: the greatest of a few, found by item; asked for plainly, SQLite walks all changes of the shop for each item.
UPDATE item SET left_us = (SELECT MAX(seen_us + 0) FROM change WHERE change.shop_id = item.shop_id AND change.item_id = item.item_id AND change.old = 'onsale' AND change.new <> 'onsale')
  WHERE state <> 'onsale';

-- sqlite:
CREATE TRIGGER item_left AFTER INSERT ON change WHEN (NEW.old = 'onsale') <> (NEW.new = 'onsale') BEGIN
  UPDATE item SET left_us = CASE WHEN NEW.new <> 'onsale' THEN NEW.seen_us END WHERE shop_id = NEW.shop_id AND item_id = NEW.item_id ; END;

-- postgres:
CREATE FUNCTION item_leaves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  UPDATE item SET left_us = CASE WHEN NEW.new <> 'onsale' THEN NEW.seen_us END WHERE shop_id = NEW.shop_id AND item_id = NEW.item_id
  ; RETURN NULL ; END $$;

-- postgres:
CREATE TRIGGER item_left AFTER INSERT ON change FOR EACH ROW WHEN ((NEW.old = 'onsale') <> (NEW.new = 'onsale')) EXECUTE FUNCTION item_leaves();

CREATE INDEX item_by_leaving ON item (shop_id, left_us, item_id, reason) WHERE left_us IS NOT NULL;
