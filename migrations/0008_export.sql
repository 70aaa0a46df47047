-- What left for the warehouse. An export is one batch of one table on its way into one file; its row says what must be
-- in the file, so that a batch that was interrupted is finished with the same rows, whoever finishes it.
CREATE TABLE export (
    id BIGINT PRIMARY KEY,
    table_name TEXT NOT NULL,
    after_id BIGINT NOT NULL,          -- rows with after_id < id <= last_id, without the late ones;
    last_id BIGINT NOT NULL,           -- after_id = last_id = -1: late ones alone, those of export_late
    state TEXT NOT NULL CHECK (state IN ('prepared', 'written')),
    prepared_at_us BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    format TEXT,                       -- from here on: known when written
    object_key TEXT,
    sha256 TEXT,
    bytes BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    min_id BIGINT NOT NULL,
    max_id BIGINT NOT NULL,
    sums TEXT NOT NULL                 -- JSON: micros by currency
) TABLE_OPTIONS;
CREATE INDEX export_by_table ON export (table_name, id);
CREATE INDEX export_prepared ON export (table_name, id) WHERE state = 'prepared';

-- How far each table has been given to exports, and what became of them.
CREATE TABLE export_watermark (
    table_name TEXT PRIMARY KEY,
    base TEXT NOT NULL,
    last_id BIGINT NOT NULL,
    files BIGINT NOT NULL DEFAULT 0,   -- written so far
    row_count BIGINT NOT NULL DEFAULT 0,
    bytes BIGINT NOT NULL DEFAULT 0,
    failed_at_us BIGINT,               -- the last attempt to write a file failed; NULL: it did not
    error TEXT
) TABLE_OPTIONS;
INSERT INTO export_watermark (table_name, base, last_id) VALUES
    ('searches', 'search', 0), ('impressions', 'search', 0), ('clicks', 'click', 0), ('entries', 'entry', 0),
    ('revisions', 'revision', 0), ('rollups', 'rollup', 0);

-- How far each table has come in each destination: files are handed over in order of their ids.
CREATE TABLE export_delivery (
    table_name TEXT NOT NULL,
    destination TEXT NOT NULL,         -- 'folder', 's3', 'snowflake'
    address TEXT NOT NULL,             -- another one begins at the first file again
    export_id BIGINT NOT NULL,         -- all files of the table up to this one are there
    trying_id BIGINT NOT NULL,         -- the last one that was begun to be loaded,
    attempt BIGINT NOT NULL,           -- the number of the attempt at it,
    attempt_open BIGINT NOT NULL,      -- 1: which is not known to have failed
    files BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    delivered_at_us BIGINT,            -- the last file
    complete_at_us BIGINT,             -- all that was recorded up to this moment is there
    failed_at_us BIGINT,               -- the last attempt failed; NULL: it did not
    error TEXT,
    PRIMARY KEY (table_name, destination)
) TABLE_OPTIONS;

-- Rows that arrived with an id that a watermark had passed: a node was cut off for a while.
CREATE TABLE export_late (
    table_name TEXT NOT NULL,
    row_id BIGINT NOT NULL,
    export_id BIGINT,                  -- the export that takes it; NULL: none yet
    PRIMARY KEY (table_name, row_id)
) TABLE_OPTIONS;
CREATE INDEX export_late_waiting ON export_late (table_name) WHERE export_id IS NULL;
CREATE INDEX export_late_taken ON export_late (export_id);

-- Writers are serial on SQLite. On PostgreSQL the export locks the base table while it moves the watermark, so that a
-- row is either seen by it or sees the new watermark here.
-- sqlite:
CREATE TRIGGER search_late AFTER INSERT ON search BEGIN
    INSERT INTO export_late (table_name, row_id)
    SELECT table_name, NEW.id FROM export_watermark WHERE base = 'search' AND last_id >= NEW.id;
END;
CREATE TRIGGER click_late AFTER INSERT ON click BEGIN
    INSERT INTO export_late (table_name, row_id)
    SELECT table_name, NEW.id FROM export_watermark WHERE base = 'click' AND last_id >= NEW.id;
END;
-- postgres:
CREATE FUNCTION export_note_late() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO export_late (table_name, row_id)
    SELECT table_name, NEW.id FROM export_watermark WHERE base = TG_TABLE_NAME AND last_id >= NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER search_late AFTER INSERT ON search FOR EACH ROW EXECUTE FUNCTION export_note_late();
CREATE TRIGGER click_late AFTER INSERT ON click FOR EACH ROW EXECUTE FUNCTION export_note_late();
-- both:
