-- What an act changed, the codes that stand in for a lost phone, invitations that reset, and the audit log read from its end.

-- told: the details whose SHA-256 is the row's digest, as JSON; only of acts that may be told. Taking a row away here leaves the chain whole.
CREATE TABLE audit_change (
  writer TEXT NOT NULL,
  number BIGINT NOT NULL,
  told TEXT NOT NULL,
  PRIMARY KEY (writer, number)
);

CREATE INDEX audit_acts ON audit (at_us, writer, number) WHERE kind = 'act';
CREATE INDEX audit_acts_actor ON audit (actor, at_us, writer, number) WHERE kind = 'act';
CREATE INDEX audit_acts_action ON audit (action, at_us, writer, number) WHERE kind = 'act';
CREATE INDEX audit_acts_subject ON audit (subject, at_us, writer, number) WHERE kind = 'act';
CREATE INDEX audit_calls_at ON audit (at_us, writer, number) WHERE kind = 'call';
CREATE INDEX audit_calls_action ON audit (action, at_us, writer, number) WHERE kind = 'call';
CREATE INDEX audit_calls_subject ON audit (subject, at_us, writer, number) WHERE kind = 'call';

-- person_id: whom the invitation lets in again; empty: it makes somebody new.
ALTER TABLE invitation ADD COLUMN person_id TEXT NOT NULL DEFAULT '';

-- Each lets its person in once instead of a code of the phone. Kept as a hash.
CREATE TABLE recovery_code (
  person_id TEXT NOT NULL,
  digest {blob} NOT NULL,
  PRIMARY KEY (person_id, digest)
);
