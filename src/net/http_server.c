/*
 * The server's life: listening, handing each request to its exchange, and closing without losing one.
 *
 * Exchanges are open from the end of their head to the end of their answer; stopping waits for them, then abandons
 * what is left.
 */
#include "net/http_exchange.h"
#include "net/http_listen.h"

#include <errno.h>
#include <unistd.h>

#define CONNECTION_MEMORY_BYTES 32768 /* request line and headers must fit; more is answered 414 or 431 */
#define CONNECTIONS_DEFAULT     10000
#define IDLE_TIMEOUT_DEFAULT_S  30
#define TRANSFER_LIMIT_US       (60 * US_PER_SECOND)
#define LISTEN_BACKLOG          1024
/* What is read and thrown away of a body that is too large, so that the peer gets to see why. */
#define DRAIN_LIMIT_BYTES (1024 * 1024)
/* How long connections that are silent may still come with a request, while the server stops. A request that was on
 * its way then gets its answer, which tells the client to close. */
#define LINGER_US (250 * US_PER_MS)
/* How long abandoned connections may take to get their 503. */
#define ABANDON_GRACE_US US_PER_SECOND

struct HttpServer {
    HttpServerSpec spec;
    struct MHD_Daemon *daemon;
    HttpDeadlines *deadlines;
    int listening; /* once it is taken back from the daemon, to be closed last; else -1 */
    uint16_t port;
    GMutex lock; /* of what follows */
    GCond changed;
    GQueue open; /* of HttpExchange */
    unsigned connections;
    int64_t active_us; /* when an exchange ended last, once it is quiet; of g_get_monotonic_time() */
    bool is_quiet;     /* no new connections; those that are there end with their answer */
    bool is_closing;   /* no handler is called any more */
};

static void *
on_target(void *data, const char *target, struct MHD_Connection *connection)
{
    HttpExchange *exchange = http_exchange_new(data, connection, target);

    exchange->clock = ((const HttpServer *)data)->spec.clock;
    exchange->deadline = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    exchange->gzip_from_bytes = ((const HttpServer *)data)->spec.gzip_from_bytes;
    return exchange;
}

/* Paths are decoded segment by segment, after they were split. */
static size_t
leave_escaped(void *data G_GNUC_UNUSED, struct MHD_Connection *connection G_GNUC_UNUSED, char *text)
{
    return strlen(text);
}

/* False when the server closes. */
static bool
exchange_open(HttpExchange *exchange)
{
    HttpServer *server = exchange->server;
    bool is_closing;

    exchange->started_us = clock_monotonic_us(server->spec.clock);
    g_mutex_lock(&server->lock);
    is_closing = server->is_closing;
    g_queue_push_tail_link(&server->open, &exchange->open_link);
    exchange->is_open = true;
    exchange->open = server->open.length;
    g_mutex_unlock(&server->lock);
    return !is_closing;
}

static void
exchange_close(HttpExchange *exchange)
{
    HttpServer *server = exchange->server;
    const HttpRoute *route = exchange->match.route;
    const char *pattern = route != NULL ? route->path : "other";
    char status[16] = "gone";

    if (exchange->sent_status != 0)
        g_snprintf(status, sizeof(status), "%d", exchange->sent_status);
    metric_add(server->spec.metrics, METRIC_HTTP_REQUESTS, pattern, status, 1);
    metric_observe_us(server->spec.metrics, METRIC_HTTP_SECONDS, pattern,
                      clock_monotonic_us(server->spec.clock) - exchange->started_us);
    g_mutex_lock(&server->lock);
    g_queue_unlink(&server->open, &exchange->open_link);
    /* Nobody waits before; and waking nobody costs a call of the kernel. */
    if (server->is_quiet) {
        server->active_us = g_get_monotonic_time();
        if (server->open.length == 0)
            g_cond_broadcast(&server->changed);
    }
    g_mutex_unlock(&server->lock);
}

static void
on_completed(void *data G_GNUC_UNUSED, struct MHD_Connection *connection G_GNUC_UNUSED, void **state,
             enum MHD_RequestTerminationCode how G_GNUC_UNUSED)
{
    HttpExchange *exchange = *state;

    if (exchange == NULL)
        return;
    if (exchange->is_open)
        exchange_close(exchange);
    *state = NULL;
    http_deadline_enter(exchange->deadline, HTTP_PHASE_RECEIVING);
    http_exchange_unref(exchange);
}

static void
on_connection(void *data, struct MHD_Connection *connection, void **state, enum MHD_ConnectionNotificationCode what)
{
    HttpServer *server = data;

    if (what == MHD_CONNECTION_NOTIFY_STARTED)
        *state = http_deadline_new(server->deadlines,
                                   MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
    else
        http_deadline_free(*state);
    g_mutex_lock(&server->lock);
    server->connections += what == MHD_CONNECTION_NOTIFY_STARTED ? 1 : -1;
    if (server->connections == 0)
        g_cond_broadcast(&server->changed);
    g_mutex_unlock(&server->lock);
}

static enum MHD_Result
exchange_queue(HttpExchange *exchange)
{
    static const char BUSY[] = "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                               "\"detail\":\"The server is closing; try again.\"}";
    HttpServer *server = exchange->server;
    struct MHD_Response *response;
    enum MHD_Result result;
    bool is_quiet;

    if (http_exchange_is_abandoned(exchange)) {
        response = MHD_create_response_from_buffer(sizeof(BUSY) - 1, (void *)BUSY, MHD_RESPMEM_PERSISTENT);
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/problem+json");
        exchange->sent_status = MHD_HTTP_SERVICE_UNAVAILABLE;
    } else {
        response = http_exchange_take_response(exchange);
        exchange->sent_status = exchange->status;
    }
    g_mutex_lock(&server->lock);
    is_quiet = server->is_quiet;
    g_mutex_unlock(&server->lock);
    if (is_quiet)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    http_deadline_enter(exchange->deadline, exchange->is_made_while_sent ? HTTP_PHASE_AT_EASE : HTTP_PHASE_SENDING);
    result = MHD_queue_response(exchange->connection, (unsigned)exchange->sent_status, response);
    MHD_destroy_response(response);
    return result;
}

/* No handler is asked. */
static enum MHD_Result
exchange_refuse(HttpExchange *exchange, int status, const char *title, const char *detail)
{
    exchange->is_asked = true;
    __atomic_add_fetch(&exchange->holders, 1, __ATOMIC_RELAXED);
    http_exchange_respond_problem(exchange, status, title, detail);
    return exchange_queue(exchange);
}

static enum MHD_Result
exchange_refuse_body(HttpExchange *exchange)
{
    Str limit = arena_printf(exchange->arena, "The body may hold at most %" G_GSIZE_FORMAT " bytes.",
                             exchange->match.route != NULL ? exchange->match.route->body_limit_bytes : 0);

    return exchange_refuse(exchange, MHD_HTTP_CONTENT_TOO_LARGE, "Content Too Large", limit.at);
}

/* What libmicrohttpd lets pass of a head that RFC 9112 has refused (sections 3.2 and 6.3); NULL: nothing. Who stands
 * between the peer and us may have read another request in it. */
static const char *
head_mistake(const HttpExchange *exchange, const char *version)
{
    if (strcmp(version, "HTTP/1.1") == 0 && http_header_find(exchange->headers, MHD_HTTP_HEADER_HOST).at == NULL)
        return "The Host is missing.";
    if (http_header_find(exchange->headers, MHD_HTTP_HEADER_TRANSFER_ENCODING).at != NULL &&
        http_header_find(exchange->headers, MHD_HTTP_HEADER_CONTENT_LENGTH).at != NULL)
        return "Content-Length and Transfer-Encoding say two things about the body.";
    return NULL;
}

/* The head is complete, the body still to come. */
static enum MHD_Result
exchange_start(HttpExchange *exchange, const char *method, const char *version)
{
    const char *mistake;
    const HttpServerSpec *spec = &exchange->server->spec;
    const HttpRoute *route;
    int64_t size;

    exchange->is_started = true;
    http_exchange_take_head(exchange, method);
    exchange->match = route_find(spec->routes, spec->route_count, exchange->method, exchange->path, exchange->arena);
    if (!exchange_open(exchange)) {
        http_exchange_abandon(exchange);
        exchange->is_asked = true;
        return exchange_queue(exchange);
    }
    mistake = head_mistake(exchange, version);
    if (mistake != NULL)
        return exchange_refuse(exchange, MHD_HTTP_BAD_REQUEST, "Bad Request", mistake);
    route = exchange->match.route;
    if (route != NULL && str_to_int64(http_exchange_header(exchange, MHD_HTTP_HEADER_CONTENT_LENGTH), &size) &&
        size > 0 && (uint64_t)size > route->body_limit_bytes)
        return exchange_refuse_body(exchange);
    return MHD_YES;
}

/* MHD_NO, which closes the connection, when a peer does not stop sending what nobody wants. */
static enum MHD_Result
exchange_take_piece(HttpExchange *exchange, Str piece)
{
    const HttpRoute *route = exchange->match.route;
    size_t limit = route != NULL ? route->body_limit_bytes : 0;

    exchange->body_bytes += piece.size;
    if (exchange->body_bytes > limit) {
        exchange->too_large = route != NULL;
        return exchange->body_bytes - limit <= DRAIN_LIMIT_BYTES ? MHD_YES : MHD_NO;
    }
    if (exchange->body == NULL)
        exchange->body = g_string_sized_new(piece.size);
    str_append(exchange->body, piece);
    return MHD_YES;
}

static void
exchange_ask(HttpExchange *exchange)
{
    const HttpServerSpec *spec = &exchange->server->spec;
    const HttpRoute *route = exchange->match.route;

    http_deadline_enter(exchange->deadline, HTTP_PHASE_AT_EASE);
    exchange->is_asked = true;
    __atomic_add_fetch(&exchange->holders, 1, __ATOMIC_RELAXED);
    if (route != NULL) {
        if (spec->admit == NULL || spec->admit(exchange, route, exchange->open, spec->data))
            route->handler(exchange, spec->data);
        return;
    }
    if (exchange->match.wrong_method)
        http_exchange_set_header(exchange, MHD_HTTP_HEADER_ALLOW,
                                 route_methods(spec->routes, spec->route_count, exchange->path, exchange->arena));
    spec->not_found(exchange, spec->data);
}

/* Called with the head, then with each piece of the body, then with no piece at its end, and once more after a
 * suspended connection was resumed. */
static enum MHD_Result
on_request(void *data G_GNUC_UNUSED, struct MHD_Connection *connection G_GNUC_UNUSED, const char *url G_GNUC_UNUSED,
           const char *method, const char *version, const char *piece, size_t *piece_size, void **state)
{
    HttpExchange *exchange = *state;

    if (!exchange->is_started)
        return exchange_start(exchange, method, version);
    if (*piece_size > 0) {
        size_t size = *piece_size;

        *piece_size = 0;
        return exchange_take_piece(exchange, (Str){piece, size});
    }
    if (exchange->too_large)
        return exchange_refuse_body(exchange);
    if (!exchange->is_asked)
        exchange_ask(exchange);
    return http_exchange_settle(exchange) ? exchange_queue(exchange) : MHD_YES;
}

static struct MHD_Daemon *
daemon_start(HttpServer *server, int fd)
{
    const HttpServerSpec *spec = &server->spec;
    unsigned threads = spec->threads != 0 ? spec->threads : g_get_num_processors();
    unsigned connections = spec->connection_limit != 0 ? spec->connection_limit : CONNECTIONS_DEFAULT;
    struct MHD_OptionItem pool[] = {
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, server->port, NULL, NULL,
                            on_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_target,
                            server, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_NOTIFY_COMPLETED,
                            on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
                            MHD_OPTION_CONNECTION_LIMIT, MAX(connections, threads), MHD_OPTION_CONNECTION_TIMEOUT,
                            spec->idle_timeout_s != 0 ? spec->idle_timeout_s : IDLE_TIMEOUT_DEFAULT_S, MHD_OPTION_ARRAY,
                            threads > 1 ? pool : pool + 1, MHD_OPTION_END);
}

HttpServer *
http_server_start(const HttpServerSpec *spec, GError **error)
{
    g_autoptr(HttpServer) server = g_new0(HttpServer, 1);
    int fd;

    g_assert(spec->not_found != NULL && spec->clock != NULL);
    server->spec = *spec;
    server->listening = -1;
    g_mutex_init(&server->lock);
    g_cond_init(&server->changed);
    g_queue_init(&server->open);
    if (!http_listen(spec->host, spec->port, &fd, &server->port, error))
        return NULL;
    server->deadlines =
        http_deadlines_start(spec->transfer_limit_us != 0 ? spec->transfer_limit_us : TRANSFER_LIMIT_US, spec->metrics);
    server->daemon = daemon_start(server, fd);
    if (server->daemon == NULL) {
        weir_fail(error, WEIR_ERROR_UNAVAILABLE, "cannot serve on %s port %u: %s", spec->host, (unsigned)server->port,
                  g_strerror(errno));
        close(fd);
        return NULL;
    }
    return g_steal_pointer(&server);
}

uint16_t
http_server_port(const HttpServer *server)
{
    return server->port;
}

/* Within the lock. Returns when no connection is left, or when those that are have been silent, or after grace_us. */
static void
wait_for_silence(HttpServer *server, int64_t grace_us)
{
    int64_t now_us = g_get_monotonic_time(), deadline_us = now_us + grace_us, until_us;

    server->active_us = now_us;
    for (;;) {
        until_us = server->open.length > 0 ? deadline_us : MIN(deadline_us, server->active_us + LINGER_US);
        if (server->connections == 0 || g_get_monotonic_time() >= until_us)
            return;
        g_cond_wait_until(&server->changed, &server->lock, until_us);
    }
}

void
http_server_quiesce(HttpServer *server, int64_t grace_us)
{
    bool was_quiet;

    g_mutex_lock(&server->lock);
    was_quiet = server->is_quiet;
    server->is_quiet = true;
    g_mutex_unlock(&server->lock);
    if (!was_quiet)
        server->listening = MHD_quiesce_daemon(server->daemon);
    g_mutex_lock(&server->lock);
    wait_for_silence(server, grace_us);
    g_mutex_unlock(&server->lock);
}

void
http_server_stop(HttpServer *server, int64_t grace_us)
{
    int64_t deadline_us;

    if (server->daemon == NULL)
        return;
    http_server_quiesce(server, grace_us);
    g_mutex_lock(&server->lock);
    server->is_closing = true;
    for (GList *at = server->open.head; at != NULL; at = at->next)
        http_exchange_abandon(at->data);
    deadline_us = g_get_monotonic_time() + ABANDON_GRACE_US;
    while (server->open.length > 0 && g_cond_wait_until(&server->changed, &server->lock, deadline_us))
        ;
    g_mutex_unlock(&server->lock);
    MHD_stop_daemon(server->daemon);
    server->daemon = NULL;
    if (server->listening >= 0)
        close(server->listening);
}

void
http_server_free(HttpServer *server)
{
    if (server == NULL)
        return;
    http_server_stop(server, 0);
    g_assert(server->open.length == 0);
    http_deadlines_stop(server->deadlines);
    g_mutex_clear(&server->lock);
    g_cond_clear(&server->changed);
    g_free(server);
}
