#include "net/http_server.h"

#include "support/peer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_US (15 * US_PER_SECOND)

/* One thread serves all connections, and a request for /block holds it until the test lets it go. */
typedef struct {
    HttpServer *server;
    Metrics *metrics;
    uint16_t port;
    GAsyncQueue *blocked, *released; /* of HttpExchange */
    int blocker;                     /* the connection that asked for /block */
} Fixture;

static void
on_echo(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    GString *body = g_string_new("echo ");

    str_append(body, http_exchange_body(exchange));
    http_exchange_respond(exchange, 200, "text/plain", body);
}

static void
on_block(HttpExchange *exchange, void *data)
{
    Fixture *f = data;

    g_async_queue_push(f->blocked, exchange);
    on_echo(g_async_queue_pop(f->released), f);
}

static const HttpRoute ROUTES[] = {
    {"GET", "/block", on_block, 0},
    {"GET", "/echo", on_echo, 0},
    {"POST", "/echo", on_echo, 1000},
};

static void
fixture_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    f->metrics = metrics_new();
    f->blocked = g_async_queue_new();
    f->released = g_async_queue_new();
    f->server = http_server_start(&(HttpServerSpec){.host = "127.0.0.1",
                                                    .threads = 1,
                                                    .routes = ROUTES,
                                                    .route_count = G_N_ELEMENTS(ROUTES),
                                                    .not_found = on_echo,
                                                    .data = f,
                                                    .clock = clock_system(),
                                                    .metrics = f->metrics},
                                  &error);
    g_assert_no_error(error);
    f->port = http_server_port(f->server);
    f->blocker = peer_connect(f->port);
}

static void
fixture_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    close(f->blocker);
    http_server_free(f->server);
    g_async_queue_unref(f->blocked);
    g_async_queue_unref(f->released);
    metrics_free(f->metrics);
}

/* A connection that the server already waits on. */
static int
connect_and_ask(Fixture *f)
{
    int fd = peer_connect(f->port);

    peer_send(fd, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    g_string_free(peer_read_until(fd, "\r\n\r\necho "), TRUE);
    return fd;
}

/* Says that no more will come; returns when the kernel of the other side has heard it. */
static void
end_sending(int fd)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    int64_t start_us = g_get_monotonic_time();

    g_assert_no_errno(shutdown(fd, SHUT_WR));
    while (info.tcpi_state != TCP_FIN_WAIT2) {
        g_assert_cmpint(g_get_monotonic_time(), <, start_us + PATIENCE_US);
        g_assert_no_errno(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size));
    }
}

/* What each of them sends and its end reach the server in one look at the connection. */
static void
send_and_leave(Fixture *f, const int *fds, const char *const *requests, size_t count)
{
    HttpExchange *exchange;

    peer_send(f->blocker, "GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
    exchange = g_async_queue_pop(f->blocked);
    for (size_t i = 0; i < count; i++) {
        peer_send(fds[i], requests[i]);
        end_sending(fds[i]);
    }
    g_async_queue_push(f->released, exchange);
}

static void
who_leaves_amid_a_request_holds_nothing_open(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const REQUESTS[] = {
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "GET /echo HTTP/1.1\r\nHos",
    };
    int fds[G_N_ELEMENTS(REQUESTS)];

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = connect_and_ask(f);
    send_and_leave(f, fds, REQUESTS, G_N_ELEMENTS(fds));
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        g_autoptr(GString) answer = peer_read_all(fds[i]);

        g_assert_cmpstr(answer->str, ==, "");
        close(fds[i]);
    }
    /* The last had sent no head, so that there was no exchange. */
    http_server_stop(f->server, PATIENCE_US);
    g_assert_cmpint(metric_value(f->metrics, METRIC_HTTP_REQUESTS, "/echo", "gone"), ==, 3);
    g_assert_cmpint(metric_value(f->metrics, METRIC_HTTP_CUT, "receiving", NULL), ==, 0);
}

static void
who_has_asked_and_sends_no_more_is_answered(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const REQUEST = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    int fd = connect_and_ask(f);

    send_and_leave(f, &fd, &REQUEST, 1);
    {
        g_autoptr(GString) answer = peer_read_all(fd);

        g_assert_true(g_str_has_suffix(answer->str, "\r\n\r\necho abc"));
    }
    close(fd);
}

#define ADD(name) g_test_add("/net/left/" #name, Fixture, NULL, fixture_up, name, fixture_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(who_leaves_amid_a_request_holds_nothing_open);
    ADD(who_has_asked_and_sends_no_more_is_answered);
    return g_test_run();
}
