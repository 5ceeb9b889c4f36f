-- Durable work: jobs, their lines, shops on hold, and what runs again and again.

CREATE TABLE job (
  job_id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  shop_id TEXT NOT NULL,
  held TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  payload TEXT NOT NULL
);

CREATE INDEX job_by_time ON job (created_us);

-- run_at_us: not to be claimed before; while the line runs, the end of its lease.
CREATE TABLE job_line (
  job_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  kind TEXT NOT NULL,
  shop_id TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  run_at_us BIGINT NOT NULL,
  fence BIGINT NOT NULL DEFAULT 0,
  attempt BIGINT NOT NULL DEFAULT 0,
  payload TEXT NOT NULL,
  outcome TEXT NOT NULL DEFAULT '{}',
  changed_us BIGINT NOT NULL,
  PRIMARY KEY (job_id, number),
  UNIQUE (job_id, key)
);

CREATE INDEX job_line_due ON job_line (kind, shop_id, state, run_at_us, job_id, number);

CREATE INDEX job_line_running ON job_line (run_at_us) WHERE state = 'running';

CREATE INDEX job_line_state ON job_line (job_id, state, number);

-- A shop may be held for several reasons at once; its work goes on when the last is lifted.
CREATE TABLE held_shop (
  shop_id TEXT NOT NULL,
  why TEXT NOT NULL,
  since_us BIGINT NOT NULL,
  PRIMARY KEY (shop_id, why)
);

-- run_at_us: the next run, one however many were missed. lease_until_us: 0 when nobody runs it.
CREATE TABLE schedule (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  every_us BIGINT NOT NULL,
  payload TEXT NOT NULL,
  run_at_us BIGINT NOT NULL,
  lease_until_us BIGINT NOT NULL DEFAULT 0,
  fence BIGINT NOT NULL DEFAULT 0,
  failures BIGINT NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  last_run_us BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX schedule_due ON schedule (run_at_us);
