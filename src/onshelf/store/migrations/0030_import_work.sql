-- What is carried out for an import after the request that asked for it, and what mending changed.

ALTER TABLE import_run ADD COLUMN asked TEXT NOT NULL DEFAULT '';
ALTER TABLE import_run ADD COLUMN lease_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE import_run ADD COLUMN problem TEXT NOT NULL DEFAULT '';

CREATE INDEX import_run_checking ON import_run (lease_us) WHERE state = 'checking';

ALTER TABLE mended_cell ADD COLUMN was TEXT NOT NULL DEFAULT '';
ALTER TABLE mended_cell ADD COLUMN how TEXT NOT NULL DEFAULT 'written';
