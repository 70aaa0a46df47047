/*
 * Reconciliation: our ledger against what each partner says it owes in sum.
 *
 *     for each day and currency:   ours    entries of the day, by the partner's calendar
 *                                  theirs  the partner's own total
 *     IMMATURE until the day ended and its maturity passed; then AGREES, or DRIFTS when the difference passes both
 *     tolerances. DRIFTS raises the alert "reconcile/SOURCE/DAY/CURRENCY"; AGREES resolves it. IMMATURE leaves it alone.
 *
 * Days with an alert are asked for again until it is resolved, however old they are.
 */
#pragma once

#include "revenue/alert.h"
#include "revenue/totals.h"

#define RECONCILE_ALERT_KIND "reconcile"

typedef enum { RECONCILE_IMMATURE, RECONCILE_AGREES, RECONCILE_DRIFTS } ReconcileState;
const char *reconcile_state_name(ReconcileState state);

/* The rule. relative: of the partner's figure, so that any difference passes it where the partner owes nothing. */
ReconcileState reconcile_judge(const TotalsTolerance *tolerance, bool mature, int64_t ours_micros,
                               int64_t theirs_micros);
/* Whether a day that ends at end_us is final. */
bool reconcile_is_mature(const TotalsTolerance *tolerance, int64_t end_us, int64_t now_us);
/* When the youngest day that is final at now_us became so. */
int64_t reconcile_final_since_us(const Operation *totals, int64_t now_us);

/* One day of one source in one currency, as it was last compared. */
typedef struct {
    Str source;
    int64_t day;
    Currency currency;
    int64_t ours_micros, theirs_micros, drift_micros; /* drift: ours - theirs */
    int64_t our_clicks, their_clicks;                 /* -1: the partner does not say */
    ReconcileState state;
    int64_t compared_at_us;
} Reconciliation;

typedef void (*ReconcileEach)(void *data, const Reconciliation *row);

typedef struct {
    Db *db;
    const Operation *totals;
    const AlertTelling *telling;
    bool take_as_mature; /* judge every day, final or not */
} ReconcileSpec;

/* Asks the partner, keeps what it says, compares, raises and resolves. each (may be NULL) gets the days compared; they
 * are in force only if it returns true. */
bool reconcile_source(const ReconcileSpec *spec, const TotalsFetcher *fetcher, ReconcileEach each, void *data,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with a sheet at hand, in one transaction. */
bool reconcile_sheet(const ReconcileSpec *spec, const TotalsSheet *sheet, int64_t now_us, ReconcileEach each,
                     void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How the days from since_day on stand, the newest first. */
bool reconcile_list(DbTx *tx, int64_t since_day, int64_t limit, ReconcileEach each, void *data,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
