#include "net/http_exchange.h"

#include "base/json_writer.h"
#include "net/http_accept.h"
#include "stream/gzip_writer.h"

#define ARENA_BLOCK_BYTES  4096
#define STREAM_BLOCK_BYTES 32768

HttpExchange *
http_exchange_new(HttpServer *server, struct MHD_Connection *connection, const char *target)
{
    Arena *arena = arena_new(ARENA_BLOCK_BYTES);
    HttpExchange *exchange = g_new0(HttpExchange, 1);
    Str rest;

    exchange->arena = arena;
    exchange->server = server;
    exchange->connection = connection;
    exchange->holders = 1;
    g_mutex_init(&exchange->lock);
    exchange->target = arena_str(arena, str_of(target));
    exchange->open_link.data = exchange;
    rest = exchange->target;
    /* "GET http://host/path": only the path concerns us. */
    if (str_starts_with(rest, STR("http://")) || str_starts_with(rest, STR("https://"))) {
        ptrdiff_t slash = str_find_char(str_slice(rest, 8, rest.size), '/');

        rest = slash < 0 ? STR("/") : str_slice(rest, 8 + (size_t)slash, rest.size);
    }
    exchange->path = str_cut(&rest, '?');
    exchange->query = rest;
    return exchange;
}

void
http_exchange_unref(HttpExchange *exchange)
{
    if (__atomic_sub_fetch(&exchange->holders, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    if (exchange->response != NULL)
        MHD_destroy_response(exchange->response);
    http_stream_unref(exchange->stream);
    if (exchange->answer_body != NULL)
        g_string_free(exchange->answer_body, TRUE);
    if (exchange->body != NULL)
        g_string_free(exchange->body, TRUE);
    if (exchange->answer_headers != NULL)
        g_array_unref(exchange->answer_headers);
    arena_free(exchange->arena);
    g_mutex_clear(&exchange->lock);
    g_free(exchange);
}

static enum MHD_Result
count_header(void *data, enum MHD_ValueKind kind G_GNUC_UNUSED, const char *name G_GNUC_UNUSED,
             const char *value G_GNUC_UNUSED)
{
    ++*(size_t *)data;
    return MHD_YES;
}

static enum MHD_Result
take_header(void *data, enum MHD_ValueKind kind G_GNUC_UNUSED, const char *name, const char *value)
{
    HttpExchange *exchange = data;
    HttpHeader *items = (HttpHeader *)exchange->headers.items;

    items[exchange->headers.count].name = arena_str(exchange->arena, str_of(name));
    items[exchange->headers.count].value = arena_str(exchange->arena, value != NULL ? str_of(value) : STR(""));
    exchange->headers.count++;
    return MHD_YES;
}

void
http_exchange_take_head(HttpExchange *exchange, const char *method)
{
    const union MHD_ConnectionInfo *info;
    size_t count = 0;

    exchange->method = arena_strdup(exchange->arena, str_of(method));
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, count_header, &count);
    exchange->headers.items = ARENA_ARRAY(exchange->arena, HttpHeader, MAX(count, 1));
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, take_header, exchange);
    info = MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info != NULL && info->client_addr != NULL)
        memcpy(&exchange->peer, info->client_addr,
               info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
}

bool
http_exchange_settle(HttpExchange *exchange)
{
    bool is_settled;

    g_mutex_lock(&exchange->lock);
    is_settled = exchange->state != EXCHANGE_RUNNING;
    if (!is_settled) {
        MHD_suspend_connection(exchange->connection);
        exchange->state = EXCHANGE_SUSPENDED;
    }
    g_mutex_unlock(&exchange->lock);
    return is_settled;
}

/* Within the lock. The connection's thread sees the new state, as it takes the lock before it looks. */
static void
state_leave(HttpExchange *exchange, ExchangeState to)
{
    bool was_suspended = exchange->state == EXCHANGE_SUSPENDED;

    exchange->state = to;
    if (was_suspended)
        MHD_resume_connection(exchange->connection);
}

