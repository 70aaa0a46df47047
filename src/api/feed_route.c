/*
 * GET /v1/feed.ndjson, /v1/feed.xml, /v1/feed.csv: all that may be passed on, as one feed.
 *
 * A piece is made on a database worker when the one before has been taken, and the connection sleeps meanwhile: a slow
 * consumer holds no thread, and no more memory than a piece. One that has not taken all after FEED_LIMIT_US is left.
 */
#include "api/feed_out.h"
#include "api/routes.h"
#include "net/http_accept.h"
#include "ops/log.h"

#define FEED_LIMIT_US (US_PER_HOUR)
/* Feeds under way at once: each holds a piece, and a database worker while that is made. */
#define FEEDS_AT_ONCE 16

/* One consumer's download. */
typedef struct {
    Api *api;
    Arena *arena;
    FeedAsk ask;
    FeedOut *feed;
    HttpStream *stream; /* that wants a piece */
    bool counted;
} Download;

static void
download_free(void *data)
{
    Download *download = data;

    if (download->counted)
        g_atomic_int_add(&download->api->feeds_open, -1);
    feed_out_free(download->feed);
    arena_free(download->arena);
    g_free(download);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Download, download_free)

/* On a worker's thread. */
static void
make_piece(Db *db, const GError *no_db, void *data)
{
    Download *download = data;
    HttpStream *stream = download->stream;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) piece = g_string_sized_new(64 * 1024);
    bool last = false;

    if (http_stream_is_over(stream)) {
        http_stream_give(stream, NULL, true);
        return;
    }
    /* Compressed, much of the feed may go in before something comes out. */
    while (db != NULL && error == NULL && piece->len == 0 && !last)
        if (!feed_out_next(download->feed, db, piece, &last, &error))
            g_assert(error != NULL);
    if (db == NULL || error != NULL) {
        log_event(LOG_LEVEL_ERROR, "feed.broken_off", "a consumer's feed ends early; it can ask again",
                  LOG_STR("consumer", download->ask.consumer), LOG_ERROR(db == NULL ? no_db : error));
        http_stream_give(stream, NULL, true);
        return;
    }
    http_stream_give(stream, g_steal_pointer(&piece), last);
}

static void
want_piece(void *data, HttpStream *stream)
{
    Download *download = data;

    download->stream = stream;
    if (!db_workers_run(download->api->workers, make_piece, download)) {
        log_event(LOG_LEVEL_WARN, "feed.broken_off",
                  "too many requests wait for the database; the consumer can ask again",
                  LOG_STR("consumer", download->ask.consumer));
        http_stream_give(stream, NULL, true);
    }
}

static const HttpStreamMaker MAKER = {want_piece, download_free};

/* ---- the request ---- */

static bool
set_parameter(void *ask, Str name, Str value, GError **error)
{
    return feed_ask_set(ask, name, value, error);
}

/* The format is the ending of the path, which the routes know. */
static bool
ask_of(Download *download, HttpExchange *exchange)
{
    Str rest = http_exchange_path(exchange);

    (void)str_cut(&rest, '.');
    feed_ask_init(&download->ask, download->arena);
    if (!feed_format_parse(rest, &download->ask.format))
        g_assert_not_reached();
    return exchange_take_query(exchange, set_parameter, &download->ask);
}

/* A consumer that takes gzip gets it; one that asks for a gzip file gets that, as such. */
static void
encode(Download *download, HttpExchange *exchange, const char **ret_content_type, const char **ret_encoding)
{
    bool as_file = download->ask.gzip;

    *ret_encoding = "";
    *ret_content_type = as_file ? "application/gzip" : feed_format_content_type(download->ask.format);
    http_exchange_set_header(exchange, "Vary", "Accept-Encoding");
    if (as_file || !http_takes_gzip(http_exchange_header(exchange, "Accept-Encoding")))
        return;
    download->ask.gzip = true;
    *ret_encoding = "gzip";
}

/* Whether the consumer, who knows no tags, has this state already (RFC 9110, section 13.2.2). */
static bool
is_known_by_time(HttpExchange *exchange, const char *modified)
{
    return http_exchange_header(exchange, "If-None-Match").at == NULL &&
           str_is(http_exchange_header(exchange, "If-Modified-Since"), modified);
}

static FeedOut *
feed_of(Api *api, const FeedAsk *ask, GError **error)
{
    g_autoptr(SourceSet) sources = search_engine_sources(api->spec.engine);

    return feed_out_new(&(FeedOutSpec){.sources = sources,
                                       .ring = api->spec.ring,
                                       .random = api->spec.random,
                                       .mint = api->spec.mint,
                                       .clock = api->spec.clock,
                                       .base_url = api->spec.base_url,
                                       .token_lifetime_us = api->spec.token_lifetime_us},
                        ask, error);
}

static void
answer_feed(Api *api, HttpExchange *exchange, Db *db)
{
    g_autoptr(Download) download = g_new0(Download, 1);
    g_autoptr(GError) error = NULL;
    char modified[TIMESTAMP_HTTP_SIZE];
    const char *content_type, *encoding;
    FeedVersion version;

    *download = (Download){.api = api, .arena = arena_new(4096)};
    if (!ask_of(download, exchange))
        return;
    encode(download, exchange, &content_type, &encoding);
    if ((download->feed = feed_of(api, &download->ask, &error)) == NULL ||
        !feed_out_version(download->feed, db, &version, &error)) {
        respond_query_error(exchange, error);
        return;
    }
    http_exchange_set_header(exchange, "Last-Modified", timestamp_format_http(version.modified_at_us, modified));
    http_exchange_set_header(exchange, "Cache-Control", "private, no-cache");
    if (etag_answers(exchange, version.etag))
        return;
    if (is_known_by_time(exchange, modified)) {
        http_exchange_respond(exchange, 304, NULL, NULL);
        return;
    }
    download->counted = true;
    if (g_atomic_int_add(&api->feeds_open, 1) >= FEEDS_AT_ONCE) {
        respond_problem(exchange, 503, NULL, "Too many feeds are being taken just now. Try again in a minute.");
        return;
    }
    http_exchange_set_header(exchange, "Content-Encoding", encoding); /* of the feed, not of a problem */
    http_exchange_respond_made(exchange, 200, content_type, &MAKER, g_steal_pointer(&download), FEED_LIMIT_US);
}

void
route_feed(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_feed);
}
