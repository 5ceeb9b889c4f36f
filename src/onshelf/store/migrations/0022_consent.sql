-- Consents of sellers that are asked for by a link: what its state stands for, kept as a digest, good once and for a while.
-- person_id: who alone may bring it back; empty: whoever has the link.

CREATE TABLE asked_consent (
  digest {blob} NOT NULL PRIMARY KEY,
  shop_id TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  person_id TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  until_us BIGINT NOT NULL
);
