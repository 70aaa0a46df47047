#include "revenue/click_earnings.h"

#include "search/value.h"

static const Sql READ = SQL("SELECT source, currency, CAST(SUM(counted_clicks) AS BIGINT), "
                            "CAST(SUM(attributed_micros + unattributed_micros) AS BIGINT) FROM rollup "
                            "WHERE hour_us >= $1 AND source <> '' GROUP BY source, currency ORDER BY source, currency");

static void
earnings_clear(void *data)
{
    g_free(((SourceEarnings *)data)->source);
}

/* Rows come by source: one for its clicks, and one for each currency that it earned. */
static void
take_row(GArray *all, const DbRows *rows)
{
    Str source = db_get_text(rows, 0);
    SourceEarnings *last = all->len == 0 ? NULL : &g_array_index(all, SourceEarnings, all->len - 1);
    Money earned = {.micros = db_get_int(rows, 3)};

    if (last == NULL || !str_is(source, last->source)) {
        SourceEarnings news = {.source = str_dup(source)};

        g_array_append_val(all, news);
        last = &g_array_index(all, SourceEarnings, all->len - 1);
    }
    last->clicks += db_get_int(rows, 2);
    if (currency_parse(db_get_text(rows, 1), &earned.currency))
        last->earned += click_value(earned);
}

GArray *
click_earnings_read(Db *db, int64_t since_us, GError **error)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(SourceEarnings));
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(DbRows) rows = NULL;

    g_array_set_clear_func(all, earnings_clear);
    if (tx == NULL)
        return NULL;
    rows = db_query(tx, READ, DB_ARGS(db_int(since_us)), error);
    if (rows == NULL)
        return NULL;
    while (db_next(rows, error))
        take_row(all, rows);
    return db_has_failed(rows) ? NULL : g_steal_pointer(&all);
}
