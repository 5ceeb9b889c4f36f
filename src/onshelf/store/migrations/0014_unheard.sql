-- delivery_id: what a message of the inbox was confirmed by; 0: it could not be, or was kept before this step.
-- sure_us: what was received before that has certainly been confirmed.
ALTER TABLE inbox ADD COLUMN delivery_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE push_link ADD COLUMN sure_us BIGINT NOT NULL DEFAULT 0;
