-- told_us: when somebody was told that no messages come; 0: nobody, or it is over.

ALTER TABLE push_link ADD COLUMN told_us BIGINT NOT NULL DEFAULT 0;
