/*
 * GET /v1/alerts: what a person should look at; with state=all also what is over.
 */
#include "api/reconciliation_json.h"
#include "api/routes.h"

#define ALERTS_LIMIT 1000

static void
write_alert(void *data, const Alert *alert)
{
    alert_json(data, alert);
}

static void
answer_alerts(Api *api G_GNUC_UNUSED, HttpExchange *exchange, Db *db)
{
    Str state = http_exchange_query(exchange, "state");
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    JsonWriter json;

    if (!str_is_empty(state) && !str_is(state, "live") && !str_is(state, "all")) {
        respond_problem(exchange, 400, "state", "is not live or all");
        return;
    }
    json = json_answer();
    json_begin_object(&json);
    json_key(&json, "alerts");
    json_begin_array(&json);
    tx = db_begin(db, DB_READ, &error);
    if (tx == NULL || !alert_list(tx, !str_is(state, "all"), ALERTS_LIMIT, write_alert, &json, &error)) {
        g_string_free(json.to, TRUE);
        respond_error(exchange, error);
        return;
    }
    json_end_array(&json);
    json_end_object(&json);
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    respond_json(exchange, 200, &json);
}

void
route_alerts(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_alerts);
}
