-- How often a key may ask. Both NULL: as the configuration says of all keys; both 0: as often as it likes.
ALTER TABLE api_key ADD COLUMN limit_count BIGINT CHECK (limit_count >= 0);
ALTER TABLE api_key ADD COLUMN limit_window_us BIGINT CHECK (limit_window_us >= 0);
