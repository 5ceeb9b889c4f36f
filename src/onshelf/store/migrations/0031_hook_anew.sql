-- anew_after: tries of a message before its rests began anew, because somebody had it sent again; `attempt` counts on, for it
-- is the fence of later writes.
ALTER TABLE hook_delivery ADD COLUMN anew_after BIGINT NOT NULL DEFAULT 0;
