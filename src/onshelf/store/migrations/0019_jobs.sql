-- Who started a job, why its lines failed or wait, and what makes lists of jobs, causes and open questions quick.

ALTER TABLE job ADD COLUMN started_by TEXT NOT NULL DEFAULT '';

DROP INDEX job_by_time;

CREATE INDEX job_by_time ON job (created_us, job_id);

CREATE INDEX job_by_shop ON job (shop_id, created_us, job_id);

CREATE INDEX job_by_kind ON job (kind, created_us, job_id);

-- cause: the platform's sub-code, else the code of the outcome; empty for lines settled before there was this column.
ALTER TABLE job_line ADD COLUMN cause TEXT NOT NULL DEFAULT '';

CREATE INDEX job_line_cause ON job_line (job_id, state, cause, number) WHERE state IN ('failed', 'waiting');

CREATE INDEX intent_question ON intent (shop_id, outer_id)
  WHERE state = 'undecided' OR (state IN ('published', 'adopted') AND problem <> '');
