-- Imports as a person goes through them: what the file's columns are, rows kept as they stood, cells mended in place.

ALTER TABLE import_run ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
ALTER TABLE import_run ADD COLUMN warned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE import_run ADD COLUMN header TEXT NOT NULL DEFAULT '[]';
ALTER TABLE import_run ADD COLUMN chosen TEXT NOT NULL DEFAULT '{}';

ALTER TABLE faulty_row ADD COLUMN cells TEXT NOT NULL DEFAULT '[]';

CREATE TABLE faulty_rule (
  import_id TEXT NOT NULL,
  rule TEXT NOT NULL,
  row_number BIGINT NOT NULL,
  PRIMARY KEY (import_id, rule, row_number)
);

CREATE TABLE mended_cell (
  import_id TEXT NOT NULL,
  row_number BIGINT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (import_id, row_number, field)
);

CREATE TABLE column_choice (
  shop_id TEXT NOT NULL,
  headers TEXT NOT NULL,
  chosen TEXT NOT NULL,
  changed_us BIGINT NOT NULL,
  PRIMARY KEY (shop_id, headers)
);
