-- gone: the platform itself said that the item was deleted.

ALTER TABLE nomination ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
