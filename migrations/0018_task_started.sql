-- When the worker that has a task took it: since then it runs.
ALTER TABLE task ADD COLUMN started_at_us BIGINT;

-- Whether a dead task's work was done since.
CREATE INDEX task_done ON task (kind, key, id) WHERE state = 2;
