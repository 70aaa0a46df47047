-- Small facts that all nodes of one deployment share and that are made once: the token key ring, node ids.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) TABLE_OPTIONS;
