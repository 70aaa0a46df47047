#include "commands/work_tier.h"

#include "commands/fetching.h"
#include "commands/node.h"
#include "commands/reconciling.h"
#include "commands/retaining.h"
#include "commands/warehousing.h"
#include "ops/log.h"
#include "revenue/attribution.h"
#include "revenue/credential_watch.h"
#include "revenue/format_watch.h"
#include "revenue/rollup.h"
#include "tasks/workers.h"

#include <unistd.h>

#define REMATCH_EVERY_US US_PER_MINUTE
/* How far back money is looked at again for its click: clicks arrive minutes late, hours at the worst. */
#define REMATCH_BACK_US      (7 * US_PER_DAY)
#define ROLLUP_EVERY_US      US_PER_MINUTE
#define EXPORT_EVERY_US      (5 * US_PER_MINUTE)
#define RETAIN_EVERY_US      US_PER_HOUR
#define WATCH_EVERY_US       (10 * US_PER_MINUTE)
#define CREDENTIALS_EVERY_US US_PER_MINUTE

struct WorkTier {
    Deployment *deployment;
    Workers *workers;
    char *name;
};

/* "SOURCE" or "SOURCE/REPORT", as schedules write it. A source may have left the configuration since. */
static const Operation *
operation_of(const SourceSet *sources, Str key, bool report, GError **error)
{
    Str name = key;
    Str source_name = str_cut(&name, '/');
    const Source *source = source_set_find(sources, source_name);
    const Operation *operation = source == NULL ? NULL
                                 : report       ? source_report_find(source, name)
                                                : source_feed(source);

    if (operation == NULL)
        weir_fail(error, WEIR_ERROR_INVALID, "%.*s is in no definition any more", STR_FORMAT(key));
    return operation;
}

static bool
pull_feed(TaskRun *run, void *data, GError **error)
{
    WorkTier *tier = data;
    g_autoptr(UvLoop) loop = fetching_loop_new(tier->deployment);
    g_autoptr(Exchanges) exchanges = fetching_exchanges_new(tier->deployment, loop);
    FeedFetcher fetcher = feed_fetcher(exchanges, loop);
    g_autoptr(SourceSet) sources = deployment_sources(tier->deployment);
    const Operation *feed = operation_of(sources, task_run_task(run)->key, false, error);
    FeedSummary summary = {0};

    if (feed == NULL || !feed_fetch(&(FeedPullSpec){.db = task_run_db(run),
                                                    .feed = feed,
                                                    .clock = tier->deployment->clock,
                                                    .mint = &tier->deployment->mint,
                                                    .metrics = tier->deployment->metrics,
                                                    .task = task_run_task(run)},
                                    &fetcher, &summary, error)) {
        fetching_wait(run, exchanges, feed, summary.retry_after_us);
        return false;
    }
    log_event(LOG_LEVEL_INFO, "feed.pulled",
              summary.guarded ? "suspiciously short: nothing taken off the shelf" : "stored",
              LOG_STR("source", task_run_task(run)->key), LOG_INT("records", summary.records),
              LOG_INT("new", summary.added), LOG_INT("changed", summary.changed), LOG_INT("gone", summary.gone),
              LOG_INT("rejected", summary.rejected), LOG_INT("without_detail", summary.without_detail));
    return true;
}

static bool
pull_report(TaskRun *run, void *data, GError **error)
{
    WorkTier *tier = data;
    g_autoptr(SourceSet) sources = deployment_sources(tier->deployment);
    g_auto(SourceFormats) formats = {0};
    ReportSummary summary;

    source_formats_init(&formats, sources, tier->deployment->clock);
    if (!report_fetch(tier->deployment, task_run_db(run), &formats,
                      operation_of(sources, task_run_task(run)->key, true, error), TIMESTAMP_NONE, TIMESTAMP_NONE, run,
                      &summary, error))
        return false;
    if (summary.new_lines + summary.changed_lines + summary.quarantined > 0)
        log_event(LOG_LEVEL_INFO, "report.pulled", "booked", LOG_STR("report", task_run_task(run)->key),
                  LOG_INT("new", summary.new_lines), LOG_INT("changed", summary.changed_lines),
                  LOG_INT("quarantined", summary.quarantined));
    return true;
}

static bool
rematch(TaskRun *run, void *data, GError **error)
{
    WorkTier *tier = data;
    RematchSummary summary;

    return attribution_rematch(task_run_db(run), tier->deployment->clock,
                               clock_now_us(tier->deployment->clock) - REMATCH_BACK_US, &summary, error);
}

/* Stopped between two hours, it has lost nothing: the next run takes over what is left. */
static bool
roll_up(TaskRun *run, void *data, GError **error)
{
    WorkTier *tier = data;
    RollupRun rollup;
    bool more = true;

    if (!rollup_begin(task_run_db(run), &rollup, error))
        return false;
    while (more) {
        if (task_run_is_lost(run))
            return weir_fail(error, WEIR_ERROR_CONFLICT, "stopped after %" G_GINT64_FORMAT " hours", rollup.hours);
        if (!rollup_step(task_run_db(run), tier->deployment->clock, &rollup, &more, error))
            return false;
    }
    return true;
}

static bool
reconcile(TaskRun *run, void *data, GError **error)
{
    WorkTier *tier = data;
    Str key = task_run_task(run)->key;
    g_autoptr(SourceSet) sources = deployment_sources(tier->deployment);
    const Source *source = source_set_find(sources, key);
    const Operation *totals = source == NULL ? NULL : source_totals(source);

    if (totals == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "%.*s says nowhere where its totals are any more", STR_FORMAT(key));
    return source_reconcile(tier->deployment, task_run_db(run), totals, false, run, NULL, NULL, error);
}

static bool
notify(TaskRun *run, void *data, GError **error)
{
    WorkTier *tier = data;

    return alert_notify(tier->deployment, task_run_db(run), task_run_task(run)->key, error);
}

static bool
run_is_lost(void *data)
{
    return task_run_is_lost(data);
}

static bool
export_all(TaskRun *run, void *data, GError **error)
{
    WorkTier *tier = data;
    const ExportWatcher watcher = {.is_lost = run_is_lost, .data = run};
    ExportSummary summary;

    if (!warehouse_export(tier->deployment, task_run_db(run), &watcher, &summary, error))
        return false;
    if (summary.deliveries > 0)
        log_event(LOG_LEVEL_INFO, "warehouse.exported", "in the warehouse", LOG_INT("files", summary.files),
                  LOG_INT("deliveries", summary.deliveries), LOG_INT("rows", summary.rows),
                  LOG_INT("bytes", summary.bytes));
    return true;
}

static bool
watch_formats(TaskRun *run, void *data, GError **error)
{
    Deployment *deployment = ((WorkTier *)data)->deployment;
    g_autofree const char **channels = deployment_alert_channels(deployment);
    AlertTelling telling = {&deployment->mint, channels};

    return format_watch(task_run_db(run), &telling, clock_now_us(deployment->clock), error);
}

static bool
watch_credentials(TaskRun *run, void *data, GError **error)
{
    Deployment *deployment = ((WorkTier *)data)->deployment;
    g_autofree const char **channels = deployment_alert_channels(deployment);
    g_autoptr(SourceSet) sources = deployment_sources(deployment);
    AlertTelling telling = {&deployment->mint, channels};

    return credential_watch(task_run_db(run), sources, &telling, clock_now_us(deployment->clock), error);
}

static bool
retain(TaskRun *run, void *data, GError **error)
{
    WorkTier *tier = data;

    return retention_apply(tier->deployment, task_run_db(run), run_is_lost, run, error);
}

static const TaskKind KINDS[] = {
    {.name = "feed.pull", .run = pull_feed, .attempts = 5},
    {.name = "revenue.pull", .run = pull_report, .attempts = 5},
    {.name = "revenue.rematch", .run = rematch, .attempts = 3},
    {.name = "revenue.rollup", .run = roll_up, .attempts = 3},
    {.name = "reconcile", .run = reconcile, .attempts = 5},
    {.name = ALERT_TASK_KIND, .run = notify, .attempts = 12},
    {.name = "warehouse.export", .run = export_all, .attempts = 5},
    {.name = "credentials.watch", .run = watch_credentials, .attempts = 3},
    {.name = "formats.watch", .run = watch_formats, .attempts = 3},
    {.name = "retention", .run = retain, .attempts = 3},
};

