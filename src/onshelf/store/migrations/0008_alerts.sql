-- Alerts: who hears of them, how each stands, what is still to be told, and every message with its fate.

CREATE TABLE channel (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  lang TEXT NOT NULL,
  shops TEXT NOT NULL,
  least TEXT NOT NULL,
  resolved INTEGER NOT NULL,
  config TEXT NOT NULL,
  secrets {blob} NOT NULL,
  stopped TEXT NOT NULL DEFAULT '',
  changed_us BIGINT NOT NULL
);

-- The latest word about each fingerprint.
CREATE TABLE alert (
  fingerprint TEXT PRIMARY KEY,
  group_key TEXT NOT NULL,
  state TEXT NOT NULL,
  changed_us BIGINT NOT NULL,
  alert TEXT NOT NULL
);

CREATE INDEX alert_by_group ON alert (group_key, state);

-- Every change of an alert; `place` is their order.
CREATE TABLE alert_change (
  place {serial},
  change_id TEXT NOT NULL UNIQUE,
  alert TEXT NOT NULL
);

-- One row a change and receiver: the outbox. An empty delivery_id: not told yet.
CREATE TABLE notice (
  receiver TEXT NOT NULL,
  change_id TEXT NOT NULL,
  group_key TEXT NOT NULL,
  state TEXT NOT NULL,
  seen_us BIGINT NOT NULL,
  delivery_id TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (receiver, change_id)
);

CREATE INDEX notice_by_delivery ON notice (delivery_id, receiver, group_key);

-- What each receiver was last told of a group.
CREATE TABLE told (
  receiver TEXT NOT NULL,
  group_key TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  firing BIGINT NOT NULL,
  PRIMARY KEY (receiver, group_key)
);

-- One message to one receiver; `place` is the order of sending. run_at_us: not before; while it runs, the end of its lease.
-- attempt: from 1 once claimed, and the fence of every later write. remaining: recipients still to be reached, JSON; empty: all.
CREATE TABLE delivery (
  place {serial},
  delivery_id TEXT NOT NULL UNIQUE,
  receiver TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  changes BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  run_at_us BIGINT NOT NULL,
  attempt BIGINT NOT NULL DEFAULT 0,
  tried_us BIGINT NOT NULL DEFAULT 0,
  ended_us BIGINT NOT NULL DEFAULT 0,
  remaining TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT ''
);

CREATE INDEX delivery_by_state ON delivery (state, receiver, place);

CREATE INDEX delivery_by_try ON delivery (receiver, tried_us);
