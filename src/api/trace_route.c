/*
 * GET /v1/trace/{id}: a search, click or transaction with its whole chain.
 */
#include "api/routes.h"
#include "api/trace_json.h"

static void
answer_trace(Api *api G_GNUC_UNUSED, HttpExchange *exchange, Db *db)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, &error);
    JsonWriter json;
    Trace trace;

    if (tx == NULL ||
        !trace_find(tx, http_exchange_segment(exchange, "id"), http_exchange_arena(exchange), &trace, &error)) {
        respond_field_error(exchange, "id", error);
        return;
    }
    json = json_answer();
    json_trace(&json, &trace);
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    respond_json(exchange, 200, &json);
}

void
route_trace(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_trace);
}
