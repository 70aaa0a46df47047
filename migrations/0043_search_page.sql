-- What searches that were answered alike showed, once for all of them: a search with page_id has it there, and '[]' and NULL
-- of its own.
CREATE TABLE search_page (
    id BIGINT PRIMARY KEY,
    made_at_us BIGINT NOT NULL, -- searches that show it began within an hour of that
    shown TEXT NOT NULL,
    sources TEXT
) TABLE_OPTIONS;
CREATE INDEX search_page_made ON search_page (made_at_us);
ALTER TABLE search ADD COLUMN page_id BIGINT;
ALTER TABLE event_retention ADD COLUMN pages_swept_us BIGINT NOT NULL DEFAULT 0;
