#include "quality/drift.h"

#include "base/clock.h"

#include <math.h>

/* Standard errors between two shares that chance does not explain, however many fields are looked at how often. */
#define ERRORS_APART   5.0
#define HISTORY_FACTOR 4

static double
share_of(FillRate rate)
{
    return (double)rate.filled / (double)rate.seen;
}

Drift
drift_decide(FillRate history, FillRate recent, int64_t least)
{
    double before, now, pooled, error;

    if (recent.seen < least || history.seen < least * HISTORY_FACTOR)
        return DRIFT_UNKNOWN;
    before = share_of(history);
    now = share_of(recent);
    if (now >= before / 2)
        return DRIFT_NONE;
    pooled = (double)(history.filled + recent.filled) / (double)(history.seen + recent.seen);
    error = sqrt(pooled * (1 - pooled) * (1 / (double)history.seen + 1 / (double)recent.seen));
    return before - now > ERRORS_APART * error ? DRIFT_DROPPED : DRIFT_NONE;
}

/* History ends where the span begins. */
static const Sql CHECK_SQL =
    SQL("SELECT source, operation, field, "
        "CAST(SUM(CASE WHEN hour_us >= $2 THEN seen ELSE 0 END) AS BIGINT), "
        "CAST(SUM(CASE WHEN hour_us >= $2 THEN filled ELSE 0 END) AS BIGINT), "
        "CAST(SUM(CASE WHEN hour_us >= $3 THEN seen ELSE 0 END) AS BIGINT), "
        "CAST(SUM(CASE WHEN hour_us >= $3 THEN filled ELSE 0 END) AS BIGINT), "
        "CAST(SUM(seen) AS BIGINT), CAST(SUM(filled) AS BIGINT) "
        "FROM mapping_fill WHERE hour_us >= $1 GROUP BY source, operation, field ORDER BY source, operation, field");

static FillRate
rate_at(const DbRows *rows, int column)
{
    return (FillRate){db_get_int(rows, column), db_get_int(rows, column + 1)};
}

static FillRate
rate_less(FillRate all, FillRate part)
{
    return (FillRate){all.seen - part.seen, all.filled - part.filled};
}

static FieldDrift
field_at(const DbRows *rows)
{
    FieldDrift field = {
        .source = db_get_text(rows, 0), .operation = db_get_text(rows, 1), .field = db_get_text(rows, 2)};
    FillRate all = rate_at(rows, 7);
    int64_t least = str_is(field.field, "record") ? DRIFT_ANSWERS : DRIFT_RECORDS;

    for (int column = 3; column <= 5 && field.drift == DRIFT_UNKNOWN; column += 2) {
        field.recent = rate_at(rows, column);
        field.history = rate_less(all, field.recent);
        field.drift = drift_decide(field.history, field.recent, least);
    }
    return field;
}

bool
drift_check(DbTx *tx, int64_t now_us, void (*each)(void *data, const FieldDrift *field), void *data, GError **error)
{
    g_autoptr(DbRows) rows = db_query(
        tx, CHECK_SQL,
        DB_ARGS(db_int(now_us - DRIFT_HISTORY_US), db_int(now_us - DRIFT_SHORT_US), db_int(now_us - DRIFT_LONG_US)),
        error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        FieldDrift field = field_at(rows);

        each(data, &field);
    }
    return !db_has_failed(rows);
}
