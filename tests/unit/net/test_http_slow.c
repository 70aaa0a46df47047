#include "net/http_server.h"

#include "support/peer.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define LIMIT_US   (300 * US_PER_MS)
#define STEP_US    (20 * US_PER_MS)
#define PATIENCE   (15 * US_PER_SECOND) /* of the tests: far beyond the limit */
#define LARGE_BODY (64 * 1024 * 1024)   /* more than the kernel holds for a peer that does not read */

typedef struct {
    HttpServer *server;
    Metrics *metrics;
    uint16_t port;
    GAsyncQueue *kept;
} Fixture;

static void
on_hello(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    http_exchange_respond(exchange, 200, "text/plain", g_string_new("hello"));
}

static void
on_large(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    GString *body = g_string_sized_new(LARGE_BODY);

    memset(body->str, 'x', LARGE_BODY);
    http_exchange_respond(exchange, 200, "text/plain", g_string_set_size(body, LARGE_BODY));
}

static void
on_keep(HttpExchange *exchange, void *data)
{
    g_async_queue_push(((Fixture *)data)->kept, exchange);
}

static bool
count_slowly(void *data, GString *to)
{
    int *left = data;

    g_usleep(STEP_US);
    g_string_append_printf(to, "%d;", *left);
    return --*left > 0;
}

static void
on_stream(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    int *left = g_new(int, 1);

    *left = (int)(3 * LIMIT_US / STEP_US);
    http_exchange_respond_stream(exchange, 200, "text/plain", count_slowly, g_free, left);
}

static const HttpRoute ROUTES[] = {
    {"GET", "/hello", on_hello, 0}, {"POST", "/hello", on_hello, 1000}, {"GET", "/large", on_large, 0},
    {"GET", "/keep", on_keep, 0},   {"GET", "/stream", on_stream, 0},
};

static void
fixture_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    f->metrics = metrics_new();
    f->kept = g_async_queue_new();
    f->server = http_server_start(&(HttpServerSpec){.host = "127.0.0.1",
                                                    .threads = 2,
                                                    .routes = ROUTES,
                                                    .route_count = G_N_ELEMENTS(ROUTES),
                                                    .not_found = on_hello,
                                                    .data = f,
                                                    .clock = clock_system(),
                                                    .metrics = f->metrics,
                                                    .transfer_limit_us = LIMIT_US},
                                  &error);
    g_assert_no_error(error);
    f->port = http_server_port(f->server);
}

static void
fixture_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    http_server_free(f->server);
    g_async_queue_unref(f->kept);
    metrics_free(f->metrics);
}

static int64_t
cut(Fixture *f, const char *phase)
{
    return metric_value(f->metrics, METRIC_HTTP_CUT, phase, NULL);
}

/* Whether the other side has ended the connection, or nothing can be read just now. */
static bool
has_ended(int fd)
{
    char byte;
    ssize_t got = recv(fd, &byte, 1, MSG_DONTWAIT);

    return got == 0 || (got < 0 && errno != EAGAIN);
}

/* Sends head, then a byte now and then. Fails the test unless the connection is ended. */
static void
assert_drip_is_cut(Fixture *f, const char *head)
{
    int fd = peer_connect(f->port);
    int64_t start_us = g_get_monotonic_time();

    peer_send(fd, head);
    while (!has_ended(fd)) {
        g_assert_cmpint(g_get_monotonic_time(), <, start_us + PATIENCE);
        g_usleep(STEP_US);
        peer_send(fd, "x");
    }
    g_assert_cmpint(g_get_monotonic_time() - start_us, >=, LIMIT_US);
    g_assert_cmpint(cut(f, "receiving"), ==, 1);
    close(fd);
}

static void
a_request_line_that_drips_is_cut_off(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    assert_drip_is_cut(f, "GET /");
}

static void
a_head_that_drips_is_cut_off(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    assert_drip_is_cut(f, "GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: ");
}

