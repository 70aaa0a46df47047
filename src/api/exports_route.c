/*
 * GET /v1/exports: how far each table has come on its way into the warehouse.
 */
#include "api/exports_json.h"
#include "api/routes.h"

static void
answer_exports(Api *api G_GNUC_UNUSED, HttpExchange *exchange, Db *db)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    JsonWriter json = json_answer();

    json_begin_object(&json);
    json_key(&json, "tables");
    tx = db_begin(db, DB_READ, &error);
    if (tx == NULL || !exports_json(&json, tx, &error)) {
        g_string_free(json.to, TRUE);
        respond_error(exchange, error);
        return;
    }
    json_end_object(&json);
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    respond_json(exchange, 200, &json);
}

void
route_exports(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_exports);
}
