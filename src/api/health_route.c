/*
 * GET /livez, /readyz, /metrics: what a supervisor asks.
 */
#include "api/routes.h"

static void
respond_word(HttpExchange *exchange, int status, const char *word)
{
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    http_exchange_respond_static(exchange, status, "text/plain; charset=utf-8", str_of(word));
}

/* Alive is whoever answers. It never looks at what it depends on: a restart would not bring that back. */
void
route_livez(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    respond_word(exchange, 200, "ok\n");
}

/* Ready from the moment the port is open (all else was started before) until it is asked to stop. The database being
 * down is no reason: searches and clicks do without it. */
void
route_readyz(HttpExchange *exchange, void *data)
{
    Api *api = data;

    if (g_atomic_int_get(&api->draining))
        respond_word(exchange, 503, "stopping\n");
    else
        respond_word(exchange, 200, "ok\n");
}

void
route_metrics(HttpExchange *exchange, void *data)
{
    Api *api = data;
    GString *text = g_string_new(NULL);

    metric_set(api->spec.metrics, METRIC_SPOOL_BACKLOG, NULL, NULL, spool_backlog(api->spec.spool));
    metrics_write(api->spec.metrics, text);
    http_exchange_respond(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text);
}