/* ---- schedules, as the sources call for them ---- */

typedef struct {
    WorkTier *tier;
    DbTx *tx;
    GPtrArray *names; /* of all schedules that should be */
} Planner;

static bool
plan_one(Planner *planner, const char *kind, const char *key, int64_t every_us, GError **error)
{
    char *name = g_strdup_printf("%s %s", kind, key);

    g_ptr_array_add(planner->names, name);
    return schedule_put(planner->tx,
                        &(ScheduleSpec){.name = name, .kind = kind, .key = key, .payload = "", .every_us = every_us},
                        clock_now_us(planner->tier->deployment->clock), error);
}

static bool
plan_source(Planner *planner, const Source *source, GError **error)
{
    if (source_disabled(source) != NULL)
        return true;
    if (source_feed(source) != NULL && operation_every_us(source_feed(source)) > 0 &&
        !plan_one(planner, "feed.pull", source_name(source), operation_every_us(source_feed(source)), error))
        return false;
    if (source_totals(source) != NULL && operation_every_us(source_totals(source)) > 0 &&
        !plan_one(planner, "reconcile", source_name(source), operation_every_us(source_totals(source)), error))
        return false;
    for (size_t i = 0; i < source_report_count(source); i++) {
        const Operation *report = source_report(source, i);
        g_autofree char *key = g_strdup_printf("%s/%s", source_name(source), operation_name(report));

        if (operation_every_us(report) > 0 &&
            !plan_one(planner, "revenue.pull", key, operation_every_us(report), error))
            return false;
    }
    return true;
}

static bool
plan_schedules(WorkTier *tier, Db *db, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_null_terminated(32, g_free, TRUE);
    g_autoptr(SourceSet) sources = deployment_sources(tier->deployment);
    Planner planner = {tier, tx, names};

    if (tx == NULL || !plan_one(&planner, "revenue.rematch", "all", REMATCH_EVERY_US, error) ||
        !plan_one(&planner, "revenue.rollup", "all", ROLLUP_EVERY_US, error) ||
        !plan_one(&planner, "warehouse.export", "all", EXPORT_EVERY_US, error) ||
        !plan_one(&planner, "credentials.watch", "all", CREDENTIALS_EVERY_US, error) ||
        !plan_one(&planner, "formats.watch", "all", WATCH_EVERY_US, error) ||
        !plan_one(&planner, "retention", "all", RETAIN_EVERY_US, error))
        return false;
    for (size_t i = 0; i < source_set_count(sources); i++)
        if (!plan_source(&planner, source_set_at(sources, i), error))
            return false;
    return schedule_keep_only(tx, (const char *const *)names->pdata, error) && db_commit_auto(&tx, error);
}

bool
work_tier_plan(WorkTier *tier, GError **error)
{
    g_autoptr(Db) db = deployment_db(tier->deployment, error);

    return db != NULL && plan_schedules(tier, db, error);
}

WorkTier *
work_tier_start(Deployment *deployment, GError **error)
{
    g_autoptr(Db) db = deployment_db(deployment, error);
    WorkTier *tier;

    if (db == NULL || !node_take(deployment, error))
        return NULL;
    tier = g_new0(WorkTier, 1);
    tier->deployment = deployment;
    tier->name = g_strdup_printf("%s/%d", g_get_host_name(), (int)getpid());
    if (!plan_schedules(tier, db, error)) {
        work_tier_stop(tier);
        return NULL;
    }
    tier->workers = workers_start(&(WorkersSpec){.database_url = deployment->config->database_url,
                                                 .kinds = KINDS,
                                                 .kind_count = G_N_ELEMENTS(KINDS),
                                                 .threads = deployment->config->work_threads,
                                                 .lease_us = deployment->config->task_lease_us,
                                                 .name = tier->name,
                                                 .clock = deployment->clock,
                                                 .random = deployment->random,
                                                 .mint = &deployment->mint,
                                                 .metrics = deployment->metrics,
                                                 .data = tier});
    return tier;
}

void
work_tier_stop(WorkTier *tier)
{
    if (tier == NULL)
        return;
    workers_stop(tier->workers);
    g_free(tier->name);
    g_free(tier);
}
