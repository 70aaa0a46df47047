/*
 * GET /v1/reconciliation: how each day of each source stands against the partner's own total, and by which rule.
 */
#include "api/reconciliation_json.h"
#include "api/routes.h"

#define DEFAULT_SPAN_US (30 * US_PER_DAY)
#define ROWS_LIMIT      10000

typedef struct {
    const SourceSet *sources;
    int64_t since_day;
} ReconciliationQuery;

static void
write_row(void *data, const Reconciliation *row)
{
    reconciliation_json(data, row);
}

static void
write_sources(JsonWriter *json, const SourceSet *sources)
{
    json_key(json, "sources");
    json_begin_array(json);
    for (size_t i = 0; i < source_set_count(sources); i++) {
        const Source *source = source_set_at(sources, i);

        if (source_totals(source) != NULL && source_disabled(source) == NULL)
            reconciliation_source_json(json, source_totals(source));
    }
    json_end_array(json);
}

static bool
reconciliation_members(JsonWriter *json, DbTx *tx, const void *data, GError **error)
{
    const ReconciliationQuery *query = data;

    write_sources(json, query->sources);
    json_key(json, "rows");
    json_begin_array(json);
    if (!reconcile_list(tx, query->since_day, ROWS_LIMIT, write_row, json, error))
        return false;
    json_end_array(json);
    return true;
}

static void
answer_reconciliation(Api *api, HttpExchange *exchange, Db *db)
{
    g_autoptr(SourceSet) sources = search_engine_sources(api->spec.engine);
    ReconciliationQuery query = {.sources = sources};
    int64_t since_us;

    if (!exchange_time(exchange, "since", clock_now_us(api->spec.clock) - DEFAULT_SPAN_US, &since_us))
        return;
    query.since_day = day_of(since_us, NULL);
    respond_read(exchange, db, reconciliation_members, &query);
}

void
route_reconciliation(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_reconciliation);
}
