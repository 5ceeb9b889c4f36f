-- What the shelf and the first page ask for at a million items: counts kept by the database itself, and an order for each filter.

-- n: items of a shop in a state for a cause.
CREATE TABLE item_count (
  shop_id TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY (shop_id, state, reason)
);

INSERT INTO item_count (shop_id, state, reason, n) SELECT shop_id, state, reason, COUNT(*) FROM item GROUP BY shop_id, state, reason;

-- day: since 1970, of Beijing, in which it was seen. was: "" when it was not known before. slowest_us: of those that were not ours.
CREATE TABLE shelf_day (
  shop_id TEXT NOT NULL,
  day BIGINT NOT NULL,
  was TEXT NOT NULL,
  became TEXT NOT NULL,
  reason TEXT NOT NULL,
  n BIGINT NOT NULL,
  slowest_us BIGINT NOT NULL,
  PRIMARY KEY (shop_id, day, was, became, reason)
);

INSERT INTO shelf_day (shop_id, day, was, became, reason, n, slowest_us)
  SELECT shop_id, (seen_us + 28800000000) / 86400000000, old, new, reason, COUNT(*), MAX(CASE WHEN ours = 0 AND old <> '' THEN seen_us - happened_us ELSE 0 END)
  FROM change GROUP BY 1, 2, 3, 4, 5;

-- sqlite:
CREATE TRIGGER item_came AFTER INSERT ON item BEGIN
  INSERT INTO item_count (shop_id, state, reason, n) VALUES (NEW.shop_id, NEW.state, NEW.reason, 1)
    ON CONFLICT (shop_id, state, reason) DO UPDATE SET n = item_count.n + 1
  ; INSERT INTO shelf_day (shop_id, day, was, became, reason, n, slowest_us)
    SELECT NEW.shop_id, (NEW.changed_us + 28800000000) / 86400000000, '', NEW.state, NEW.reason, 1, 0 WHERE NEW.reason = 'ours'
    ON CONFLICT (shop_id, day, was, became, reason) DO UPDATE SET n = shelf_day.n + 1 ; END;

-- sqlite:
CREATE TRIGGER item_moved AFTER UPDATE OF state, reason ON item WHEN OLD.state <> NEW.state OR OLD.reason <> NEW.reason BEGIN
  UPDATE item_count SET n = n - 1 WHERE shop_id = OLD.shop_id AND state = OLD.state AND reason = OLD.reason
  ; INSERT INTO item_count (shop_id, state, reason, n) VALUES (NEW.shop_id, NEW.state, NEW.reason, 1)
    ON CONFLICT (shop_id, state, reason) DO UPDATE SET n = item_count.n + 1 ; END;

-- sqlite:
CREATE TRIGGER item_went AFTER DELETE ON item BEGIN
  UPDATE item_count SET n = n - 1 WHERE shop_id = OLD.shop_id AND state = OLD.state AND reason = OLD.reason ; END;

-- sqlite:
CREATE TRIGGER change_came AFTER INSERT ON change BEGIN
  INSERT INTO shelf_day (shop_id, day, was, became, reason, n, slowest_us)
    VALUES (NEW.shop_id, (NEW.seen_us + 28800000000) / 86400000000, NEW.old, NEW.new, NEW.reason, 1, CASE WHEN NEW.ours = 0 AND NEW.old <> '' THEN NEW.seen_us - NEW.happened_us ELSE 0 END)
    ON CONFLICT (shop_id, day, was, became, reason) DO UPDATE SET n = shelf_day.n + 1, slowest_us = MAX(shelf_day.slowest_us, excluded.slowest_us) ; END;

-- postgres:
CREATE FUNCTION item_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE item_count SET n = n - 1 WHERE shop_id = OLD.shop_id AND state = OLD.state AND reason = OLD.reason ; END IF
  ; IF TG_OP <> 'DELETE' THEN
    INSERT INTO item_count (shop_id, state, reason, n) VALUES (NEW.shop_id, NEW.state, NEW.reason, 1)
      ON CONFLICT (shop_id, state, reason) DO UPDATE SET n = item_count.n + 1 ; END IF
  ; IF TG_OP = 'INSERT' AND NEW.reason = 'ours' THEN
    INSERT INTO shelf_day (shop_id, day, was, became, reason, n, slowest_us)
      VALUES (NEW.shop_id, (NEW.changed_us + 28800000000) / 86400000000, '', NEW.state, NEW.reason, 1, 0)
      ON CONFLICT (shop_id, day, was, became, reason) DO UPDATE SET n = shelf_day.n + 1 ; END IF
  ; RETURN NULL ; END $$;

-- postgres:
CREATE TRIGGER item_came AFTER INSERT OR DELETE ON item FOR EACH ROW EXECUTE FUNCTION item_counted();

-- postgres:
CREATE TRIGGER item_moved AFTER UPDATE ON item FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.reason <> NEW.reason) EXECUTE FUNCTION item_counted();

-- postgres:
CREATE FUNCTION change_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO shelf_day (shop_id, day, was, became, reason, n, slowest_us)
    VALUES (NEW.shop_id, (NEW.seen_us + 28800000000) / 86400000000, NEW.old, NEW.new, NEW.reason, 1, CASE WHEN NEW.ours = 0 AND NEW.old <> '' THEN NEW.seen_us - NEW.happened_us ELSE 0 END)
    ON CONFLICT (shop_id, day, was, became, reason) DO UPDATE SET n = shelf_day.n + 1, slowest_us = GREATEST(shelf_day.slowest_us, excluded.slowest_us)
  ; RETURN NULL ; END $$;

-- postgres:
CREATE TRIGGER change_came AFTER INSERT ON change FOR EACH ROW EXECUTE FUNCTION change_counted();

-- The shelf, newest change first: all of it with what a filter looks at, of one state, for one cause, in doubt.
CREATE INDEX item_by_change ON item (shop_id, changed_us, item_id, state, reason, doubt, title);
CREATE INDEX item_by_state ON item (shop_id, state, changed_us, item_id, doubt);
CREATE INDEX item_by_reason ON item (shop_id, reason, changed_us, item_id);
CREATE INDEX item_in_doubt ON item (shop_id, changed_us, item_id, state, doubt) WHERE doubt > 0;
DROP INDEX item_of_state;
DROP INDEX item_of_code;
CREATE INDEX item_of_code ON item (shop_id, outer_id, item_id);

-- Changes in the order they were seen; items met for the first time are no news.
CREATE INDEX change_news ON change (shop_id, seen_us, item_id, version) WHERE reason <> 'first_seen';
CREATE INDEX change_foreign ON change (shop_id, seen_us, item_id, version) WHERE ours = 0 AND reason <> 'first_seen';
CREATE INDEX change_of_reason ON change (shop_id, reason, seen_us, item_id, version);
CREATE INDEX change_of_state ON change (shop_id, new, seen_us, item_id, version) WHERE reason <> 'first_seen';

-- query: JSON, what the page of the shelf is asked for.
CREATE TABLE saved_filter (
  person_id TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  PRIMARY KEY (person_id, name)
);
