#include "net/http_push.h"

#include "support/peer.h"

#include <unistd.h>

#define LIMIT_BYTES 65536

typedef struct {
    Metrics *metrics;
    HttpServer *server;
    uint16_t port;
    GAsyncQueue *pushes; /* of HttpPush: one for each request */
    int over;            /* atomic */
} Fixture;

static void
on_over(void *data)
{
    __atomic_add_fetch(&((Fixture *)data)->over, 1, __ATOMIC_SEQ_CST);
}

/* Something is pushed before the answer is under way. */
static void
on_push(HttpExchange *exchange, void *data)
{
    Fixture *f = data;
    HttpPush *push = http_push_new(LIMIT_BYTES, on_over, f);

    g_assert_cmpint(http_push(push, STR("begun;"), 1), ==, HTTP_PUSH_TAKEN);
    http_exchange_respond_pushed(exchange, 200, "text/event-stream", push, US_PER_MINUTE);
    g_async_queue_push(f->pushes, push);
}

static void
on_not_found(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    http_exchange_respond(exchange, 404, NULL, NULL);
}

static const HttpRoute ROUTES[] = {{"GET", "/push", on_push, 0}};

static void
fixture_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    f->pushes = g_async_queue_new();
    f->metrics = metrics_new();
    f->server = http_server_start(&(HttpServerSpec){.host = "127.0.0.1",
                                                    .threads = 1,
                                                    .routes = ROUTES,
                                                    .route_count = G_N_ELEMENTS(ROUTES),
                                                    .not_found = on_not_found,
                                                    .data = f,
                                                    .clock = clock_system(),
                                                    .metrics = f->metrics},
                                  &error);
    g_assert_no_error(error);
    f->port = http_server_port(f->server);
}

static void
fixture_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    http_server_free(f->server);
    g_assert_cmpint(__atomic_load_n(&f->over, __ATOMIC_SEQ_CST), ==, 1);
    g_async_queue_unref(f->pushes);
    metrics_free(f->metrics);
}

static HttpPush *
ask(const Fixture *f, const char *request, int *ret_fd)
{
    *ret_fd = peer_connect(f->port);
    peer_send(*ret_fd, request);
    return g_async_queue_pop(f->pushes);
}

/* Pushes until it is told something else than that it was taken. */
static HttpPushResult
push_until_refused(HttpPush *push)
{
    gint64 deadline_us = g_get_monotonic_time() + 10 * US_PER_SECOND;
    HttpPushResult result = HTTP_PUSH_TAKEN;

    while (result == HTTP_PUSH_TAKEN && g_get_monotonic_time() < deadline_us) {
        result = http_push(push, STR(":\n"), 0);
        g_usleep(1000); /* for the kernel and the server to say so */
    }
    return result;
}

#define GET "GET /push HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static void
what_is_pushed_arrives_before_there_is_more(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd;
    HttpPush *push = ask(f, GET, &fd);
    g_autoptr(GString) head = peer_read_until(fd, "begun;");
    g_autoptr(GString) rest = NULL;

    g_assert_nonnull(strstr(head->str, "\r\nTransfer-Encoding: chunked\r\n"));
    for (int i = 0; i < 100; i++) {
        g_autofree char *text = g_strdup_printf("piece %d;", i);

        g_assert_cmpint(http_push(push, str_of(text), 1), ==, HTTP_PUSH_TAKEN);
        g_string_free(peer_read_until(fd, text), TRUE);
        g_assert_cmpuint(http_push_units_sent(push), ==, i + 2);
    }
    http_push_end(push);
    rest = peer_read_all(fd);
    g_assert_true(g_str_has_suffix(rest->str, "0\r\n\r\n"));
    close(fd);
}

static void
to_a_peer_of_http_1_0_it_goes_until_the_connection_closes(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd;
    HttpPush *push = ask(f, "GET /push HTTP/1.0\r\n\r\n", &fd);
    g_autoptr(GString) head = peer_read_until(fd, "\r\n\r\nbegun;");
    g_autoptr(GString) rest = NULL;

    g_assert_null(strstr(head->str, "chunked"));
    g_assert_cmpint(http_push(push, STR("end"), 0), ==, HTTP_PUSH_TAKEN);
    http_push_end(push);
    rest = peer_read_all(fd);
    g_assert_true(g_str_has_suffix(rest->str, "end"));
    close(fd);
}

