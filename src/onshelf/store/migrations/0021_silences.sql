-- Alerts that people answer: acknowledged, or silenced for a while.

-- why: for those who wonder later. An empty scope field means any. ended_us: 0 while it lasts; ended_by: empty when its time had come.
CREATE TABLE silence (
  silence_id TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  shop_id TEXT NOT NULL,
  rule TEXT NOT NULL,
  cause TEXT NOT NULL,
  code_prefix TEXT NOT NULL,
  until_us BIGINT NOT NULL,
  why TEXT NOT NULL,
  who TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  ended_us BIGINT NOT NULL DEFAULT 0,
  ended_by TEXT NOT NULL DEFAULT ''
);

CREATE INDEX silence_in_force ON silence (ended_us, until_us);

-- One row. Whoever changes how alerts stand names the turn it has read, and moves it on: the second one reads again.
CREATE TABLE alert_turn (turn BIGINT NOT NULL);

INSERT INTO alert_turn (turn) VALUES (0);

-- standing: what people see: firing, acknowledged, silenced, resolved. silence_id: what holds its news back; empty: nothing.
-- acknowledged: JSON, empty when nobody has.
ALTER TABLE alert ADD COLUMN shop_id TEXT NOT NULL DEFAULT '';

ALTER TABLE alert ADD COLUMN rule TEXT NOT NULL DEFAULT '';

ALTER TABLE alert ADD COLUMN cause TEXT NOT NULL DEFAULT '';

ALTER TABLE alert ADD COLUMN severity TEXT NOT NULL DEFAULT '';

ALTER TABLE alert ADD COLUMN standing TEXT NOT NULL DEFAULT '';

ALTER TABLE alert ADD COLUMN silence_id TEXT NOT NULL DEFAULT '';

ALTER TABLE alert ADD COLUMN acknowledged TEXT NOT NULL DEFAULT '';

-- A quotation mark inside a JSON text is escaped, so these words can only be the fields themselves.
UPDATE alert SET standing = state,
  severity = CASE WHEN alert LIKE '%"severity":"critical"%' THEN 'critical' ELSE 'warning' END,
  rule = CASE
    WHEN alert LIKE '%"rule":"authorisation"%' THEN 'authorisation'
    WHEN alert LIKE '%"rule":"tier"%' THEN 'tier'
    WHEN alert LIKE '%"rule":"probe"%' THEN 'probe'
    WHEN alert LIKE '%"rule":"messages"%' THEN 'messages'
    ELSE 'left_the_shelf' END,
  cause = CASE
    WHEN alert LIKE '%"cause":"ours"%' THEN 'ours'
    WHEN alert LIKE '%"cause":"listed"%' THEN 'listed'
    WHEN alert LIKE '%"cause":"taken_off"%' THEN 'taken_off'
    WHEN alert LIKE '%"cause":"sold_out"%' THEN 'sold_out'
    WHEN alert LIKE '%"cause":"violation"%' THEN 'violation'
    WHEN alert LIKE '%"cause":"scheduled"%' THEN 'scheduled'
    WHEN alert LIKE '%"cause":"never_listed"%' THEN 'never_listed'
    WHEN alert LIKE '%"cause":"deleted"%' THEN 'deleted'
    WHEN alert LIKE '%"cause":"first_seen"%' THEN 'first_seen'
    WHEN alert LIKE '%"cause":"authorisation_ends"%' THEN 'authorisation_ends'
    WHEN alert LIKE '%"cause":"authorisation_ended"%' THEN 'authorisation_ended'
    WHEN alert LIKE '%"cause":"tier_ended"%' THEN 'tier_ended'
    WHEN alert LIKE '%"cause":"probe_failed"%' THEN 'probe_failed'
    WHEN alert LIKE '%"cause":"messages_down"%' THEN 'messages_down'
    ELSE 'unknown' END;

UPDATE alert SET shop_id = substr(group_key, 1, length(group_key) - length(rule) - 1);

CREATE INDEX alert_by_time ON alert (changed_us, fingerprint);

CREATE INDEX alert_by_standing ON alert (standing, changed_us, fingerprint);

CREATE INDEX alert_by_shop ON alert (shop_id, standing, changed_us, fingerprint);

CREATE INDEX alert_by_cause ON alert (cause, changed_us, fingerprint);

CREATE INDEX alert_by_severity ON alert (severity, changed_us, fingerprint);

CREATE INDEX alert_by_silence ON alert (silence_id, fingerprint);

CREATE INDEX alert_counted ON alert (state, shop_id, cause, standing, severity);

ALTER TABLE alert_change ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';

-- A change's id is its fingerprint, ":" and the version.
UPDATE alert_change SET fingerprint = rtrim(rtrim(change_id, '0123456789'), ':');

CREATE INDEX alert_change_by_alert ON alert_change (fingerprint, place);

-- held: 1 while a silence keeps it back.
ALTER TABLE notice ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';

ALTER TABLE notice ADD COLUMN held INTEGER NOT NULL DEFAULT 0;

UPDATE notice SET fingerprint = rtrim(rtrim(change_id, '0123456789'), ':');

DROP INDEX notice_by_delivery;

CREATE INDEX notice_by_delivery ON notice (delivery_id, held, receiver, group_key);

CREATE INDEX notice_by_alert ON notice (fingerprint, receiver);
