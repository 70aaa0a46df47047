-- What was asked for when a report was delivered again; NULL when nothing was. It tells how far a pull looked.
ALTER TABLE report_sighting ADD COLUMN window_since_us BIGINT;
ALTER TABLE report_sighting ADD COLUMN window_until_us BIGINT;