static void
head_gets_the_head_alone(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd;
    HttpPush *push = ask(f, "HEAD /push HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", &fd);
    g_autoptr(GString) answer = peer_read_all(fd);

    g_assert_true(g_str_has_suffix(answer->str, "\r\n\r\n"));
    g_assert_cmpint(push_until_refused(push), ==, HTTP_PUSH_GONE);
    g_assert_cmpuint(http_push_units_sent(push), ==, 0);
    http_push_end(push);
    close(fd);
}

static void
a_peer_that_does_not_read_is_cut_off_and_holds_a_bounded_amount(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *piece = g_strnfill(10000, 'x');
    HttpPushResult result = HTTP_PUSH_TAKEN;
    size_t pushed = 0;
    int fd;
    HttpPush *push = ask(f, GET, &fd);

    g_string_free(peer_read_until(fd, "begun;"), TRUE);
    while (result == HTTP_PUSH_TAKEN && pushed < 10000) {
        result = http_push(push, (Str){piece, 10000}, 1);
        pushed += result == HTTP_PUSH_TAKEN ? 1 : 0;
    }
    g_assert_cmpint(result, ==, HTTP_PUSH_CUT); /* what the kernel takes is some megabytes */
    g_assert_cmpuint(pushed + 1 - http_push_units_sent(push), <=, LIMIT_BYTES / 10000 + 1);
    g_assert_cmpint(http_push(push, STR("more"), 1), ==, HTTP_PUSH_CUT);
    http_push_end(push);
    for (g_autoptr(GString) read = g_string_new(NULL); peer_read_some(fd, read);) /* it is not told that this was all */
        if (g_str_has_suffix(read->str, "\r\n0\r\n\r\n"))
            g_assert_not_reached();
    close(fd);
}

static void
a_peer_that_went_away_is_noticed(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd;
    HttpPush *push = ask(f, GET, &fd);

    g_string_free(peer_read_until(fd, "begun;"), TRUE);
    close(fd);
    g_assert_cmpint(push_until_refused(push), ==, HTTP_PUSH_GONE);
    g_assert_cmpuint(http_push_units_sent(push), ==, 1);
    http_push_end(push);
}

static void
stopping_breaks_it_off(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd;
    HttpPush *push = ask(f, GET, &fd);
    g_autoptr(GString) rest = NULL;

    g_string_free(peer_read_until(fd, "begun;"), TRUE);
    http_server_stop(f->server, 0);
    g_assert_cmpint(http_push(push, STR("more"), 1), ==, HTTP_PUSH_GONE);
    http_push_end(push);
    rest = peer_read_all(fd);
    g_assert_false(g_str_has_suffix(rest->str, "0\r\n\r\n"));
    close(fd);
}

/* Who pushes and who sends are two threads: nothing is lost or doubled between them. */
static void
all_that_is_pushed_arrives_in_order(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) body = g_string_new(NULL), read = g_string_new(NULL);
    unsigned next = 0;
    int fd;
    HttpPush *push = ask(f, "GET /push HTTP/1.0\r\n\r\n", &fd);

    g_string_free(peer_read_until(fd, "begun;"), TRUE);
    for (unsigned i = 0; i < 20000; i++) {
        g_string_printf(body, "%u;", i);
        g_assert_cmpint(http_push(push, str_of_gstring(body), 1), ==, HTTP_PUSH_TAKEN);
        if (i % 50 == 0 && !peer_read_some(fd, read))
            g_assert_not_reached();
    }
    http_push_end(push);
    while (peer_read_some(fd, read))
        ;
    for (Str rest = str_of_gstring(read); rest.size > 0; next++) {
        int64_t number;

        g_assert_true(str_to_int64(str_cut(&rest, ';'), &number));
        g_assert_cmpint(number, ==, next);
    }
    g_assert_cmpuint(next, ==, 20000);
    close(fd);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add("/net/http_push/" #name, Fixture, NULL, fixture_up, name, fixture_down)
    TEST(what_is_pushed_arrives_before_there_is_more);
    TEST(to_a_peer_of_http_1_0_it_goes_until_the_connection_closes);
    TEST(head_gets_the_head_alone);
    TEST(a_peer_that_does_not_read_is_cut_off_and_holds_a_bounded_amount);
    TEST(a_peer_that_went_away_is_noticed);
    TEST(stopping_breaks_it_off);
    TEST(all_that_is_pushed_arrives_in_order);
    return g_test_run();
}
