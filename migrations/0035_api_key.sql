-- Keys of who may ask the API. A key itself is nowhere: only its BLAKE2b hash.
CREATE TABLE api_key (
    name TEXT NOT NULL PRIMARY KEY,    -- of the consumer
    hash BYTEA NOT NULL UNIQUE,
    scopes BIGINT NOT NULL CHECK (scopes BETWEEN 1 AND 7), -- bits: 1 search, 2 feed, 4 operations
    created_at_us BIGINT NOT NULL,
    revoked_at_us BIGINT               -- NULL: it holds
) TABLE_OPTIONS;
