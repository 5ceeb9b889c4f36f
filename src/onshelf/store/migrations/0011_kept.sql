-- Replies of reads that move slowly (categories, schemas), kept until they are old.

CREATE TABLE kept_reply (
  key TEXT PRIMARY KEY,
  value {blob} NOT NULL,
  asked_us BIGINT NOT NULL,
  answered_us BIGINT NOT NULL,
  until_us BIGINT NOT NULL
);

CREATE INDEX kept_reply_until ON kept_reply (until_us);
