-- Revenue in three append-only layers, each rebuilt from the one before: report (bytes as received) -> revision (a line
-- as it stood at one moment) -> entry (balanced postings). Ids are given under the ledger's lock: they have no gaps and
-- rise in the order of commits. Foreign keys are deferred, since a row of totals is written last.

CREATE TABLE report (
    id BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,                -- the report's name in the source's definition, or 'postback'
    line_kind TEXT NOT NULL,           -- kind of its lines: a postback speaks of a line of the source's report
    origin TEXT NOT NULL CHECK (origin IN ('pull', 'import', 'postback')),
    window_since_us BIGINT,            -- what was asked for; NULL when nothing was
    window_until_us BIGINT,
    received_at_us BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,             -- of the bytes; of several parts: of their hashes
    bytes BIGINT NOT NULL,
    parts BIGINT NOT NULL,             -- pages of one pull; 1 for a file
    content_type TEXT,
    parser_version BIGINT NOT NULL,
    lines BIGINT NOT NULL,             -- read, quarantined ones not included
    new_lines BIGINT NOT NULL,
    changed_lines BIGINT NOT NULL,
    same_lines BIGINT NOT NULL,        -- as they stood, or twice in this report
    stale_lines BIGINT NOT NULL,       -- older than what was known
    quarantined BIGINT NOT NULL,
    CHECK (lines = new_lines + changed_lines + same_lines + stale_lines)
) TABLE_OPTIONS;
CREATE INDEX report_by_hash ON report (source, kind, sha256);

CREATE TABLE report_chunk (
    report_id BIGINT NOT NULL REFERENCES report (id) DEFERRABLE INITIALLY DEFERRED,
    part BIGINT NOT NULL,              -- from 1
    number BIGINT NOT NULL,            -- from 1
    size BIGINT NOT NULL,              -- before compression
    deflated BYTEA NOT NULL,           -- zlib
    PRIMARY KEY (report_id, part, number)
) TABLE_OPTIONS;

-- A report that was delivered again, byte for byte.
CREATE TABLE report_sighting (
    id BIGINT NOT NULL PRIMARY KEY,
    report_id BIGINT NOT NULL REFERENCES report (id) DEFERRABLE INITIALLY DEFERRED,
    origin TEXT NOT NULL,
    seen_at_us BIGINT NOT NULL
) TABLE_OPTIONS;
CREATE INDEX report_sighting_by_report ON report_sighting (report_id);

-- Lines that were not believed. The first ones of each report are kept here, the rest are only counted in it.
CREATE TABLE report_quarantine (
    report_id BIGINT NOT NULL REFERENCES report (id) DEFERRABLE INITIALLY DEFERRED,
    number BIGINT NOT NULL,            -- from 1
    part BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    field TEXT,
    reason TEXT NOT NULL,              -- one word
    text TEXT NOT NULL,                -- a sentence
    PRIMARY KEY (report_id, number)
) TABLE_OPTIONS;

CREATE TABLE line (
    id BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    line_key TEXT NOT NULL,            -- the partner's ("id:..."), or made of what the line is about ("row:...")
    UNIQUE (source, kind, line_key)
) TABLE_OPTIONS;
CREATE INDEX line_by_key ON line (line_key);

CREATE TABLE revision (
    id BIGINT NOT NULL PRIMARY KEY,
    line_id BIGINT NOT NULL REFERENCES line (id) DEFERRABLE INITIALLY DEFERRED,
    rev BIGINT NOT NULL CHECK (rev >= 1),
    content_sha256 BYTEA NOT NULL,
    version_at_us BIGINT,
    status TEXT CHECK (status IN ('pending', 'approved', 'reversed', 'paid')),
    event_at_us BIGINT,
    click_at_us BIGINT,
    effective_at_us BIGINT NOT NULL,   -- when it was earned, as far as anybody knows
    amount_micros BIGINT NOT NULL,     -- as the partner writes it
    earned_micros BIGINT NOT NULL,     -- what it counts for: nothing when reversed
    currency TEXT NOT NULL,
    clicks BIGINT,
    impressions BIGINT,
    sub_id TEXT,
    original_key TEXT,
    report_id BIGINT NOT NULL REFERENCES report (id) DEFERRABLE INITIALLY DEFERRED,
    part BIGINT NOT NULL,
    row_number BIGINT NOT NULL,
    recorded_at_us BIGINT NOT NULL,
    UNIQUE (line_id, rev)
) TABLE_OPTIONS;
CREATE INDEX revision_by_sub_id ON revision (sub_id);
CREATE INDEX revision_by_report ON revision (report_id);
CREATE INDEX revision_by_effective ON revision (effective_at_us);

