-- A shop's alerts of every state, and those of a cause as loud as asked for.
CREATE INDEX alert_of_shop ON alert (shop_id, changed_us, fingerprint);

CREATE INDEX alert_of_cause ON alert (cause, severity, changed_us, fingerprint);
