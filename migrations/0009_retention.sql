-- What is forgotten after a time, and what that needs. Reports, lines, revisions and entries are not: they are the books.

-- One row: hours before floor_us keep the counts that their rollups have, since their searches and clicks are being
-- thrown away; up to where that has been done. Clicks that earned stay, and so do their searches.
CREATE TABLE event_retention (
    floor_us BIGINT NOT NULL,
    clicks_swept_us BIGINT NOT NULL,
    searches_swept_us BIGINT NOT NULL
) TABLE_OPTIONS;
INSERT INTO event_retention (floor_us, clicks_swept_us, searches_swept_us) VALUES (0, 0, 0);

CREATE INDEX feed_pull_running ON feed_pull (source) WHERE status = 'running';
CREATE INDEX listing_seen_gone ON listing_seen (gone_at_us) WHERE gone_at_us IS NOT NULL;
CREATE INDEX schedule_slot_made ON schedule_slot (made_at_us);
CREATE INDEX alert_resolved ON alert (resolved_at_us) WHERE resolved_at_us IS NOT NULL;
CREATE INDEX reconciliation_by_fetch ON reconciliation (fetch_id);

-- What a partner said is still never changed. What it said last of a day stays; what it said before may go.
-- sqlite:
DROP TRIGGER totals_fetch_refuses_delete;
DROP TRIGGER partner_total_refuses_delete;
CREATE TRIGGER partner_total_refuses_delete BEFORE DELETE ON partner_total
WHEN EXISTS (SELECT 1 FROM reconciliation WHERE fetch_id = OLD.fetch_id)
BEGIN
    SELECT RAISE(ABORT, 'a total that was compared last is kept');
END;
-- postgres:
DROP TRIGGER totals_fetch_refuses_change ON totals_fetch;
DROP TRIGGER partner_total_refuses_change ON partner_total;
CREATE TRIGGER totals_fetch_refuses_update BEFORE UPDATE ON totals_fetch FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER partner_total_refuses_update BEFORE UPDATE ON partner_total FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE FUNCTION partner_total_refuses_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM reconciliation WHERE fetch_id = OLD.fetch_id) THEN
        RAISE EXCEPTION 'a total that was compared last is kept' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER partner_total_refuses_delete BEFORE DELETE ON partner_total FOR EACH ROW EXECUTE FUNCTION partner_total_refuses_delete();
-- both:
