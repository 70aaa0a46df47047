-- When a partner last said that the state which pull_id read is still how things stand; NULL: not since. It makes the prices
-- of that state as young as an answer without news is.
ALTER TABLE feed_validator ADD COLUMN confirmed_at_us BIGINT;
