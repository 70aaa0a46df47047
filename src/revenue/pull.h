/*
 * Pull: fetches a report from its partner, page by page, and imports it whole.
 *
 *     report_pull_start(&spec)                           asks for the first page
 *     uv_loop_run_until(loop, report_pull_done(pull))    pages arrive; each says whether another follows
 *     report_pull_finish(pull, &summary, &error)         imports, or says why not; frees
 *
 * It asks again for the days behind (look_back_days of the definition, counted from the last pull that succeeded), since
 * partners restate them. A page that fails fails the pull, and nothing of it is stored: whether and when to try again is
 * the task's to decide, by the code: TIMEOUT, UNAVAILABLE and LIMIT may pass, INVALID won't.
 */
#pragma once

#include "exchange/exchange.h"
#include "revenue/import.h"

typedef struct {
    Db *db;
    const Clock *clock;
    const LineFormats *formats;
    Exchanges *exchanges; /* on the loop of the calling thread */
    const Operation *operation;
    int64_t since_us,
        until_us;     /* TIMESTAMP_NONE: as far as must be looked back, in whole days of UTC up to the end of today */
    const Task *task; /* finished in the transaction that stores the report; NULL: none */
} ReportPullSpec;

typedef struct ReportPull ReportPull;

ReportPull *report_pull_start(const ReportPullSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
const bool *report_pull_done(const ReportPull *pull);
/* How long the partner asks us to wait, where it does; after done. */
int64_t report_pull_retry_after_us(const ReportPull *pull);
/* Call when done; frees pull. */
bool report_pull_finish(ReportPull *pull, ReportSummary *ret_summary, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives up, done or not; NULL is allowed. */
void report_pull_free(ReportPull *pull);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReportPull, report_pull_free)
