-- Which key made an invitation: names of keys are free again once a key has ended, its id never is. Empty: a person made it.

ALTER TABLE invitation ADD COLUMN key_id TEXT NOT NULL DEFAULT '';

UPDATE invitation SET key_id = (SELECT MIN(one.key_id) FROM api_key AS one WHERE 'key:' || one.name = invitation.made_by)
WHERE made_by IN (SELECT 'key:' || one.name FROM api_key AS one GROUP BY one.name HAVING COUNT(*) = 1);

-- Of several keys of one name nobody can tell which made a link, so that ending one could not make it void.
DELETE FROM invitation WHERE made_by LIKE 'key:%' AND key_id = '';
