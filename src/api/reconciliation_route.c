/*
 * GET /v1/reconciliation: how each day of each source stands against the partner's own total.
 */
#include "api/reconciliation_json.h"
#include "api/routes.h"

#define DEFAULT_SPAN_US (30 * US_PER_DAY)
#define ROWS_LIMIT      10000

static void
write_row(void *data, const Reconciliation *row)
{
    reconciliation_json(data, row);
}

static void
answer_reconciliation(Api *api, HttpExchange *exchange, Db *db)
{
    int64_t now_us = clock_now_us(api->spec.clock), since_us;
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    JsonWriter json;

    if (!exchange_time(exchange, "since", now_us - DEFAULT_SPAN_US, &since_us))
        return;
    json = json_answer();
    json_begin_object(&json);
    json_key(&json, "rows");
    json_begin_array(&json);
    tx = db_begin(db, DB_READ, &error);
    if (tx == NULL || !reconcile_list(tx, day_of(since_us, NULL), ROWS_LIMIT, write_row, &json, &error)) {
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
route_reconciliation(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_reconciliation);
}
