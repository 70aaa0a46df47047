/*
 * Sweep: what around the books is forgotten after a time. The books themselves never are: reports, lines, revisions,
 * entries, the clicks that earned and the searches that led to them.
 *
 * Each call removes up to limit in the caller's transaction. ret_more: there may be more.
 */
#pragma once

#include "base/clock.h"
#include "store/db.h"

/* What partners said of their sums before, except what each day was compared with last. */
bool totals_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* That a report was delivered again before, except the last time that it came from where it did: by these notes it is known
 * how far a partner was asked. */
bool sighting_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Alerts that were resolved before, with their notices. */
bool alert_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Searches are kept for so much longer than clicks, since a click comes after its search. */
#define SEARCH_SWEEP_LAG_US (31 * US_PER_DAY)
/* Clicks must be kept for as long as money may come for them, and their day be asked for again. */
#define EVENT_SWEEP_LEAST_US (180 * US_PER_DAY)

/* Clicks of before that earned nothing, the searches that no click is left of, and what only such searches showed (not
 * counted), a minute of them at a time whatever the limit. The counts of their hours stay as the rollups have them; nothing
 * is removed while a rollup is not up to date. */
bool event_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
