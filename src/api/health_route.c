/*
 * GET /livez, /readyz, /healthz, /metrics: what a supervisor asks.
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

/* ---- /healthz: what a person or a monitor wants to know ---- */

typedef struct {
    Api *api;
    HttpExchange *exchange;
} HealthRequest;

static void
respond_health(Api *api, HttpExchange *exchange, const char *database)
{
    JsonWriter json = json_answer();

    json_begin_object(&json);
    json_member_text(&json, "status", str_of(strcmp(database, "ok") == 0 ? "ok" : "degraded"));
    json_member_text(&json, "database", str_of(database));
    if (api->spec.spool != NULL) {
        json_member_int(&json, "events_waiting", spool_backlog(api->spec.spool));
        json_member_int(&json, "events_quarantined", spool_quarantined(api->spec.spool));
    }
    json_end_object(&json);
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    respond_json(exchange, 200, &json);
}

static bool
database_answers(Db *db)
{
    g_autoptr(DbTx) tx = db == NULL ? NULL : db_begin(db, DB_READ, NULL);
    int64_t one;

    return tx != NULL && db_query_int(tx, SQL("SELECT 1"), DB_NO_ARGS, &one, NULL);
}

static void
look_at_database(Db *db, const GError *error G_GNUC_UNUSED, void *data)
{
    g_autofree HealthRequest *request = data;

    respond_health(request->api, request->exchange, database_answers(db) ? "ok" : "unavailable");
}

/* Always 200: who answers does its work, degraded or not, and the word says which. */
void
route_healthz(HttpExchange *exchange, void *data)
{
    HealthRequest *request = g_new(HealthRequest, 1);

    *request = (HealthRequest){data, exchange};
    if (db_workers_run(request->api->workers, look_at_database, request))
        return;
    g_free(request);
    respond_health(data, exchange, "busy");
}

void
route_metrics(HttpExchange *exchange, void *data)
{
    Api *api = data;
    GString *text = g_string_new(NULL);

    if (api->spec.spool != NULL)
        metric_set(api->spec.metrics, METRIC_SPOOL_BACKLOG, NULL, NULL, spool_backlog(api->spec.spool));
    metrics_write(api->spec.metrics, text);
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    http_exchange_respond(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text);
}
