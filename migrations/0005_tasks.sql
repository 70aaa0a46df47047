-- The durable queue. state: 0 ready, 1 running, 2 done, 3 dead. A live task is unique by kind and key.
CREATE TABLE task (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 3),
    attempts BIGINT NOT NULL,
    run_at_us BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    lease_until_us BIGINT NOT NULL,
    worker TEXT,
    schedule TEXT,
    slot_us BIGINT,
    created_at_us BIGINT NOT NULL,
    finished_at_us BIGINT,
    message TEXT
) TABLE_OPTIONS;
CREATE UNIQUE INDEX task_live ON task (kind, key) WHERE state IN (0, 1);
CREATE INDEX task_due ON task (run_at_us) WHERE state = 0;
CREATE INDEX task_leased ON task (lease_until_us) WHERE state = 1;
CREATE INDEX task_finished ON task (finished_at_us) WHERE state IN (2, 3);

-- When tasks arise: every so often, or as cron says in a zone. missed: what becomes of slots that nobody saw in time:
-- 0 the last makes up for all, 1 none fires, 2 all fire. A slot is one tick; its row is written in the transaction that
-- adds the task, so that no number of nodes makes a tick fire twice.
CREATE TABLE schedule (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    every_us BIGINT NOT NULL CHECK (every_us >= 0),
    offset_us BIGINT NOT NULL,
    cron TEXT,
    zone TEXT NOT NULL,
    missed BIGINT NOT NULL CHECK (missed BETWEEN 0 AND 2),
    paused BIGINT NOT NULL,
    next_slot_us BIGINT NOT NULL,
    CHECK ((every_us > 0 AND cron IS NULL) OR (every_us = 0 AND cron IS NOT NULL))
) TABLE_OPTIONS;

CREATE TABLE schedule_slot (
    schedule TEXT NOT NULL,
    slot_us BIGINT NOT NULL,
    task_id BIGINT,
    made_at_us BIGINT NOT NULL,
    PRIMARY KEY (schedule, slot_us)
) TABLE_OPTIONS;