void
http_exchange_abandon(HttpExchange *exchange)
{
    g_mutex_lock(&exchange->lock);
    if (exchange->state == EXCHANGE_RUNNING || exchange->state == EXCHANGE_SUSPENDED)
        state_leave(exchange, EXCHANGE_ABANDONED);
    if (exchange->stream != NULL)
        http_stream_abandon(exchange->stream);
    g_mutex_unlock(&exchange->lock);
}

bool
http_exchange_is_abandoned(HttpExchange *exchange)
{
    bool is_abandoned;

    g_mutex_lock(&exchange->lock);
    is_abandoned = exchange->state == EXCHANGE_ABANDONED;
    g_mutex_unlock(&exchange->lock);
    return is_abandoned;
}

/* Gives the answer to the connection; takes response (NULL: answer_body is to be made one), and stream, if there is one.
 * After this the exchange may be gone. */
static void
exchange_answer_with(HttpExchange *exchange, int status, const char *content_type, struct MHD_Response *response,
                     HttpStream *stream)
{
    g_assert(status >= 200 && status <= 599);
    if (content_type != NULL)
        http_exchange_set_header(exchange, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    g_mutex_lock(&exchange->lock);
    g_assert(exchange->state != EXCHANGE_ANSWERED);
    if (exchange->state == EXCHANGE_ABANDONED) {
        g_mutex_unlock(&exchange->lock);
        g_clear_pointer(&response, MHD_destroy_response);
        http_stream_unref(stream);
    } else {
        exchange->response = response;
        exchange->stream = stream;
        exchange->is_made_while_sent = exchange->is_made_while_sent || stream != NULL;
        exchange->status = status;
        state_leave(exchange, EXCHANGE_ANSWERED);
        g_mutex_unlock(&exchange->lock);
    }
    http_exchange_unref(exchange);
}

static void
exchange_answer(HttpExchange *exchange, int status, const char *content_type, struct MHD_Response *response)
{
    g_assert(response != NULL);
    exchange_answer_with(exchange, status, content_type, response, NULL);
}

void
http_exchange_respond_made(HttpExchange *exchange, int status, const char *content_type, const HttpStreamMaker *maker,
                           void *data, int64_t limit_us)
{
    struct MHD_Response *response;
    HttpStream *stream = http_stream_new(exchange->connection, maker, data, exchange->clock, limit_us, &response);

    exchange_answer_with(exchange, status, content_type, response, stream);
}

void
http_exchange_respond(HttpExchange *exchange, int status, const char *content_type, GString *body)
{
    exchange->answer_body = body;
    exchange_answer_with(exchange, status, content_type, NULL, NULL);
}

void
http_exchange_respond_static(HttpExchange *exchange, int status, const char *content_type, Str body)
{
    exchange_answer(exchange, status, content_type,
                    MHD_create_response_from_buffer(body.size, (void *)body.at, MHD_RESPMEM_PERSISTENT));
}

typedef struct {
    bool (*next)(void *data, GString *to);
    void (*end)(void *data);
    void *data;
    GString *made;
    size_t sent; /* of made */
    bool ended;
} Stream;

static ssize_t
stream_read(void *data, uint64_t position G_GNUC_UNUSED, char *to, size_t limit)
{
    Stream *stream = data;
    size_t size;

    if (stream->sent == stream->made->len) {
        g_string_truncate(stream->made, 0);
        stream->sent = 0;
        while (stream->made->len == 0 && !stream->ended)
            stream->ended = !stream->next(stream->data, stream->made);
    }
    size = MIN(limit, stream->made->len - stream->sent);
    if (size == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    memcpy(to, stream->made->str + stream->sent, size);
    stream->sent += size;
    return (ssize_t)size;
}

static void
stream_free(void *data)
{
    Stream *stream = data;

    stream->end(stream->data);
    g_string_free(stream->made, TRUE);
    g_free(stream);
}

void
http_exchange_respond_stream(HttpExchange *exchange, int status, const char *content_type,
                             bool (*next)(void *data, GString *to), void (*end)(void *data), void *data)
{
    Stream *stream = g_new0(Stream, 1);

    exchange->is_made_while_sent = true;
    *stream = (Stream){.next = next, .end = end, .data = data, .made = g_string_sized_new(STREAM_BLOCK_BYTES)};
    exchange_answer(
        exchange, status, content_type,
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream_read, stream, stream_free));
}

static ssize_t
broken_read(void *data, uint64_t position, char *to, size_t limit)
{
    const GString *body = data;
    size_t size = position < body->len ? MIN(limit, body->len - (size_t)position) : 0;

    if (size == 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    memcpy(to, body->str + position, size);
    return (ssize_t)size;
}

static void
broken_free(void *data)
{
    g_string_free(data, TRUE);
}

void
http_exchange_break_off(HttpExchange *exchange, int status, const char *content_type, GString *body)
{
    exchange_answer(
        exchange, status, content_type,
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, broken_read, body, broken_free));
}

void
http_exchange_respond_problem(HttpExchange *exchange, int status, const char *title, const char *detail)
{
    GString *body = g_string_new(NULL);
    JsonWriter json = json_writer(body);

    json_begin_object(&json);
    json_member_text(&json, "type", STR("about:blank"));
    json_member_text(&json, "title", str_of(title));
    json_member_int(&json, "status", status);
    json_member_text(&json, "detail", str_of(detail));
    json_end_object(&json);
    http_exchange_respond(exchange, status, "application/problem+json", body);
}

void
http_exchange_set_header(HttpExchange *exchange, const char *name, const char *value)
{
    HttpHeader header = {arena_str(exchange->arena, str_of(name)), arena_str(exchange->arena, str_of(value))};

    g_assert(strpbrk(name, "\r\n: ") == NULL && strpbrk(value, "\r\n") == NULL);
    if (exchange->answer_headers == NULL)
        exchange->answer_headers = g_array_new(FALSE, FALSE, sizeof(HttpHeader));
    g_array_append_val(exchange->answer_headers, header);
}

/* ---- on the connection's side ---- */

/* The body in the form that the peer likes best. */
static GString *
encode(HttpExchange *exchange, GString *plain)
{
    g_autoptr(GzipWriter) writer = NULL;
    GString *gzip;

    if (exchange->gzip_from_bytes == 0 || plain->len < exchange->gzip_from_bytes)
        return plain;
    http_exchange_set_header(exchange, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    if (!http_takes_gzip(http_exchange_header(exchange, MHD_HTTP_HEADER_ACCEPT_ENCODING)))
        return plain;
    http_exchange_set_header(exchange, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    writer = gzip_writer_new();
    gzip = g_string_sized_new(plain->len / 2);
    gzip_writer_add(writer, str_of_gstring(plain), true, gzip);
    g_string_free(plain, TRUE);
    return gzip;
}

/* Takes body, which may be NULL. */
static struct MHD_Response *
response_of_body(HttpExchange *exchange, GString *body)
{
    size_t size;

    if (body == NULL)
        return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    body = encode(exchange, body);
    size = body->len;
    return MHD_create_response_from_buffer_with_free_callback(size, g_string_free(body, FALSE), g_free);
}

struct MHD_Response *
http_exchange_take_response(HttpExchange *exchange)
{
    struct MHD_Response *response = g_steal_pointer(&exchange->response);

    if (response == NULL)
        response = response_of_body(exchange, g_steal_pointer(&exchange->answer_body));
    g_assert(response != NULL);
    for (guint i = 0; exchange->answer_headers != NULL && i < exchange->answer_headers->len; i++) {
        const HttpHeader *header = &g_array_index(exchange->answer_headers, HttpHeader, i);

        /* libmicrohttpd has no empty values. */
        if (header->value.size > 0 && MHD_add_response_header(response, header->name.at, header->value.at) != MHD_YES)
            g_error("the header %s of an answer is not valid", header->name.at);
    }
    return response;
}
