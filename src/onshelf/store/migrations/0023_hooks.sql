-- Webhooks: who is told of what happens here, and every message to them with its fate; and when a job ended.

-- types: JSON list, empty: all. shops: JSON list; NULL: every shop. secrets: sealed. failing_us: since when nothing was
-- accepted; 0: the last try was. rest_until_us: nothing is sent before.
CREATE TABLE hook (
  hook_id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  about TEXT NOT NULL,
  types TEXT NOT NULL,
  shops TEXT,
  secrets {blob} NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL DEFAULT '',
  made_by TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  misses BIGINT NOT NULL DEFAULT 0,
  failing_us BIGINT NOT NULL DEFAULT 0,
  rest_until_us BIGINT NOT NULL DEFAULT 0,
  accepted_us BIGINT NOT NULL DEFAULT 0
);

-- One message to one receiver. delivery_id: the receiver knows it by this at every try; the same event has the same one.
-- run_at_us: not before; while it runs, the end of its lease. attempt: from 1 once claimed, and the fence of later writes.
CREATE TABLE hook_delivery (
  place {serial},
  delivery_id TEXT NOT NULL UNIQUE,
  hook_id TEXT NOT NULL,
  type TEXT NOT NULL,
  shop_id TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  happened_us BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  run_at_us BIGINT NOT NULL,
  attempt BIGINT NOT NULL DEFAULT 0,
  first_us BIGINT NOT NULL DEFAULT 0,
  tried_us BIGINT NOT NULL DEFAULT 0,
  ended_us BIGINT NOT NULL DEFAULT 0,
  status BIGINT NOT NULL DEFAULT 0,
  note TEXT NOT NULL DEFAULT ''
);

CREATE INDEX hook_delivery_due ON hook_delivery (hook_id, run_at_us, place) WHERE state IN ('queued', 'waiting', 'running');

CREATE INDEX hook_delivery_list ON hook_delivery (hook_id, place);

CREATE INDEX hook_delivery_by_state ON hook_delivery (hook_id, state, place);

-- Where a replay begins.
CREATE INDEX event_by_time ON event (at_us, id);

CREATE INDEX hook_delivery_by_age ON hook_delivery (created_us);

-- 0: the job goes on, or nobody has noticed its end yet.
ALTER TABLE job ADD COLUMN ended_us BIGINT NOT NULL DEFAULT 0;

UPDATE job SET ended_us = created_us WHERE NOT EXISTS (SELECT 1 FROM job_line WHERE job_line.job_id = job.job_id
  AND job_line.state IN ('queued', 'running', 'waiting', 'paused'));

CREATE INDEX job_going_on ON job (job_id) WHERE ended_us = 0;