static void
a_body_that_drips_is_cut_off(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    assert_drip_is_cut(f, "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
}

static void
wait_until_cut(Fixture *f, const char *phase, int64_t count)
{
    int64_t start_us = g_get_monotonic_time();

    while (cut(f, phase) < count) {
        g_assert_cmpint(g_get_monotonic_time(), <, start_us + PATIENCE);
        g_usleep(1000);
    }
}

static void
a_reader_that_never_reads_is_cut_off(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);
    g_autoptr(GString) read = g_string_new(NULL);
    gsize size = 0;

    peer_send(fd, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    wait_until_cut(f, "sending", 1);
    while (peer_read_some(fd, read)) {
        size += read->len;
        g_string_truncate(read, 0);
    }
    g_assert_cmpuint(size, <, LARGE_BODY);
    close(fd);
}

static void
a_reader_that_reads_a_byte_now_and_then_is_cut_off(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);
    int64_t start_us = g_get_monotonic_time();
    char byte;

    peer_send(fd, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    while (cut(f, "sending") == 0) {
        g_assert_cmpint(g_get_monotonic_time(), <, start_us + PATIENCE);
        g_assert_cmpint(recv(fd, &byte, 1, 0), ==, 1);
        g_usleep(1000);
    }
    close(fd);
}

static void
many_that_dawdle_keep_nobody_else_waiting(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fds[200];

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        fds[i] = peer_connect(f->port);
        peer_send(fds[i], i % 2 == 0 ? "GET /hello HTTP/1.1\r\nHo" : "GET /large HTTP/1.1\r\nHost: a\r\n\r");
    }
    for (int i = 0; i < 50; i++) {
        g_autoptr(GString) answer = peer_ask(f->port, "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        g_assert_true(g_str_has_suffix(answer->str, "hello"));
    }
    wait_until_cut(f, "receiving", G_N_ELEMENTS(fds));
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        close(fds[i]);
}

static void
what_takes_us_long_is_no_fault_of_the_peer(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);
    g_autoptr(GString) answer = NULL;
    HttpExchange *exchange;

    peer_send(fd, "GET /keep HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    exchange = g_async_queue_pop(f->kept);
    g_usleep(2 * LIMIT_US);
    on_hello(exchange, f);
    answer = peer_read_all(fd);
    g_assert_true(g_str_has_suffix(answer->str, "hello"));
    close(fd);
}

static void
an_answer_that_is_made_while_it_is_sent_may_take_longer(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) answer = peer_ask(f->port, "GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    g_assert_true(g_str_has_suffix(answer->str, "\r\n1;\r\n0\r\n\r\n"));
    g_assert_cmpint(cut(f, "sending"), ==, 0);
}

static void
a_connection_that_asks_again_and_again_stays(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);
    int64_t end_us = g_get_monotonic_time() + 3 * LIMIT_US;

    while (g_get_monotonic_time() < end_us) {
        peer_send(fd, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        g_string_free(peer_read_until(fd, "\r\n\r\nhello"), TRUE);
        g_usleep(STEP_US);
    }
    g_assert_cmpint(cut(f, "receiving") + cut(f, "sending"), ==, 0);
    close(fd);
}

#define ADD(name) g_test_add("/net/slow/" #name, Fixture, NULL, fixture_up, name, fixture_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_request_line_that_drips_is_cut_off);
    ADD(a_head_that_drips_is_cut_off);
    ADD(a_body_that_drips_is_cut_off);
    ADD(a_reader_that_never_reads_is_cut_off);
    ADD(a_reader_that_reads_a_byte_now_and_then_is_cut_off);
    ADD(many_that_dawdle_keep_nobody_else_waiting);
    ADD(what_takes_us_long_is_no_fault_of_the_peer);
    ADD(an_answer_that_is_made_while_it_is_sent_may_take_longer);
    ADD(a_connection_that_asks_again_and_again_stays);
    return g_test_run();
}
