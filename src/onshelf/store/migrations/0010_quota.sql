-- What an app may call, as a person told or the gateway taught (in place of the settings), and the calendar of closures.

CREATE TABLE quota_limit (
  app_key TEXT NOT NULL,
  scope TEXT NOT NULL,
  window_s INTEGER NOT NULL,
  calls BIGINT NOT NULL,
  source TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (app_key, scope, window_s)
);

-- methods: names or patterns, one a line.
CREATE TABLE quota_closure (
  name TEXT NOT NULL PRIMARY KEY,
  from_us BIGINT NOT NULL,
  to_us BIGINT NOT NULL,
  methods TEXT NOT NULL,
  per_minute INTEGER NOT NULL
);
