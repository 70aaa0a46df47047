#include "commands/reconciling.h"

#include "commands/fetching.h"

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

static void
run_until(void *loop, const bool *done)
{
    uv_loop_run_until(loop, done);
}

bool
source_reconcile(Deployment *deployment, Db *db, const Operation *totals, bool take_as_mature, ReconcileEach each,
                 void *data, GError **error)
{
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    g_autofree const char **channels = deployment_alert_channels(deployment);
    AlertTelling telling = {&deployment->mint, channels};
    TotalsFetcher fetcher = {.client = uv_loop_client(loop),
                             .run_until = run_until,
                             .loop = loop,
                             .allow_private_hosts = deployment_allows_private_hosts(deployment),
                             .clock = deployment->clock};
    ReconcileSpec spec = {.db = db, .totals = totals, .telling = &telling, .take_as_mature = take_as_mature};

    return totals != NULL && reconcile_source(&spec, &fetcher, each, data, error);
}

bool
alert_notify(Deployment *deployment, Db *db, Str key, GError **error)
{
    g_autoptr(UvLoop) loop = fetching_loop_new(deployment);
    AlertRoutes routes = alert_routes(deployment);
    AlertSender sender = {.routes = &routes,
                          .clock = deployment->clock,
                          .client = uv_loop_client(loop),
                          .run_until = run_until,
                          .loop = loop};

    return alert_deliver(db, &sender, key, error);
}
