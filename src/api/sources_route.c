/*
 * GET /v1/sources: every source, whether it may be used, and how it does.
 */
#include "api/routes.h"
#include "api/sources_json.h"

void
route_sources(HttpExchange *exchange, void *data)
{
    Api *api = data;
    g_autoptr(SourceSet) sources = search_engine_sources(api->spec.engine);
    JsonWriter json = json_answer();

    json_begin_object(&json);
    json_member_sources(&json, sources, api->spec.engine);
    json_end_object(&json);
    http_exchange_set_header(exchange, "Cache-Control", "no-store"); /* it tells how they do just now */
    respond_json(exchange, 200, &json);
}
