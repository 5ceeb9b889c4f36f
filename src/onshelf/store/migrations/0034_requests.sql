-- Requests of programs in the audit log, read from its end. One key's are found by audit_calls (actor, at_us).
CREATE INDEX audit_requests_at ON audit (at_us, writer, number) WHERE kind = 'request';
CREATE INDEX audit_requests_action ON audit (action, at_us, writer, number) WHERE kind = 'request';
CREATE INDEX audit_requests_subject ON audit (subject, at_us, writer, number) WHERE kind = 'request';
