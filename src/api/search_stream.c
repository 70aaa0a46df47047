#include "api/search_stream.h"

#include "api/accept.h"
#include "api/answer_json.h"
#include "listings/fingerprint.h"
#include "net/http_push.h"

/* A client that lets so much lie is cut off. An answer's events may be larger: what is given at once is taken at once. */
#define BACKLOG_BYTES ((size_t)256 << 10)
/* Streams under way at once: each may hold a backlog and a page. */
#define STREAMS_AT_ONCE 256
/* What a search may take at most, and as much again for a client that reads slowly. */
#define LIMIT_US US_PER_MINUTE
/* How long a browser waits before it asks again after a broken connection. */
#define RETRY_MS 3000
/* The id of the last event ends so. */
#define DONE ".done"

typedef struct {
    Api *api;
    HttpPush *push;
    EventFormat format;
    SearchMode mode;
    int64_t started_us;
    bool begun, has_listing;
    size_t asked_count;    /* as it was told last */
    HttpPushResult result; /* of the last push */
} SearchStream;

/* ---- which form ---- */

static bool
is_done(HttpExchange *exchange)
{
    return str_ends_with(http_exchange_header(exchange, "Last-Event-ID"), STR(DONE));
}

bool
search_stream_negotiate(HttpExchange *exchange, bool *ret_streams, EventFormat *ret_format)
{
    static const char *const TYPES[] = {"application/json", "text/event-stream", "application/x-ndjson"};
    static const EventFormat FORMATS[] = {EVENT_FORMAT_SSE, EVENT_FORMAT_SSE, EVENT_FORMAT_NDJSON};
    size_t choice = accept_choose(http_exchange_header(exchange, "Accept"), TYPES, G_N_ELEMENTS(TYPES));

    http_exchange_set_header(exchange, "Vary", "Accept");
    if (choice == SIZE_MAX) {
        respond_problem(exchange, 406, NULL,
                        "A search is answered as application/json, text/event-stream or application/x-ndjson.");
        return false;
    }
    *ret_streams = choice > 0;
    *ret_format = FORMATS[choice];
    if (choice == 0 || !is_done(exchange))
        return true;
    http_exchange_respond(exchange, 204, NULL, NULL);
    return false;
}

/* ---- events ---- */

static void
write_beginning(SearchStream *stream, const SearchNews *news, GString *to)
{
    JsonWriter json;

    stream->begun = true;
    event_write_retry(stream->format, RETRY_MS, to);
    json = event_begin(stream->format, "search", STR_NONE, to);
    json_search_question(&json, news->search_id, news->query);
    event_end(stream->format, &json);
}

static void
write_asked(SearchStream *stream, size_t count, GString *to)
{
    JsonWriter json = event_begin(stream->format, "asked", STR_NONE, to);

    stream->asked_count = count;
    json_member_int(&json, "sources", (int64_t)count);
    event_end(stream->format, &json);
}

static void
write_ids(JsonWriter *json, const char *key, const Fingerprint *ids, size_t count)
{
    char text[FINGERPRINT_TEXT_SIZE];

    json_key(json, key);
    json_begin_array(json);
    for (size_t i = 0; i < count; i++)
        json_text(json, str_of(fingerprint_format(ids[i], text)));
    json_end_array(json);
}

/* The id of an event of the search: its own, and where it stands. */
static Str
event_id(Id search_id, const char *place, char to[ID_TEXT_SIZE + 16])
{
    char id[ID_TEXT_SIZE];

    g_snprintf(to, ID_TEXT_SIZE + 16, "%s%s", id_format(search_id, id), place);
    return str_of(to);
}

static void
write_listing(const SearchStream *stream, const SearchNews *news, const AnsweredListing *listing, GString *to)
{
    char id[ID_TEXT_SIZE + 16], place[16];
    JsonWriter json;

    g_snprintf(place, sizeof place, ".%u", listing->position);
    json = event_begin(stream->format, "listing", event_id(news->search_id, place, id), to);
    json_search_listing(&json, listing, news->query->explain);
    if (listing->replaces_count > 0)
        write_ids(&json, "replaces", listing->replaces, listing->replaces_count);
    event_end(stream->format, &json);
}

static void
write_source(const SearchStream *stream, const AnsweredSource *source, bool explain, GString *to)
{
    JsonWriter json = event_begin(stream->format, "source", STR_NONE, to);

    json_search_source(&json, source, explain);
    event_end(stream->format, &json);
}

static void
write_done(const SearchStream *stream, const SearchAnswer *answer, GString *to)
{
    char id[ID_TEXT_SIZE + 16];
    JsonWriter json = event_begin(stream->format, "done", event_id(answer->search_id, DONE, id), to);
    g_autofree Fingerprint *order = g_new(Fingerprint, answer->listing_count);

    for (size_t i = 0; i < answer->listing_count; i++)
        order[i] = answer->listings[i].id;
    json_search_question(&json, answer->search_id, answer->query);
    json_search_outcome(&json, answer);
    write_ids(&json, "order", order, answer->listing_count);
    json_search_sources(&json, answer);
    event_end(stream->format, &json);
}

/* ---- the search tells ---- */

static bool
on_moved(void *data, const SearchNews *news)
{
    SearchStream *stream = data;
    g_autoptr(GString) text = g_string_new(NULL);

    if (!stream->begun)
        write_beginning(stream, news, text);
    if (news->asked_count != stream->asked_count)
        write_asked(stream, news->asked_count, text);
    for (size_t i = 0; i < news->listing_count; i++)
        write_listing(stream, news, &news->listings[i], text);
    for (size_t i = 0; i < news->source_count; i++)
        write_source(stream, &news->sources[i], news->query->explain, text);
    if (text->len == 0)
        event_write_heartbeat(stream->format, text);
    if (news->listing_count > 0 && !stream->has_listing) {
        stream->has_listing = true;
        metric_observe_us(stream->api->spec.metrics, METRIC_STREAM_SECONDS, search_mode_name(stream->mode),
                          clock_monotonic_us(stream->api->spec.clock) - stream->started_us);
    }
    stream->result = http_push(stream->push, str_of_gstring(text), news->listing_count);
    return stream->result == HTTP_PUSH_TAKEN;
}

static size_t
count_taken(void *data)
{
    return http_push_units_sent(((const SearchStream *)data)->push);
}

static void
count(const Api *api, EventFormat format, const char *outcome)
{
    metric_add(api->spec.metrics, METRIC_STREAMS, event_format_name(format), outcome, 1);
}

static void
on_done(void *data, const SearchAnswer *answer)
{
    static const char *const OUTCOMES[] = {
        [HTTP_PUSH_TAKEN] = "whole", [HTTP_PUSH_GONE] = "gone", [HTTP_PUSH_CUT] = "cut"};
    SearchStream *stream = data;
    g_autoptr(GString) text = g_string_new(NULL);

    if (stream->result == HTTP_PUSH_TAKEN) {
        write_done(stream, answer, text);
        stream->result = http_push(stream->push, str_of_gstring(text), 0);
    }
    count(stream->api, stream->format, OUTCOMES[stream->result]);
    http_push_end(stream->push);
    g_free(stream);
}

static const SearchReceiver RECEIVER = {on_done, on_moved, count_taken};

/* The stream is over for the client, too. */
static void
on_over(void *data)
{
    Api *api = data;

    g_atomic_int_add(&api->streams_open, -1);
}

static void
respond(HttpExchange *exchange, EventFormat format, HttpPush *push)
{
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    http_exchange_set_header(exchange, "X-Accel-Buffering", "no"); /* nginx would hold events back */
    http_exchange_respond_pushed(exchange, 200, event_format_content_type(format), push, LIMIT_US);
}

void
search_stream_start(Api *api, HttpExchange *exchange, const SearchQuery *query, EventFormat format)
{
    HttpPush *push = http_push_new(BACKLOG_BYTES, on_over, api);
    g_autoptr(GError) error = NULL;
    SearchStream *stream;

    if (g_atomic_int_add(&api->streams_open, 1) >= STREAMS_AT_ONCE) {
        count(api, format, "refused");
        http_push_end(push);
        respond_problem(exchange, 503, NULL, "Too many searches are being streamed just now. Try again in a moment.");
        return;
    }
    if (strcmp(http_exchange_method(exchange), "HEAD") == 0) { /* there is nobody to tell anything */
        respond(exchange, format, push);
        http_push_end(push);
        return;
    }
    http_push_ref(push); /* the search may be over before it is answered with */
    stream = g_new0(SearchStream, 1);
    *stream = (SearchStream){
        .api = api,
        .push = push,
        .format = format,
        .mode = (SearchMode)query->mode,
        .started_us = clock_monotonic_us(api->spec.clock),
    };
    if (search_start(api->spec.engine, query, &RECEIVER, stream, &error)) {
        respond(exchange, format, push);
    } else {
        http_push_end(push);
        g_free(stream);
        respond_query_error(exchange, error);
    }
    http_push_unref(push);
}
