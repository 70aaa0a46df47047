/*
 * Rollups: totals by source and hour, kept up with what is recorded, however late it comes.
 *
 *     a search, click or entry ──trigger──> mark of its hour        in one transaction
 *     rollup_begin()   marks ──> hours that are due to this run     one short write
 *     rollup_step()    newest hour: computed anew in a snapshot,    one read,
 *                      what differs is stored                       one short write
 *
 * Nothing is missed, in whatever order writers commit: a mark is seen if, and only if, what it speaks of is. Whoever
 * commits before the marks are taken is in the snapshot that is computed from, since that is opened afterwards; whoever
 * commits later leaves a mark for the next run. Nothing is added up, so nothing is counted twice: hours are computed
 * whole, and days are sums of hours.
 *
 * Several runs may overlap and any may die: a run takes over the hours of those before it, and stores an hour only
 * while that is still its own. `weir audit` compares all hours without a mark with the records (I7).
 *
 * Only added records mark their hour. Old searches and clicks are thrown away after a time (revenue/sweep.h): below that
 * moment the counts stay as they are stored, and only money is computed.
 */
#pragma once

#include "base/clock.h"
#include "store/db.h"

typedef struct {
    int64_t number;         /* from 1 */
    int64_t hours, changed; /* hours computed and rows changed so far */
} RollupRun;

/* Takes all that is marked, and what earlier runs have left. */
bool rollup_begin(Db *db, RollupRun *ret_run, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Computes one hour. *ret_more is false when none is left, also because a later run has taken them over. */
bool rollup_step(Db *db, const Clock *clock, RollupRun *run, bool *ret_more, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A whole run. */
bool rollup_update(Db *db, const Clock *clock, RollupRun *ret_run, GError **error) G_GNUC_WARN_UNUSED_RESULT;
