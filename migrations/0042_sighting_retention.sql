-- That a report was delivered again is noted each time, for hours on end; the notes are no part of the books. One that
-- a later one of the same report and origin stands for may go.
-- sqlite:
DROP TRIGGER report_sighting_refuses_delete;
CREATE TRIGGER report_sighting_refuses_delete BEFORE DELETE ON report_sighting
WHEN NOT EXISTS (SELECT 1 FROM report_sighting WHERE report_id = OLD.report_id AND origin = OLD.origin AND id > OLD.id)
BEGIN
    SELECT RAISE(ABORT, 'the last sighting of a report is kept');
END;
-- postgres:
DROP TRIGGER report_sighting_refuses_change ON report_sighting;
CREATE TRIGGER report_sighting_refuses_update BEFORE UPDATE ON report_sighting FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE FUNCTION report_sighting_refuses_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM report_sighting WHERE report_id = OLD.report_id AND origin = OLD.origin AND id > OLD.id) THEN
        RAISE EXCEPTION 'the last sighting of a report is kept' USING ERRCODE = 'check_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER report_sighting_refuses_delete BEFORE DELETE ON report_sighting FOR EACH ROW EXECUTE FUNCTION report_sighting_refuses_delete();
