-- The event log, its readers' places, and the inbox of push messages.
CREATE TABLE event (
  id {serial},
  xid {xid},
  at_us BIGINT NOT NULL,
  name TEXT NOT NULL,
  payload TEXT NOT NULL
);
CREATE INDEX event_order ON event (xid, id);
CREATE TABLE log_reader (
  reader TEXT NOT NULL PRIMARY KEY,
  xid BIGINT NOT NULL,
  id BIGINT NOT NULL
);
CREATE TABLE inbox (
  id {serial},
  app_key TEXT NOT NULL,
  group_name TEXT NOT NULL,
  data_id TEXT NOT NULL,
  topic TEXT NOT NULL,
  content {blob} NOT NULL,
  received_us BIGINT NOT NULL,
  state TEXT NOT NULL,
  UNIQUE (app_key, group_name, data_id)
);
CREATE INDEX inbox_waiting ON inbox (state, id);
