-- Sources whose key a partner refused when a search asked, and those of them that are answered again.
CREATE TABLE source_credential (
    source TEXT NOT NULL PRIMARY KEY,
    refused BIGINT NOT NULL CHECK (refused IN (0, 1)),
    message TEXT NOT NULL,             -- the partner's words when it refused, secrets hidden
    changed_at_us BIGINT NOT NULL
) TABLE_OPTIONS;
