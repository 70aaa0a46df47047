-- What partners say they owe in sum, as they said it: a fetch covers days of the partner's own time zone, and a day
-- that it covers without a row has a sum of zero. Days are texts like 2026-11-24.
CREATE TABLE totals_fetch (
    id BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    fetched_at_us BIGINT NOT NULL,
    CHECK (first_day <= last_day)
) TABLE_OPTIONS;
CREATE INDEX totals_fetch_by_source ON totals_fetch (source, last_day);

CREATE TABLE partner_total (
    fetch_id BIGINT NOT NULL REFERENCES totals_fetch (id),
    day TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_micros BIGINT NOT NULL,
    clicks BIGINT,                     -- NULL: the partner does not say
    PRIMARY KEY (fetch_id, day, currency)
) TABLE_OPTIONS;

-- How each day stood when it was last compared.
CREATE TABLE reconciliation (
    source TEXT NOT NULL,
    day TEXT NOT NULL,
    currency TEXT NOT NULL,
    ours_micros BIGINT NOT NULL,
    theirs_micros BIGINT NOT NULL,
    our_clicks BIGINT NOT NULL,        -- counted ones, of any currency
    their_clicks BIGINT,
    state TEXT NOT NULL CHECK (state IN ('immature', 'agrees', 'drifts')),
    fetch_id BIGINT NOT NULL REFERENCES totals_fetch (id),
    compared_at_us BIGINT NOT NULL,
    PRIMARY KEY (source, day, currency)
) TABLE_OPTIONS;
CREATE INDEX reconciliation_by_day ON reconciliation (day);

-- What a person should look at. An alert with a key exists once until it is resolved.
CREATE TABLE alert (
    id BIGINT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,                -- what found it: 'reconcile'
    source TEXT,
    day TEXT,
    message TEXT NOT NULL,
    details TEXT NOT NULL,             -- JSON, the kind's own
    state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
    opened_at_us BIGINT NOT NULL,
    last_seen_at_us BIGINT NOT NULL,
    resolved_at_us BIGINT,
    CHECK ((state = 'resolved') = (resolved_at_us IS NOT NULL))
) TABLE_OPTIONS;
CREATE UNIQUE INDEX alert_live ON alert (key) WHERE state <> 'resolved';
CREATE INDEX alert_by_opening ON alert (opened_at_us);

-- What is to be told, through which channel: one row for each opening and each resolution.
CREATE TABLE alert_notice (
    alert_id BIGINT NOT NULL REFERENCES alert (id),
    event TEXT NOT NULL CHECK (event IN ('opened', 'resolved')),
    channel TEXT NOT NULL,
    message TEXT NOT NULL,
    made_at_us BIGINT NOT NULL,
    delivered_at_us BIGINT,            -- NULL: not yet
    PRIMARY KEY (alert_id, event, channel)
) TABLE_OPTIONS;

-- sqlite:
CREATE TRIGGER totals_fetch_refuses_update BEFORE UPDATE ON totals_fetch
BEGIN
    SELECT RAISE(ABORT, 'totals_fetch is append-only');
END;
CREATE TRIGGER totals_fetch_refuses_delete BEFORE DELETE ON totals_fetch
BEGIN
    SELECT RAISE(ABORT, 'totals_fetch is append-only');
END;
CREATE TRIGGER partner_total_refuses_update BEFORE UPDATE ON partner_total
BEGIN
    SELECT RAISE(ABORT, 'partner_total is append-only');
END;
CREATE TRIGGER partner_total_refuses_delete BEFORE DELETE ON partner_total
BEGIN
    SELECT RAISE(ABORT, 'partner_total is append-only');
END;

-- postgres:
CREATE TRIGGER totals_fetch_refuses_change BEFORE UPDATE OR DELETE ON totals_fetch FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
CREATE TRIGGER partner_total_refuses_change BEFORE UPDATE OR DELETE ON partner_total FOR EACH ROW EXECUTE FUNCTION revenue_refuses();
-- both:
