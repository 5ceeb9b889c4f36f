-- People who sign in, their sessions, the invitations that make them, and the keys of programs. Secrets are kept as hashes.

-- shops: JSON list; NULL: every shop. password: argon2id. totp: sealed by the vault; empty: none. totp_step: the last one used.
-- subject: who an OpenID provider says it is, "issuer subject".
CREATE TABLE person (
  person_id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  shops TEXT,
  password TEXT NOT NULL,
  totp {blob} NOT NULL,
  totp_step BIGINT NOT NULL DEFAULT 0,
  subject TEXT UNIQUE,
  ended INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  locked_until_us BIGINT NOT NULL DEFAULT 0,
  created_us BIGINT NOT NULL
);

CREATE TABLE signed_in (
  digest {blob} NOT NULL PRIMARY KEY,
  person_id TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  seen_us BIGINT NOT NULL,
  until_us BIGINT NOT NULL,
  agent TEXT NOT NULL,
  address TEXT NOT NULL
);

CREATE INDEX signed_in_of_person ON signed_in (person_id, created_us);

-- name: of the person invited, empty when it may choose one.
CREATE TABLE invitation (
  digest {blob} NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  shops TEXT,
  made_by TEXT NOT NULL,
  until_us BIGINT NOT NULL
);

CREATE TABLE api_key (
  key_id TEXT PRIMARY KEY,
  digest {blob} NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  shops TEXT,
  made_by TEXT NOT NULL,
  created_us BIGINT NOT NULL,
  until_us BIGINT NOT NULL,
  used_us BIGINT NOT NULL DEFAULT 0,
  ended INTEGER NOT NULL DEFAULT 0
);

-- The first answer to a write that carried an Idempotency-Key. status 0: under way until until_us.
CREATE TABLE kept_answer (
  key {blob} NOT NULL PRIMARY KEY,
  request {blob} NOT NULL,
  status INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body {blob} NOT NULL,
  until_us BIGINT NOT NULL
);

CREATE INDEX kept_answer_until ON kept_answer (until_us);
