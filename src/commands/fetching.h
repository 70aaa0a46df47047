/*
 * Fetching: a loop and client of a command's own, run on its thread until an answer is complete.
 */
#pragma once

#include "commands/deployment.h"
#include "feeds/fetch.h"
#include "net/uv_loop.h"
#include "revenue/pull.h"
#include "revenue/source_formats.h"
#include "tasks/workers.h"

/* Partners on private addresses are asked only in the sandbox, or where the configuration says so. */
bool deployment_allows_private_hosts(const Deployment *deployment);
/* A loop for the calling thread, whose calls end when the process is asked to stop. */
UvLoop *fetching_loop_new(const Deployment *deployment);
/* How partners are asked on it; to be freed before the loop. */
Exchanges *fetching_exchanges_new(const Deployment *deployment, UvLoop *loop);
/* Asks one question on a loop of its own, and comes back when done, a member of data that the receiver's done sets, is true. */
bool fetching_ask(const Deployment *deployment, const Operation *operation, const Question *question,
                  const ExchangeReceiver *receiver, void *data, const bool *done,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
FeedFetcher feed_fetcher(Exchanges *exchanges, UvLoop *loop);
/* Lets the task of a run that fails wait as long as the partner asks: retry_after_us by this answer, or by one that another
 * task of the same account got. operation may be NULL. */
void fetching_wait(TaskRun *run, const Exchanges *exchanges, const Operation *operation, int64_t retry_after_us);
/* Pulls one report on a loop of its own. report NULL: fails with the error that is set. since_us and until_us:
 * TIMESTAMP_NONE for the window of the definition. run: whose task is finished with it, and waits as long as the partner
 * asks when it fails; NULL: by hand. */
bool report_fetch(Deployment *deployment, Db *db, const SourceFormats *formats, const Operation *report,
                  int64_t since_us, int64_t until_us, TaskRun *run, ReportSummary *ret_summary,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
