-- The audit log: one hash chain per writer, and the signed head of each chain.
CREATE TABLE audit (
  writer TEXT NOT NULL,
  number BIGINT NOT NULL,
  kind TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  took_us BIGINT NOT NULL,
  actor TEXT NOT NULL,
  subject TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  platform_code INTEGER NOT NULL,
  sub_code TEXT NOT NULL,
  request_id TEXT NOT NULL,
  digest {blob} NOT NULL,
  hash {blob} NOT NULL,
  PRIMARY KEY (writer, number)
);
CREATE INDEX audit_calls ON audit (actor, at_us);
CREATE TABLE audit_seal (
  writer TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  head {blob} NOT NULL,
  signature {blob} NOT NULL,
  sealed_us BIGINT NOT NULL
);
