-- What many rows of are looked at is kept apart from what is wide. The rows of the index, in the order of freshness, are
-- narrow: a thousand listings of all days then touch few of its pages. What SQLite's full text search must be told again to
-- forget a listing stands by itself, in the order in which listings came, so that it is written at the end.
-- Listings stored before are put in when they are pulled next.

-- sqlite:
DROP TABLE listing_text;
DROP TABLE listing_index;

CREATE TABLE listing_index (
    fresh BIGINT PRIMARY KEY,
    number BIGINT NOT NULL,
    source TEXT NOT NULL,
    expires_at_us BIGINT,
    salary_year_micros BIGINT,
    latitude_micros BIGINT,
    longitude_micros BIGINT
) TABLE_OPTIONS;
CREATE TABLE listing_terms (
    number BIGINT PRIMARY KEY REFERENCES listing (number),
    fresh BIGINT NOT NULL, -- its key in listing_index and listing_text
    words TEXT NOT NULL,
    marks TEXT NOT NULL
) TABLE_OPTIONS;
-- Words are folded already: what is not ASCII is part of a word. Nothing asks where in a text a word stands, or how long
-- the text is.
CREATE VIRTUAL TABLE listing_text USING fts5 (words, marks, content = '', tokenize = "porter ascii tokenchars '_-'",
    detail = none, columnsize = 0);
-- The program adds to listing_text next to a new row: a statement with a trigger is a step of its own that can be undone,
-- and at each such step FTS5 writes out what it holds in memory.
CREATE TRIGGER listing_terms_change AFTER UPDATE OF words, marks ON listing_terms
WHEN old.words <> new.words OR old.marks <> new.marks BEGIN
    INSERT INTO listing_text (listing_text, rowid, words, marks) VALUES ('delete', old.fresh, old.words, old.marks);
    INSERT INTO listing_text (rowid, words, marks) VALUES (new.fresh, new.words, new.marks);
END;
CREATE TRIGGER listing_terms_remove AFTER DELETE ON listing_terms BEGIN
    INSERT INTO listing_text (listing_text, rowid, words, marks) VALUES ('delete', old.fresh, old.words, old.marks);
    DELETE FROM listing_index WHERE fresh = old.fresh;
END;
CREATE INDEX listing_index_expiry ON listing_index (source, expires_at_us) WHERE expires_at_us IS NOT NULL;
-- postgres:
-- Keys and blocks are other ones.
TRUNCATE listing_index;
-- both:
