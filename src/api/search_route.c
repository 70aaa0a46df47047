/*
 * GET /v1/search
 */
#include "api/listing_json.h"
#include "api/prefer.h"
#include "api/routes.h"
#include "search/cache_status.h"

#define ANSWER_BYTES 32768 /* of most answers; larger ones grow */

static bool
set_parameter(void *query, Str name, Str value, GError **error)
{
    return search_query_set(query, name, value, error);
}

/* All but the link, which is each visitor's own. */
static void
write_members(JsonWriter *json, const AnsweredListing *answered)
{
    json_member_int(json, "position", answered->position);
    json_listing_members(json, answered->listing, false);
    if (answered->bid.currency.code[0] != '\0')
        json_member_money(json, "bid", answered->bid.micros, answered->bid.currency);
    if (answered->also_from.count > 0) {
        json_key(json, "also_from");
        json_begin_array(json);
        for (size_t i = 0; i < answered->also_from.count; i++)
            json_text(json, answered->also_from.items[i]);
        json_end_array(json);
    }
}

static void
write_listing(JsonWriter *json, const AnsweredListing *answered)
{
    Rendering *rendering = answered->rendering;
    size_t from;

    json_begin_object(json);
    from = json->to->len;
    if (rendering != NULL && rendering->text.at != NULL) {
        json_members(json, rendering->text);
    } else {
        write_members(json, answered);
        if (rendering != NULL && json->to->len - from <= RENDERING_LIMIT_BYTES)
            rendering->text = arena_str(rendering->arena, (Str){json->to->str + from, json->to->len - from});
    }
    json_member_text(json, "url", answered->click_url);
    json_end_object(json);
}

static void
write_score(JsonWriter *json, const SourceScore *score)
{
    json_key(json, "score");
    json_begin_object(json);
    json_member_int(json, "total", score->score);
    json_member_int(json, "in_time", score->in_time);
    json_member_int(json, "new", score->fresh);
    json_member_int(json, "fit", score->fit);
    json_member_int(json, "value", score->value);
    json_member_int(json, "room", score->room);
    json_member_int(json, "calls", score->calls);
    if (score->p50_us < INT64_MAX)
        json_member_int(json, "p50_ms", score->p50_us / US_PER_MS);
    if (score->p95_us < INT64_MAX)
        json_member_int(json, "p95_ms", score->p95_us / US_PER_MS);
    json_end_object(json);
}

static void
write_attempts(JsonWriter *json, const AttemptLog *log)
{
    json_key(json, "attempts");
    json_begin_array(json);
    for (size_t i = 0; i < log->count; i++) {
        const SourceAttempt *attempt = &log->items[i];

        json_begin_object(json);
        json_member_text(json, "kind", str_of(call_kind_name(attempt->kind)));
        json_member_text(json, "status", str_of(source_status_name(attempt->status)));
        json_member_int(json, "after_ms", attempt->after_us / US_PER_MS);
        if (attempt->status != SOURCE_PENDING)
            json_member_int(json, "took_ms", attempt->took_us / US_PER_MS);
        json_end_object(json);
    }
    json_end_array(json);
}

static void
write_source(JsonWriter *json, const AnsweredSource *source, bool explain)
{
    json_begin_object(json);
    json_member_text(json, "source", source->name);
    json_member_text_if(json, "partner", source->partner);
    json_member_text(json, "status", str_of(source_status_name(source->status)));
    json_member_int(json, "count", (int64_t)source->count);
    json_member_int(json, "took_ms", source->took_us / US_PER_MS);
    json_member_text_if(json, "reason", source->reason);
    json_member_text_if(json, "attribution", source->attribution);
    json_member_text_if(json, "attribution_url", source->attribution_url);
    if (source->follow)
        json_member_bool(json, "follow", true);
    if (source->noindex)
        json_member_bool(json, "noindex", true);
    json_member_text_if(json, "cache", str_of(cache_use_name(source->cache)));
    if (source->cache == CACHE_HIT || source->cache == CACHE_STALE)
        json_member_int(json, "ttl_s", source->ttl_us / US_PER_SECOND);
    if (source->collapsed)
        json_member_bool(json, "collapsed", true);
    if (source->explored)
        json_member_bool(json, "explored", true);
    if (explain && source->scored)
        write_score(json, &source->score);
    if (explain && source->attempts.count > 0)
        write_attempts(json, &source->attempts);
    json_end_object(json);
}

/* Where the place is that was asked for; null when nobody can tell. */
static void
write_place(JsonWriter *json, const SearchQuery *query)
{
    double latitude, longitude;

    if (str_is_empty(query->location))
        return;
    json_key(json, "place");
    if (!search_query_position(query, &latitude, &longitude)) {
        json_null(json);
        return;
    }
    json_begin_object(json);
    json_key(json, "latitude");
    json_double(json, latitude);
    json_key(json, "longitude");
    json_double(json, longitude);
    json_end_object(json);
}

static void
write_answer(JsonWriter *json, const SearchAnswer *answer)
{
    json_begin_object(json);
    json_member_id(json, "search_id", answer->search_id);
    json_key(json, "query");
    search_query_write(answer->query, json);
    write_place(json, answer->query);
    json_member_text(json, "mode", str_of(search_mode_name((SearchMode)answer->query->mode)));
    json_member_int(json, "took_ms", answer->took_us / US_PER_MS);
    json_member_text(json, "cache", str_of(answer->cache));
    json_member_text(json, "ended", str_of(search_end_name(answer->ended)));
    if (answer->query->explain && answer->plan_us > 0)
        json_member_int(json, "plan_ms", answer->plan_us / US_PER_MS);
    json_member_bool(json, "partial", answer->partial);
    json_member_int(json, "total", (int64_t)answer->total);
    if (answer->next_page > 0)
        json_member_int(json, "next_page", answer->next_page);
    json_key(json, "listings");
    json_begin_array(json);
    for (size_t i = 0; i < answer->listing_count; i++)
        write_listing(json, &answer->listings[i]);
    json_end_array(json);
    json_key(json, "sources");
    json_begin_array(json);
    for (size_t i = 0; i < answer->source_count; i++)
        write_source(json, &answer->sources[i], answer->query->explain);
    json_end_array(json);
    json_end_object(json);
}

static void
on_answer(void *data, const SearchAnswer *answer)
{
    HttpExchange *exchange = data;
    JsonWriter json = json_writer(g_string_sized_new(ANSWER_BYTES));

    write_answer(&json, answer);
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
    SearchQuery query;

    search_query_init(&query, http_exchange_arena(exchange));
    if (!exchange_take_query(exchange, set_parameter, &query))
        return;
    take_preference(exchange, &query);
    query.client = http_exchange_caller(exchange);
    query.visitor_ip = exchange_client_address(api, exchange);
    query.visitor_agent = http_exchange_header(exchange, "User-Agent");
    query.page_url = http_exchange_header(exchange, "Referer");
    if (!search_start(api->spec.engine, &query, &RECEIVER, exchange, &error))
        respond_error(exchange, error);
}
