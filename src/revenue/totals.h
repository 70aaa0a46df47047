/*
 * Totals: what a partner says it owes in sum for each day, as its definition tells us to ask.
 *
 * A sheet covers days of the partner's own time zone. Within them, a day and currency without a total has a sum of
 * zero: a partner does not list what it does not owe.
 */
#pragma once

#include "exchange/exchange.h"
#include "revenue/day.h"
#include "sources/source.h"
#include "store/db.h"

/* Requests to one partner for one sheet, pages included. */
#define TOTALS_REQUESTS_LIMIT 2000
#define TOTALS_LIMIT          20000

typedef struct {
    int64_t day;
    Currency currency;
    int64_t amount_micros;
    int64_t clicks; /* -1: the partner does not say */
} DayTotal;

typedef struct {
    int64_t first_day, last_day;
    GArray *totals; /* of DayTotal, each day and currency once */
} TotalsSheet;

void totals_sheet_init(TotalsSheet *sheet, int64_t first_day, int64_t last_day);
void totals_sheet_clear(TotalsSheet *sheet);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TotalsSheet, totals_sheet_clear)

/* What runs the loop until *done: net/uv_loop.h's uv_loop_runner, or a test's own. */
typedef struct {
    Exchanges *exchanges;
    void (*run_until)(void *loop, const bool *done);
    void *loop;
    const Clock *clock;
    int64_t *retry_after_us; /* of the last answer, 0: it said nothing; NULL: nobody wants to know */
} TotalsFetcher;

/* Asks for all days of the sheet: in one window, or day by day. All of it or an error: a sheet with a hole would say
 * that nothing is owed. Days outside of the sheet are left out. */
bool totals_fetch(const TotalsFetcher *fetcher, const Operation *totals, TotalsSheet *sheet,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Keeps what was said, under an id of its own. */
bool totals_save(DbTx *tx, const char *source, const TotalsSheet *sheet, int64_t fetch_id, int64_t now_us,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
