/*
 * GET /v1/alerts: what a person should look at; with state=all also what is over.
 * POST /v1/alerts/{id}/acknowledge: somebody looks after it.
 */
#include "api/reconciliation_json.h"
#include "api/routes.h"
#include "ops/log.h"

#define ALERTS_LIMIT 1000

static void
write_alert(void *data, const Alert *alert)
{
    alert_json(data, alert);
}

/* query: whether only live ones. */
static bool
alerts_members(JsonWriter *json, DbTx *tx, const void *query, GError **error)
{
    const bool *live_only = query;

    json_key(json, "alerts");
    json_begin_array(json);
    if (!alert_list(tx, *live_only, ALERTS_LIMIT, write_alert, json, error))
        return false;
    json_end_array(json);
    return true;
}

static void
answer_alerts(Api *api G_GNUC_UNUSED, HttpExchange *exchange, Db *db)
{
    Str state = http_exchange_query(exchange, "state");
    bool live_only = !str_is(state, "all");

    if (live_only && !str_is_empty(state) && !str_is(state, "live"))
        respond_problem(exchange, 400, "state", "state: is not live or all");
    else
        respond_read(exchange, db, alerts_members, &live_only);
}

void
route_alerts(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_alerts);
}

static bool
acknowledge(Db *db, Id id, JsonWriter *json, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL && alert_acknowledge(tx, id, error) && alert_load(tx, id, write_alert, json, error) &&
           db_commit_auto(&tx, error);
}

static void
answer_acknowledge(Api *api G_GNUC_UNUSED, HttpExchange *exchange, Db *db)
{
    Str id_text = http_exchange_segment(exchange, "id");
    g_autoptr(GError) error = NULL;
    JsonWriter json;
    Id id;

    if (!id_parse(id_text, &id)) {
        respond_problem(exchange, 404, NULL, "This is no id of an alert.");
        return;
    }
    json = json_answer();
    if (!acknowledge(db, id, &json, &error)) {
        g_string_free(json.to, TRUE);
        respond_error(exchange, error);
        return;
    }
    log_event(LOG_LEVEL_INFO, "alert.acknowledged", "somebody looks after it", LOG_STR("alert", id_text));
    respond_json(exchange, 200, &json);
}

void
route_alert_acknowledge(HttpExchange *exchange, void *data)
{
    if (exchange_is_cross_site(exchange))
        respond_problem(exchange, 403, NULL, "Alerts are acknowledged from our own pages, or by programs.");
    else
        route_with_db(data, exchange, answer_acknowledge);
}
