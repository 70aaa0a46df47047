#include "commands/fetching.h"

#include "ops/stopper.h"

bool
deployment_allows_private_hosts(const Deployment *deployment)
{
    return deployment->config->allow_private_hosts || deployment->config->sandbox;
}

static bool
is_stopping(void *data G_GNUC_UNUSED)
{
    return stopper_is_stopping();
}

UvLoop *
fetching_loop_new(const Deployment *deployment)
{
    UvLoop *loop = uv_loop_wrapper_new(deployment->clock);

    uv_loop_set_stop(loop, is_stopping, NULL);
    return loop;
}

Exchanges *
fetching_exchanges_new(const Deployment *deployment, UvLoop *loop)
{
    return exchanges_new(uv_loop_base(loop), uv_loop_client(loop), deployment->exchange,
                         deployment_allows_private_hosts(deployment));
}

void
fetching_wait(TaskRun *run, const Exchanges *exchanges, const Operation *operation, int64_t retry_after_us)
{
    int64_t rest_us = operation == NULL ? 0 : exchanges_rest_us(exchanges, operation_source(operation));

    task_run_wait(run, MAX(rest_us, retry_after_us));
}

bool
fetching_ask(const Deployment *deployment, const Operation *operation, const Question *question,
             const ExchangeReceiver *receiver, void *data, const bool *done, GError **error)
{
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    g_autoptr(Exchanges) exchanges = fetching_exchanges_new(deployment, loop);
    const ExchangeSpec exchange = {.operation = operation, .question = question};

    if (exchange_start(exchanges, &exchange, receiver, data, error) == NULL)
        return false;
    uv_loop_run_until(loop, done);
    return true;
}

FeedFetcher
feed_fetcher(Exchanges *exchanges, UvLoop *loop)
{
    return (FeedFetcher){.exchanges = exchanges, .run_until = uv_loop_runner, .loop = loop};
}

bool
report_fetch(Deployment *deployment, Db *db, const SourceFormats *formats, const Operation *report, int64_t since_us,
             int64_t until_us, TaskRun *run, ReportSummary *ret_summary, GError **error)
{
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    g_autoptr(Exchanges) exchanges = fetching_exchanges_new(deployment, loop);
    ReportPull *pull;

    if (report == NULL)
        return false;
    pull = report_pull_start(&(ReportPullSpec){.db = db,
                                               .clock = deployment->clock,
                                               .formats = &formats->formats,
                                               .exchanges = exchanges,
                                               .operation = report,
                                               .since_us = since_us,
                                               .until_us = until_us,
                                               .task = run != NULL ? task_run_task(run) : NULL},
                             error);
    if (pull == NULL)
        return false;
    uv_loop_run_until(loop, report_pull_done(pull));
    if (run != NULL)
        fetching_wait(run, exchanges, report, report_pull_retry_after_us(pull));
    if (!report_pull_finish(pull, ret_summary, error))
        return false;
    report_summary_count(ret_summary, source_name(operation_source(report)), deployment->metrics);
    return true;
}
