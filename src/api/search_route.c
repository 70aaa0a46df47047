/*
 * GET /v1/search
 */
#include "api/answer_json.h"
#include "api/prefer.h"
#include "api/search_stream.h"
#include "search/cache_status.h"

#define ANSWER_BYTES 32768 /* of most answers; larger ones grow */

static bool
set_parameter(void *query, Str name, Str value, GError **error)
{
    return search_query_set(query, name, value, error);
}

static void
on_answer(void *data, const SearchAnswer *answer)
{
    HttpExchange *exchange = data;
    JsonWriter json = json_writer(g_string_sized_new(ANSWER_BYTES));

    json_search_answer(&json, answer);
    /* Every answer is a search of its own with tokens of its own: no cache may give it to somebody else. */
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    http_exchange_set_header(exchange, "Cache-Status", cache_status_write(answer, http_exchange_arena(exchange)).at);
    respond_json(exchange, 200, &json);
}

static const SearchReceiver RECEIVER = {.done = on_answer};

/* Prefer: wait=N is another way to say timeout_ms, which goes before it: it was meant for us. */
static void
take_preference(HttpExchange *exchange, SearchQuery *query)
{
    const SearchParameter *timeout = search_parameter_find(STR("timeout_ms"));
    int64_t wait_s = prefer_wait_s(http_exchange_header(exchange, "Prefer"));

    if (wait_s < 0 || query->timeout_ms > 0)
        return;
    wait_s = MIN(wait_s, timeout->max / 1000);
    query->timeout_ms = wait_s * 1000;
    http_exchange_set_header(exchange, "Preference-Applied",
                             arena_printf(http_exchange_arena(exchange), "wait=%" G_GINT64_FORMAT, wait_s).at);
}

void
route_search(HttpExchange *exchange, void *data)
{
    Api *api = data;
    g_autoptr(GError) error = NULL;
    EventFormat format;
    SearchQuery query;
    bool streams;

    if (!search_stream_negotiate(exchange, &streams, &format))
        return;
    search_query_init(&query, http_exchange_arena(exchange));
    if (!exchange_take_query(exchange, set_parameter, &query))
        return;
    take_preference(exchange, &query);
    query.client = http_exchange_caller(exchange);
    query.visitor_ip = exchange_client_address(api, exchange);
    query.visitor_agent = http_exchange_header(exchange, "User-Agent");
    query.page_url = http_exchange_header(exchange, "Referer");
    if (streams)
        search_stream_start(api, exchange, &query, format);
    else if (!search_start(api->spec.engine, &query, &RECEIVER, exchange, &error))
        respond_query_error(exchange, error);
}
