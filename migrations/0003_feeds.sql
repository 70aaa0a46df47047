-- Listings of bulk feeds. words holds the folded text that both engines index, so that a search means the same on both.
CREATE TABLE listing (
    number BIGINT PRIMARY KEY,
    public_id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    title TEXT NOT NULL,
    company TEXT,
    location TEXT,
    country TEXT,
    latitude_micros BIGINT,
    longitude_micros BIGINT,
    remote BIGINT NOT NULL,
    employment_types BIGINT NOT NULL,
    salary_min_micros BIGINT,
    salary_max_micros BIGINT,
    salary_currency TEXT,
    salary_period BIGINT NOT NULL,
    salary_predicted BIGINT NOT NULL,
    salary_text TEXT,
    posted_at_us BIGINT,
    expires_at_us BIGINT,
    snippet TEXT,
    description TEXT,
    category TEXT,
    url TEXT NOT NULL,
    bid_micros BIGINT,
    bid_currency TEXT,
    words TEXT NOT NULL,
    place TEXT NOT NULL,
    content_hash BIGINT NOT NULL,
    first_seen_us BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL
) TABLE_OPTIONS;

-- Which pull saw a listing last: a narrow row, so that a pull without news writes little.
CREATE TABLE listing_seen (
    number BIGINT PRIMARY KEY REFERENCES listing (number),
    source TEXT NOT NULL,
    pull_id BIGINT NOT NULL,
    absences BIGINT NOT NULL,
    gone_at_us BIGINT
) TABLE_OPTIONS;
CREATE INDEX listing_seen_source ON listing_seen (source, pull_id);

CREATE TABLE feed_pull (
    id BIGINT PRIMARY KEY,
    source TEXT NOT NULL,
    started_at_us BIGINT NOT NULL,
    ended_at_us BIGINT,
    status TEXT NOT NULL,
    records BIGINT NOT NULL,
    added BIGINT NOT NULL,
    same BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    gone BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    message TEXT
) TABLE_OPTIONS;
CREATE INDEX feed_pull_source ON feed_pull (source, id);

-- sqlite:
CREATE VIRTUAL TABLE listing_text USING fts5 (words, content = 'listing', content_rowid = 'number',
    tokenize = 'porter unicode61');
CREATE TRIGGER listing_text_add AFTER INSERT ON listing BEGIN
    INSERT INTO listing_text (rowid, words) VALUES (new.number, new.words);
END;
CREATE TRIGGER listing_text_change AFTER UPDATE OF words ON listing BEGIN
    INSERT INTO listing_text (listing_text, rowid, words) VALUES ('delete', old.number, old.words);
    INSERT INTO listing_text (rowid, words) VALUES (new.number, new.words);
END;
CREATE TRIGGER listing_text_remove AFTER DELETE ON listing BEGIN
    INSERT INTO listing_text (listing_text, rowid, words) VALUES ('delete', old.number, old.words);
END;
-- postgres:
-- Porter's stemmer and no stop words, as in SQLite: who looks for IT means it.
CREATE TEXT SEARCH DICTIONARY weir_stem (TEMPLATE = snowball, LANGUAGE = porter);
CREATE TEXT SEARCH CONFIGURATION weir (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION weir ADD MAPPING FOR asciiword, word, numword, hword, asciihword, numhword, hword_part,
    hword_asciipart, hword_numpart WITH weir_stem;
ALTER TEXT SEARCH CONFIGURATION weir ADD MAPPING FOR int, uint, float, sfloat, version, email, host, url, file
    WITH simple;
CREATE INDEX listing_text ON listing USING gin (to_tsvector('weir', words));
-- both:
