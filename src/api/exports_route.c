/*
 * GET /v1/exports: how far each table has come on its way into the warehouse.
 */
#include "api/exports_json.h"
#include "api/routes.h"

static bool
exports_members(JsonWriter *json, DbTx *tx, const void *query G_GNUC_UNUSED, GError **error)
{
    json_key(json, "tables");
    return exports_json(json, tx, error);
}

static void
answer_exports(Api *api G_GNUC_UNUSED, HttpExchange *exchange, Db *db)
{
    respond_read(exchange, db, exports_members, NULL);
}

void
route_exports(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_exports);
}
