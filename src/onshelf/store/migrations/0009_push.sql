-- Whom a pushed message is about, and how each feed of messages fares.

ALTER TABLE inbox ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
ALTER TABLE inbox ADD COLUMN nick TEXT NOT NULL DEFAULT '';

-- way: "socket", "http", or "" when not connected; alive_us: when its process last said that this still holds.
CREATE TABLE push_link (
  app_key TEXT NOT NULL,
  group_name TEXT NOT NULL,
  way TEXT NOT NULL,
  why TEXT NOT NULL,
  since_us BIGINT NOT NULL,
  alive_us BIGINT NOT NULL,
  last_us BIGINT NOT NULL,
  PRIMARY KEY (app_key, group_name)
);
