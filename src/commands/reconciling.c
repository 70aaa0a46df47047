#include "commands/reconciling.h"

#include "commands/fetching.h"
#include "ops/log.h"

static AlertRoutes
alert_routes(Deployment *deployment)
{
    const Config *config = deployment->config;

    return (AlertRoutes){
        /* Its address is often all the secret that a chat system has. */
        .webhook =
            config->alert_webhook != NULL ? config->alert_webhook : deployment_secret(deployment, "WEIR_ALERT_WEBHOOK"),
        .smtp = config->alert_smtp,
        .smtp_password = deployment_secret(deployment, "WEIR_SMTP_PASSWORD"),
        .mail_from = config->alert_mail_from,
        .mail_to = config->alert_mail_to,
        .base_url = config->public_url,
    };
}

const char **
deployment_alert_channels(Deployment *deployment)
{
    AlertRoutes routes = alert_routes(deployment);

    return alert_channels(&routes);
}

static bool
is_behind(Db *db, const Operation *report, int64_t final_us)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, NULL);
    int64_t last_us;

    return tx != NULL &&
           report_find_last_pull(tx, source_name(operation_source(report)), operation_name(report),
                                 operation_look_back_days(report), &last_us, NULL) &&
           last_us < final_us;
}

/* Reports that were not pulled since the youngest of the days became final, as after an outage: they would lack what the
 * partner's totals have, and alarm somebody. Without one that does not come, what is there is
 * compared. */
static void
bring_reports_in(Deployment *deployment, Db *db, const Operation *totals)
{
    const Source *source = operation_source(totals);
    int64_t final_us = reconcile_final_since_us(totals, clock_now_us(deployment->clock));
    g_autoptr(SourceSet) sources = deployment_sources(deployment);
    g_auto(SourceFormats) formats = {0};

    source_formats_init(&formats, sources, deployment->clock);
    for (size_t i = 0; i < source_report_count(source); i++) {
        const Operation *report = source_report(source, i);
        g_autoptr(GError) error = NULL;
        ReportSummary summary;

        if (operation_every_us(report) > 0 && is_behind(db, report, final_us) &&
            !report_fetch(deployment, db, &formats, report, TIMESTAMP_NONE, TIMESTAMP_NONE, NULL, &summary, &error))
            log_event(LOG_LEVEL_WARN, "report.behind", error->message, LOG_TEXT("source", source_name(source)),
                      LOG_TEXT("report", operation_name(report)));
    }
}

bool
source_reconcile(Deployment *deployment, Db *db, const Operation *totals, bool take_as_mature, TaskRun *run,
                 ReconcileEach each, void *data, GError **error)
{
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    g_autoptr(Exchanges) exchanges = fetching_exchanges_new(deployment, loop);
    g_autofree const char **channels = deployment_alert_channels(deployment);
    AlertTelling telling = {&deployment->mint, channels};
    int64_t wait_us = 0;
    TotalsFetcher fetcher = {.exchanges = exchanges,
                             .run_until = uv_loop_runner,
                             .loop = loop,
                             .clock = deployment->clock,
                             .retry_after_us = &wait_us};
    ReconcileSpec spec = {.db = db, .totals = totals, .telling = &telling, .take_as_mature = take_as_mature};
    bool done;

    if (totals == NULL)
        return false;
    bring_reports_in(deployment, db, totals);
    done = reconcile_source(&spec, &fetcher, each, data, error);
    if (run != NULL)
        fetching_wait(run, exchanges, totals, wait_us);
    return done;
}

bool
alert_notify(Deployment *deployment, Db *db, Str key, GError **error)
{
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    AlertRoutes routes = alert_routes(deployment);
    AlertSender sender = {.routes = &routes,
                          .clock = deployment->clock,
                          .client = uv_loop_client(loop),
                          .run_until = uv_loop_runner,
                          .loop = loop};

    return alert_deliver(db, &sender, key, error);
}
