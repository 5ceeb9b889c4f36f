-- How many times somebody tried to sign in as nobody there is. Counted, so that it takes as long as for somebody.
CREATE TABLE stranger (
  stranger_id INTEGER PRIMARY KEY,
  tries BIGINT NOT NULL
);
