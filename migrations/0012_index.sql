-- What searches read: one row for each listing on the shelf, under a key that orders by freshness, so that the newest
-- matches of a word are found without looking at all of them. words holds the folded text, marks what is filtered by
-- (feeds/index_terms.h). Listings stored before are put in when they are pulled next.

-- sqlite:
DROP TRIGGER listing_text_add;
DROP TRIGGER listing_text_change;
DROP TRIGGER listing_text_remove;
DROP TABLE listing_text;
-- postgres:
DROP INDEX listing_text;
-- both:
ALTER TABLE listing DROP COLUMN words;
ALTER TABLE listing DROP COLUMN place;

-- sqlite:
CREATE TABLE listing_index (
    fresh BIGINT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE REFERENCES listing (number),
    source TEXT NOT NULL,
    expires_at_us BIGINT,
    salary_year_micros BIGINT,
    latitude_micros BIGINT,
    longitude_micros BIGINT,
    words TEXT NOT NULL,
    marks TEXT NOT NULL
) TABLE_OPTIONS;
-- Words are folded already: what is not ASCII is part of a word. Nothing asks where in a text a word stands.
CREATE VIRTUAL TABLE listing_text USING fts5 (words, marks, content = 'listing_index', content_rowid = 'fresh',
    tokenize = "porter ascii tokenchars '_-'", detail = none);
CREATE TRIGGER listing_text_add AFTER INSERT ON listing_index BEGIN
    INSERT INTO listing_text (rowid, words, marks) VALUES (new.fresh, new.words, new.marks);
END;
CREATE TRIGGER listing_text_change AFTER UPDATE OF words, marks ON listing_index
WHEN old.words <> new.words OR old.marks <> new.marks BEGIN
    INSERT INTO listing_text (listing_text, rowid, words, marks) VALUES ('delete', old.fresh, old.words, old.marks);
    INSERT INTO listing_text (rowid, words, marks) VALUES (new.fresh, new.words, new.marks);
END;
CREATE TRIGGER listing_text_remove AFTER DELETE ON listing_index BEGIN
    INSERT INTO listing_text (listing_text, rowid, words, marks) VALUES ('delete', old.fresh, old.words, old.marks);
END;
-- postgres:
-- terms are the stems and the marks. They are kept out of the row, so that many rows are looked at cheaply.
CREATE TABLE listing_index (
    fresh BIGINT PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE REFERENCES listing (number),
    source TEXT NOT NULL,
    expires_at_us BIGINT,
    salary_year_micros BIGINT,
    latitude_micros BIGINT,
    longitude_micros BIGINT,
    terms TSVECTOR NOT NULL
) WITH (toast_tuple_target = 128);
CREATE INDEX listing_terms ON listing_index USING gin (terms) WITH (gin_pending_list_limit = 1024);
-- both:
CREATE INDEX listing_index_expiry ON listing_index (source, expires_at_us) WHERE expires_at_us IS NOT NULL;
