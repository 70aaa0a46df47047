-- The index of words is written by the program, next to its row: a statement with a trigger is a step of its own that can
-- be undone, and at each such step FTS5 writes out what it holds in memory.

-- sqlite:
DROP TRIGGER listing_text_add;
