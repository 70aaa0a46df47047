-- Each time a consumer takes the feed: its id is the search id of the links in it, so that a click and what it earned
-- lead back to the consumer.
CREATE TABLE feed_download (
    id BIGINT NOT NULL PRIMARY KEY,
    begun_at_us BIGINT NOT NULL,
    ended_at_us BIGINT,   -- NULL: under way, or broken off
    consumer TEXT,
    channel TEXT,
    format TEXT NOT NULL,
    filters TEXT NOT NULL, -- JSON
    listings BIGINT        -- in it, when it ended
) TABLE_OPTIONS;

-- Of a pull: rows that were there twice, word for word, and ids that stood for two listings.
ALTER TABLE feed_pull ADD COLUMN repeated BIGINT NOT NULL DEFAULT 0;
ALTER TABLE feed_pull ADD COLUMN clashed BIGINT NOT NULL DEFAULT 0;

-- What a partner said of the state of its feed that was read last (RFC 9110, section 8.8), to be asked whether it has
-- changed since.
CREATE TABLE feed_validator (
    source TEXT NOT NULL PRIMARY KEY,
    pull_id BIGINT NOT NULL, -- that read it
    etag TEXT,
    last_modified TEXT
) TABLE_OPTIONS;
