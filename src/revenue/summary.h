/*
 * Summaries: what was earned, clicked and shown, by one dimension, over a span of time.
 *
 * Earnings fall on the moment they were earned, clicks and searches on the moment they happened. Amounts of different
 * currencies are never added. Ratios are computed from whole numbers when asked and stored nowhere; without a
 * denominator there is none.
 *
 * Computed from the records themselves, up to this very moment and for any span. Rollups (revenue/rollup.h) are a
 * minute behind, end at full hours and do not know searches, clients, countries or queries: they serve exports,
 * and an audit proves them equal.
 */
#pragma once

#include "base/money.h"
#include "store/db.h"

/* Groups are held in memory: a narrower span or another dimension is asked for beyond this many. */
#define SUMMARY_GROUPS_LIMIT 100000

typedef enum {
    SUMMARY_BY_SOURCE,
    SUMMARY_BY_DAY,  /* UTC: "2026-11-24" */
    SUMMARY_BY_HOUR, /* UTC: "2026-11-24T05" */
    SUMMARY_BY_CLIENT,
    SUMMARY_BY_COUNTRY,
    SUMMARY_BY_QUERY,
} SummaryBy;

/* "source", "day", "hour", "client", "country" or "query". */
bool summary_by_parse(Str text, SummaryBy *ret_by);

#define SUMMARY_RATIO_SIZE 48

typedef struct {
    Currency currency;
    int64_t attributed_micros, unattributed_micros;
    char rpc[SUMMARY_RATIO_SIZE]; /* earnings of both kinds for each counted click, six decimals; "" without clicks */
} SummaryAmount;

typedef struct {
    Str group;               /* "" where it is not known: money that no search is known for, say */
    int64_t searches, shown; /* shown: listings in answers */
    int64_t clicks, counted_clicks;
    char ctr[SUMMARY_RATIO_SIZE]; /* counted clicks for each listing shown; "" when none was */
    const SummaryAmount *amounts; /* in order of currency; none when nothing was earned */
    size_t amount_count;
} SummaryRow;

/* Calls each for every group in order of its text; rows live during the call. */
bool revenue_summary(DbTx *tx, SummaryBy by, int64_t since_us, int64_t until_us,
                     void (*each)(void *data, const SummaryRow *row), void *data,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* numerator / denominator / 10^6 with six decimals, half away from zero; "" when denominator is 0. */
const char *summary_ratio(int64_t numerator_micros, int64_t denominator, char to[SUMMARY_RATIO_SIZE]);
