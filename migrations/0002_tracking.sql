-- What was shown and clicked. Both are written once, by the spool's shipper, and never changed.
CREATE TABLE search (
    id BIGINT PRIMARY KEY,
    at_us BIGINT NOT NULL,
    keywords TEXT,
    location TEXT,
    country TEXT,
    mode TEXT,
    client TEXT,
    took_us BIGINT NOT NULL,
    partial BIGINT NOT NULL,
    shown_count BIGINT NOT NULL,
    shown TEXT NOT NULL,   -- JSON: [{"source", "listing_id", "title", "bid"}, ...] in order of position
    sources TEXT           -- JSON, as answered
) TABLE_OPTIONS;
CREATE INDEX search_at ON search (at_us);

CREATE TABLE click (
    id BIGINT PRIMARY KEY,
    at_us BIGINT NOT NULL,
    search_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    source TEXT NOT NULL,
    listing_id TEXT,
    bid_micros BIGINT NOT NULL,
    bid_currency TEXT NOT NULL,
    flags BIGINT NOT NULL, -- why it does not count: a set of ClickFlag; 0 counts
    sub_id TEXT,
    visitor_hash TEXT,
    user_agent_family TEXT
) TABLE_OPTIONS;
CREATE INDEX click_sub_id ON click (source, sub_id);
CREATE INDEX click_search ON click (search_id);
CREATE INDEX click_at ON click (at_us);
