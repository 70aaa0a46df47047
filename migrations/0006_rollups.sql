-- What was shown, clicked and earned by source and hour of UTC; days are sums of hours. Rollups follow from searches,
-- clicks and entries, and can be computed anew at any time: see revenue/rollup.h.
--
-- Counts have no currency: they stand in the row of currency ''. So every column may be summed over any rows.
CREATE TABLE rollup (
    hour_us BIGINT NOT NULL,           -- the moment it begins
    source TEXT NOT NULL,
    currency TEXT NOT NULL,
    impressions BIGINT NOT NULL,       -- listings shown
    clicks BIGINT NOT NULL,            -- gross
    counted_clicks BIGINT NOT NULL,
    attributed_micros BIGINT NOT NULL, -- earned in this hour, as far as known
    unattributed_micros BIGINT NOT NULL,
    run BIGINT NOT NULL,               -- the run that changed it last
    changed_at_us BIGINT NOT NULL,
    PRIMARY KEY (hour_us, source, currency)
) TABLE_OPTIONS;
CREATE INDEX rollup_by_run ON rollup (run);

-- Hours of which something new was recorded, noted by the transaction that recorded it. A writer never waits for
-- another's mark: on PostgreSQL, where several write at once, each transaction has its own.
CREATE TABLE rollup_mark (
    hour_us BIGINT NOT NULL,
    writer BIGINT NOT NULL,
    PRIMARY KEY (hour_us, writer)
) TABLE_OPTIONS;

-- Hours that a run has taken from the marks and not computed yet. A later run takes them over.
CREATE TABLE rollup_due (
    hour_us BIGINT NOT NULL PRIMARY KEY,
    run BIGINT NOT NULL
) TABLE_OPTIONS;

-- One row.
CREATE TABLE rollup_state (
    run BIGINT NOT NULL,               -- the newest
    complete_run BIGINT NOT NULL,      -- the newest that has computed all its hours
    complete_at_us BIGINT
) TABLE_OPTIONS;
INSERT INTO rollup_state (run, complete_run) VALUES (0, 0);

-- The remainder is mended because it is negative before 1970.
INSERT INTO rollup_mark (hour_us, writer)
SELECT DISTINCT at_us - (at_us % 3600000000 + 3600000000) % 3600000000, 0
FROM (SELECT at_us FROM search UNION SELECT at_us FROM click UNION SELECT effective_at_us FROM entry) AS known;

-- sqlite:
CREATE TRIGGER search_marks_rollup AFTER INSERT ON search
BEGIN
    INSERT INTO rollup_mark (hour_us, writer)
    VALUES (NEW.at_us - (NEW.at_us % 3600000000 + 3600000000) % 3600000000, 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER click_marks_rollup AFTER INSERT ON click
BEGIN
    INSERT INTO rollup_mark (hour_us, writer)
    VALUES (NEW.at_us - (NEW.at_us % 3600000000 + 3600000000) % 3600000000, 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER entry_marks_rollup AFTER INSERT ON entry
BEGIN
    INSERT INTO rollup_mark (hour_us, writer)
    VALUES (NEW.effective_at_us - (NEW.effective_at_us % 3600000000 + 3600000000) % 3600000000, 0)
    ON CONFLICT DO NOTHING;
END;
-- postgres:
CREATE FUNCTION rollup_marks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moment BIGINT;
BEGIN
    IF TG_TABLE_NAME = 'entry' THEN
        moment := NEW.effective_at_us;
    ELSE
        moment := NEW.at_us;
    END IF;
    INSERT INTO rollup_mark (hour_us, writer)
    VALUES (moment - (moment % 3600000000 + 3600000000) % 3600000000, txid_current()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER search_marks_rollup AFTER INSERT ON search FOR EACH ROW EXECUTE FUNCTION rollup_marks();
CREATE TRIGGER click_marks_rollup AFTER INSERT ON click FOR EACH ROW EXECUTE FUNCTION rollup_marks();
CREATE TRIGGER entry_marks_rollup AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION rollup_marks();
-- both:
