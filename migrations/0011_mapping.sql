-- How often each field of a source had a value, by hour: what drift of a format is seen in. "record" counts answers, and
-- those of them that had a record.
CREATE TABLE mapping_fill (
    source TEXT NOT NULL,
    operation TEXT NOT NULL,           -- 'search' or 'feed'
    field TEXT NOT NULL,               -- as in a definition: 'salary.min'
    hour_us BIGINT NOT NULL,           -- the hour's beginning
    seen BIGINT NOT NULL,
    filled BIGINT NOT NULL,
    PRIMARY KEY (source, operation, field, hour_us),
    CHECK (seen >= filled AND filled >= 0)
) TABLE_OPTIONS;
CREATE INDEX mapping_fill_by_hour ON mapping_fill (hour_us);

-- What was lost, and why.
CREATE TABLE mapping_loss (
    source TEXT NOT NULL,
    operation TEXT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,              -- one word
    dropped BIGINT NOT NULL CHECK (dropped IN (0, 1)), -- 1: the whole record
    hour_us BIGINT NOT NULL,
    lost BIGINT NOT NULL CHECK (lost > 0),
    PRIMARY KEY (source, operation, field, reason, dropped, hour_us)
) TABLE_OPTIONS;
CREATE INDEX mapping_loss_by_hour ON mapping_loss (hour_us);

-- A few of the records that lost something, as the partner wrote them: the newest ones of each source.
CREATE TABLE mapping_quarantine (
    id BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    operation TEXT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    dropped BIGINT NOT NULL CHECK (dropped IN (0, 1)),
    row_number BIGINT NOT NULL,        -- within its answer, from 1
    text TEXT NOT NULL,                -- a sentence
    raw TEXT NOT NULL,                 -- secrets hidden; may be cut
    recorded_at_us BIGINT NOT NULL
) TABLE_OPTIONS;
CREATE INDEX mapping_quarantine_by_source ON mapping_quarantine (source, id);
