-- When the worker that has a task took it: since then it runs.
ALTER TABLE task ADD COLUMN started_at_us BIGINT;
