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
