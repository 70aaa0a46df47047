/*
 * GET /v1/revenue: what was earned, clicked and shown, by one dimension.
 */
#include "api/revenue_json.h"
#include "api/routes.h"

#define DEFAULT_SPAN_US (30 * US_PER_DAY)

static void
answer_revenue(Api *api, HttpExchange *exchange, Db *db)
{
    int64_t now_us = clock_now_us(api->spec.clock), since_us, until_us;
    Str by_text = http_exchange_query(exchange, "group_by");
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    SummaryBy by = SUMMARY_BY_SOURCE;
    RevenueJson out;
    GString *body;

    if (!str_is_empty(by_text) && !summary_by_parse(by_text, &by)) {
        respond_problem(exchange, 400, "group_by", "group_by: is not source, day, hour, client, country or query");
        return;
    }
    if (!exchange_time(exchange, "until", now_us + 1, &until_us) ||
        !exchange_time(exchange, "since", until_us - DEFAULT_SPAN_US, &since_us))
        return;
    body = g_string_sized_new(4096);
    revenue_json_begin(&out, by, since_us, until_us, body);
    tx = db_begin(db, DB_READ, &error);
    if (tx == NULL || !revenue_summary(tx, by, since_us, until_us, revenue_json_row, &out, &error)) {
        g_string_free(body, TRUE);
        respond_error(exchange, error);
        return;
    }
    revenue_json_end(&out);
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    http_exchange_respond(exchange, 200, "application/json", body);
}

void
route_revenue(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_revenue);
}
