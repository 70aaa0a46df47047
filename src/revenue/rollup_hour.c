#include "revenue/rollup_hour.h"

#include "base/clock.h"

/* Below the floor searches and clicks are thrown away (revenue/sweep.h): there the counts stay as they are stored. */
#define NOT_SWEPT "($1 >= (SELECT floor_us FROM event_retention))"

#define COMPUTE_SQL(shown)                                                                                             \
    "SELECT source, currency, CAST(SUM(impressions) AS BIGINT), CAST(SUM(clicks) AS BIGINT), "                         \
    "CAST(SUM(counted) AS BIGINT), CAST(SUM(attributed) AS BIGINT), CAST(SUM(unattributed) AS BIGINT) FROM ("          \
    "SELECT COALESCE(j.value->>'source', '') AS source, '' AS currency, COUNT(*) AS impressions, 0 AS clicks, "        \
    "0 AS counted, 0 AS attributed, 0 AS unattributed FROM search s "                                                  \
    "LEFT JOIN search_page p ON p.id = s.page_id CROSS JOIN " shown                                                    \
    " WHERE s.at_us >= $1 AND s.at_us < $2 AND " NOT_SWEPT " GROUP BY 1 "                                              \
    "UNION ALL SELECT source, '', 0, COUNT(*), SUM(CASE WHEN flags = 0 THEN 1 ELSE 0 END), 0, 0 FROM click "           \
    "WHERE at_us >= $1 AND at_us < $2 AND " NOT_SWEPT " GROUP BY source "                                              \
    "UNION ALL SELECT source, '', impressions, clicks, counted_clicks, 0, 0 FROM rollup "                              \
    "WHERE hour_us = $1 AND currency = '' AND NOT " NOT_SWEPT " "                                                      \
    "UNION ALL SELECT source, currency, 0, 0, 0, "                                                                     \
    "-SUM(CASE WHEN account = 'attributed' THEN amount_micros ELSE 0 END), "                                           \
    "-SUM(CASE WHEN account = 'unattributed' THEN amount_micros ELSE 0 END) FROM entry "                               \
    "WHERE effective_at_us >= $1 AND effective_at_us < $2 AND account <> 'receivable' GROUP BY source, currency"       \
    ") AS part GROUP BY source, currency"

static const Sql COMPUTE = {
    .sqlite = COMPUTE_SQL("json_each(COALESCE(p.shown, s.shown)) j"),
    .postgres = COMPUTE_SQL("LATERAL jsonb_array_elements(CAST(COALESCE(p.shown, s.shown) AS jsonb)) AS j(value)"),
};

static const Sql LOAD = SQL("SELECT source, currency, impressions, clicks, counted_clicks, attributed_micros, "
                            "unattributed_micros FROM rollup WHERE hour_us >= $1 AND hour_us < $2");

static void
row_free(gpointer data)
{
    RollupRow *row = data;

    g_free(row->source);
    g_free(row->currency);
    g_free(row);
}

/* The order of bytes: each engine has its own for text. */
static int
compare_names(const RollupRow *a, const RollupRow *b)
{
    int order = strcmp(a->source, b->source);

    return order != 0 ? order : strcmp(a->currency, b->currency);
}

static gint
compare_items(gconstpointer a, gconstpointer b)
{
    return compare_names(*(RollupRow *const *)a, *(RollupRow *const *)b);
}

static RollupRow *
row_new(const DbRows *rows)
{
    RollupRow *row = g_new(RollupRow, 1);

    *row = (RollupRow){.source = str_dup(db_get_text(rows, 0)),
                       .currency = str_dup(db_get_text(rows, 1)),
                       .impressions = db_get_int(rows, 2),
                       .clicks = db_get_int(rows, 3),
                       .counted_clicks = db_get_int(rows, 4),
                       .attributed_micros = db_get_int(rows, 5),
                       .unattributed_micros = db_get_int(rows, 6)};
    return row;
}

static GPtrArray *
read_hour(DbTx *tx, Sql sql, int64_t hour_us, GError **error)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(row_free);
    g_autoptr(DbRows) rows = db_query(tx, sql, DB_ARGS(db_int(hour_us), db_int(hour_us + US_PER_HOUR)), error);

    if (rows == NULL)
        return NULL;
    while (db_next(rows, error)) {
        if (all->len >= ROLLUP_HOUR_LIMIT) {
            weir_fail(error, WEIR_ERROR_LIMIT, "more than %d sources and currencies in one hour", ROLLUP_HOUR_LIMIT);
            return NULL;
        }
        g_ptr_array_add(all, row_new(rows));
    }
    if (db_has_failed(rows))
        return NULL;
    g_ptr_array_sort(all, compare_items);
    return g_steal_pointer(&all);
}

GPtrArray *
rollup_hour_compute(DbTx *tx, int64_t hour_us, GError **error)
{
    return read_hour(tx, COMPUTE, hour_us, error);
}

GPtrArray *
rollup_hour_load(DbTx *tx, int64_t hour_us, GError **error)
{
    return read_hour(tx, LOAD, hour_us, error);
}

static bool
is_same(const RollupRow *a, const RollupRow *b)
{
    return a->impressions == b->impressions && a->clicks == b->clicks && a->counted_clicks == b->counted_clicks &&
           a->attributed_micros == b->attributed_micros && a->unattributed_micros == b->unattributed_micros;
}

bool
rollup_hour_compare(GPtrArray *stored, GPtrArray *computed,
                    bool (*differs)(void *data, const RollupRow *stored, const RollupRow *computed), void *data)
{
    guint i = 0, j = 0;

    while (i < stored->len || j < computed->len) {
        const RollupRow *old = i < stored->len ? stored->pdata[i] : NULL;
        const RollupRow *now = j < computed->len ? computed->pdata[j] : NULL;
        int order = old == NULL ? 1 : now == NULL ? -1 : compare_names(old, now);

        i += order <= 0;
        j += order >= 0;
        if ((order != 0 || !is_same(old, now)) && !differs(data, order <= 0 ? old : NULL, order >= 0 ? now : NULL))
            return false;
    }
    return true;
}
