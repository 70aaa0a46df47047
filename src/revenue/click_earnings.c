#include "revenue/click_earnings.h"

#include "search/value.h"

static const Sql READ = SQL("SELECT source, currency, CAST(SUM(counted_clicks) AS BIGINT), "
                            "CAST(SUM(attributed_micros + unattributed_micros) AS BIGINT) FROM rollup "
                            "WHERE hour_us >= $1 AND source <> '' GROUP BY source, currency ORDER BY source, currency");

/* Of the clicks that count, the newest are enough to say what is bid for one. */
#define CLICKS_READ "100000"
static const Sql READ_BIDS =
    SQL("SELECT source, bid_currency, COUNT(*), CAST(SUM(bid_micros) AS BIGINT) FROM (SELECT source, bid_currency, "
        "bid_micros FROM click WHERE at_us >= $1 AND flags = 0 ORDER BY at_us DESC LIMIT " CLICKS_READ
        ") AS newest GROUP BY source, bid_currency ORDER BY source, bid_currency");

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

static SourceEarnings *
find_source(GArray *all, Str source)
{
    for (guint i = 0; i < all->len; i++)
        if (str_is(source, g_array_index(all, SourceEarnings, i).source))
            return &g_array_index(all, SourceEarnings, i);
    return NULL;
}

/* What was bid for the clicks that were read. */
typedef struct {
    int64_t clicks, bids;
} Bids;

/* All clicks are taken to have had bids as the newest. */
static void
extrapolate(SourceEarnings *earnings, const Bids *bids)
{
    if (earnings != NULL && bids->clicks > 0)
        earnings->bids = bids->bids / bids->clicks * earnings->clicks;
}

static bool
read_bids(DbTx *tx, int64_t since_us, GArray *all, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, READ_BIDS, DB_ARGS(db_int(since_us)), error);
    SourceEarnings *last = NULL;
    Bids bids = {0};

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        SourceEarnings *earnings = find_source(all, db_get_text(rows, 0));
        Money sum = {.micros = db_get_int(rows, 3)};

        if (earnings != last) {
            extrapolate(last, &bids);
            last = earnings;
            bids = (Bids){0};
        }
        bids.clicks += db_get_int(rows, 2);
        if (currency_parse(db_get_text(rows, 1), &sum.currency))
            bids.bids += click_value(sum);
    }
    extrapolate(last, &bids);
    return !db_has_failed(rows);
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
    if (db_has_failed(rows))
        return NULL;
    g_clear_pointer(&rows, db_end);
    return read_bids(tx, since_us, all, error) ? g_steal_pointer(&all) : NULL;
}