-- One balanced change. Its row is written after its entries and is their seal: it is refused unless they sum to zero in
-- each currency, and entries are refused once it stands. Entries without it cannot be committed.
CREATE TABLE txn (
    id BIGINT NOT NULL PRIMARY KEY,
    revision_id BIGINT NOT NULL REFERENCES revision (id) DEFERRABLE INITIALLY DEFERRED,
    reason TEXT NOT NULL,
    recorded_at_us BIGINT NOT NULL
) TABLE_OPTIONS;

-- Also spares SQLite a scan for each revision while foreign keys wait for their report.
CREATE INDEX txn_by_revision ON txn (revision_id);

-- Debits are positive, credits negative: what a partner owes is the sum of 'receivable', what was earned is the
-- negated sum of 'attributed' and 'unattributed'.
CREATE TABLE entry (
    id BIGINT NOT NULL PRIMARY KEY,
    txn_id BIGINT NOT NULL REFERENCES txn (id) DEFERRABLE INITIALLY DEFERRED,
    account TEXT NOT NULL CHECK (account IN ('receivable', 'attributed', 'unattributed')),
    source TEXT NOT NULL,
    line_id BIGINT NOT NULL REFERENCES line (id) DEFERRABLE INITIALLY DEFERRED,
    amount_micros BIGINT NOT NULL CHECK (amount_micros <> 0),
    currency TEXT NOT NULL,
    effective_at_us BIGINT NOT NULL,
    rung TEXT NOT NULL,                -- how the click was found: see revenue/attribution.h; '' on receivable
    click_id BIGINT,
    search_id BIGINT,
    CHECK ((account = 'attributed') = (click_id IS NOT NULL))
) TABLE_OPTIONS;
CREATE INDEX entry_by_txn ON entry (txn_id);
CREATE INDEX entry_by_line ON entry (line_id);
CREATE INDEX entry_by_click ON entry (click_id);
CREATE INDEX entry_by_effective ON entry (effective_at_us);

-- sqlite:
CREATE TRIGGER report_refuses_update BEFORE UPDATE ON report
BEGIN
    SELECT RAISE(ABORT, 'report is append-only');
END;
CREATE TRIGGER report_refuses_delete BEFORE DELETE ON report
BEGIN
    SELECT RAISE(ABORT, 'report is append-only');
END;
CREATE TRIGGER report_chunk_refuses_update BEFORE UPDATE ON report_chunk
BEGIN
    SELECT RAISE(ABORT, 'report_chunk is append-only');
END;
CREATE TRIGGER report_chunk_refuses_delete BEFORE DELETE ON report_chunk
BEGIN
    SELECT RAISE(ABORT, 'report_chunk is append-only');
END;
CREATE TRIGGER report_sighting_refuses_update BEFORE UPDATE ON report_sighting
BEGIN
    SELECT RAISE(ABORT, 'report_sighting is append-only');
END;
CREATE TRIGGER report_sighting_refuses_delete BEFORE DELETE ON report_sighting
BEGIN
    SELECT RAISE(ABORT, 'report_sighting is append-only');
END;
CREATE TRIGGER report_quarantine_refuses_update BEFORE UPDATE ON report_quarantine
BEGIN
    SELECT RAISE(ABORT, 'report_quarantine is append-only');
END;
CREATE TRIGGER report_quarantine_refuses_delete BEFORE DELETE ON report_quarantine
BEGIN
    SELECT RAISE(ABORT, 'report_quarantine is append-only');
END;
CREATE TRIGGER line_refuses_update BEFORE UPDATE ON line
BEGIN
    SELECT RAISE(ABORT, 'line is append-only');
END;
CREATE TRIGGER line_refuses_delete BEFORE DELETE ON line
BEGIN
    SELECT RAISE(ABORT, 'line is append-only');
END;
CREATE TRIGGER revision_refuses_update BEFORE UPDATE ON revision
BEGIN
    SELECT RAISE(ABORT, 'revision is append-only');
END;
CREATE TRIGGER revision_refuses_delete BEFORE DELETE ON revision
BEGIN
    SELECT RAISE(ABORT, 'revision is append-only');
END;
CREATE TRIGGER txn_refuses_update BEFORE UPDATE ON txn
BEGIN
    SELECT RAISE(ABORT, 'txn is append-only');
END;
CREATE TRIGGER txn_refuses_delete BEFORE DELETE ON txn
BEGIN
    SELECT RAISE(ABORT, 'txn is append-only');
END;
CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON entry
BEGIN
    SELECT RAISE(ABORT, 'entry is append-only');
END;
CREATE TRIGGER entry_refuses_delete BEFORE DELETE ON entry
BEGIN
    SELECT RAISE(ABORT, 'entry is append-only');
END;
-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER report_refuses_replace BEFORE INSERT ON report WHEN EXISTS (SELECT 1 FROM report WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'report is append-only');
END;
CREATE TRIGGER line_refuses_replace BEFORE INSERT ON line WHEN EXISTS (SELECT 1 FROM line WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'line is append-only');
END;
CREATE TRIGGER revision_refuses_replace BEFORE INSERT ON revision WHEN EXISTS (SELECT 1 FROM revision WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'revision is append-only');
END;
CREATE TRIGGER txn_refuses_replace BEFORE INSERT ON txn WHEN EXISTS (SELECT 1 FROM txn WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'txn is append-only');
END;
CREATE TRIGGER entry_refuses_replace BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM entry WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'entry is append-only');
END;
CREATE TRIGGER entry_refuses_sealed BEFORE INSERT ON entry WHEN EXISTS (SELECT 1 FROM txn WHERE id = NEW.txn_id)
BEGIN
    SELECT RAISE(ABORT, 'the transaction of this entry is sealed');
END;
CREATE TRIGGER txn_balances AFTER INSERT ON txn
BEGIN
    SELECT RAISE(ABORT, 'a transaction needs entries') WHERE NOT EXISTS (SELECT 1 FROM entry WHERE txn_id = NEW.id);
    SELECT RAISE(ABORT, 'entries of a transaction must sum to zero')
    WHERE EXISTS (SELECT 1 FROM entry WHERE txn_id = NEW.id GROUP BY currency HAVING SUM(amount_micros) <> 0);
END;
-- postgres:
CREATE FUNCTION revenue_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER report_refuses_change BEFORE UPDATE OR DELETE ON report FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER report_refuses_truncate BEFORE TRUNCATE ON report FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER report_chunk_refuses_change BEFORE UPDATE OR DELETE ON report_chunk FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER report_chunk_refuses_truncate BEFORE TRUNCATE ON report_chunk FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER report_sighting_refuses_change BEFORE UPDATE OR DELETE ON report_sighting FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER report_sighting_refuses_truncate BEFORE TRUNCATE ON report_sighting FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER report_quarantine_refuses_change BEFORE UPDATE OR DELETE ON report_quarantine FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER report_quarantine_refuses_truncate BEFORE TRUNCATE ON report_quarantine FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER line_refuses_change BEFORE UPDATE OR DELETE ON line FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER line_refuses_truncate BEFORE TRUNCATE ON line FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER revision_refuses_change BEFORE UPDATE OR DELETE ON revision FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER revision_refuses_truncate BEFORE TRUNCATE ON revision FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER txn_refuses_change BEFORE UPDATE OR DELETE ON txn FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER txn_refuses_truncate BEFORE TRUNCATE ON txn FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER entry_refuses_change BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER entry_refuses_truncate BEFORE TRUNCATE ON entry FOR EACH STATEMENT EXECUTE FUNCTION revenue_refuses();
CREATE FUNCTION entry_refuses_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM txn WHERE id = NEW.txn_id) THEN
        RAISE EXCEPTION 'the transaction of this entry is sealed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_refuses_sealed BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION entry_refuses_sealed();
CREATE FUNCTION txn_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM entry WHERE txn_id = NEW.id) THEN
        RAISE EXCEPTION 'a transaction needs entries' USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM entry WHERE txn_id = NEW.id GROUP BY currency HAVING SUM(amount_micros) <> 0) THEN
        RAISE EXCEPTION 'entries of a transaction must sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER txn_balances AFTER INSERT ON txn FOR EACH ROW EXECUTE FUNCTION txn_balances();
-- both:
