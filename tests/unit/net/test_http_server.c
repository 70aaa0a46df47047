#include "net/http_server.h"

#include "support/peer.h"

#include <unistd.h>

typedef struct {
    HttpServer *server;
    Metrics *metrics;
    uint16_t port;
    GThreadPool *later;       /* answers exchanges on threads of its own */
    GAsyncQueue *kept;        /* exchanges that the test answers itself */
    int ended, whole_answers; /* atomic; ended: of bodies that were made while they were sent */
} Fixture;

static void
reply_text(HttpExchange *exchange, int status, const char *text)
{
    http_exchange_respond(exchange, status, "text/plain", g_string_new(text));
}

static void
on_hello(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    http_exchange_set_header(exchange, "X-Peer", http_exchange_peer(exchange));
    reply_text(exchange, 200, "hello");
}

static void
append_parameter(void *data, Str name, Str value)
{
    g_string_append_printf(data, "[%.*s=%.*s]", STR_FORMAT(name), STR_FORMAT(value));
}

static void
on_echo(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%s %.*s id=%.*s q=", http_exchange_method(exchange),
                           STR_FORMAT(http_exchange_path(exchange)), STR_FORMAT(http_exchange_segment(exchange, "id")));
    str_append(text, http_exchange_query(exchange, "q"));
    if (http_exchange_query(exchange, "none").at == NULL)
        g_string_append(text, " none");
    http_exchange_each_query(exchange, append_parameter, text);
    g_string_append_printf(text, " h=%.*s b=", STR_FORMAT(http_exchange_header(exchange, "x-thing")));
    str_append(text, http_exchange_body(exchange));
    http_exchange_respond(exchange, 200, "text/plain", text);
}

static void
on_later(HttpExchange *exchange, void *data)
{
    g_thread_pool_push(((Fixture *)data)->later, exchange, NULL);
}

static void
answer_later(gpointer exchange, gpointer data G_GNUC_UNUSED)
{
    GString *text = g_string_new("later ");

    str_append(text, http_exchange_query(exchange, "n"));
    http_exchange_respond(exchange, 200, "text/plain", text);
}

static void
on_keep(HttpExchange *exchange, void *data)
{
    g_async_queue_push(((Fixture *)data)->kept, exchange);
}

typedef struct {
    int left;
    Fixture *f;
} Countdown;

static bool
count_down(void *data, GString *to)
{
    Countdown *countdown = data;

    if (countdown->left == 0)
        return false;
    if (countdown->left % 2 == 0)
        g_string_append_printf(to, "%d,", countdown->left);
    countdown->left--;
    return true;
}

static void
end_countdown(void *data)
{
    Countdown *countdown = data;

    __atomic_add_fetch(&countdown->f->ended, 1, __ATOMIC_SEQ_CST);
    g_free(countdown);
}

static void
on_stream(HttpExchange *exchange, void *data)
{
    Countdown *countdown = g_new0(Countdown, 1);
    int64_t left = 0;

    g_assert_true(str_to_int64(http_exchange_query(exchange, "n"), &left));
    *countdown = (Countdown){(int)left, data};
    http_exchange_respond_stream(exchange, 200, "text/plain", count_down, end_countdown, countdown);
}

/* Pieces that are made by another thread: n of them, or for ever, or until it breaks. */
typedef struct {
    Fixture *f;
    GThread *maker;
    HttpStream *stream;
    int64_t left; /* negative: endless */
    bool breaks;
} Making;

static gpointer
make_piece(gpointer data)
{
    Making *making = data;
    bool last = making->left == 0, endless = making->left < 0;
    GString *piece;

    if (last && making->breaks) {
        http_stream_give(making->stream, NULL, true);
        return NULL;
    }
    piece = g_string_new(NULL);
    g_string_append_printf(piece, "%" G_GINT64_FORMAT ";", making->left--);
    for (int i = 0; endless && i < 10000; i++)
        g_string_append(piece, "for ever and ever ");
    http_stream_give(making->stream, piece, last);
    return NULL;
}

static void
want_piece(void *data, HttpStream *stream)
{
    Making *making = data;

    making->stream = stream;
    if (making->maker != NULL)
        g_thread_join(making->maker); /* it has given, and is about to end */
    making->maker = g_thread_new("maker", make_piece, making);
}

static void
end_making(void *data)
{
    Making *making = data;

    if (making->maker != NULL)
        g_thread_unref(making->maker);
    __atomic_add_fetch(&making->f->ended, 1, __ATOMIC_SEQ_CST);
    g_free(making);
}

static const HttpStreamMaker MAKER = {want_piece, end_making};

static void
on_made(HttpExchange *exchange, void *data)
{
    Making *making = g_new0(Making, 1);
    int64_t limit_ms = 60000;

    making->f = data;
    g_assert_true(str_to_int64(http_exchange_query(exchange, "n"), &making->left));
    str_to_int64(http_exchange_query(exchange, "limit_ms"), &limit_ms);
    making->breaks = str_is(http_exchange_query(exchange, "breaks"), "1");
    http_exchange_respond_made(exchange, 200, "text/plain", &MAKER, making, limit_ms * US_PER_MS);
}

static void
on_size(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    g_autofree char *text = g_strdup_printf("%" G_GSIZE_FORMAT " bytes", http_exchange_body(exchange).size);

    reply_text(exchange, 200, text);
}

static void
on_not_found(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    reply_text(exchange, http_exchange_wrong_method(exchange) ? 405 : 404, "no");
}

static const HttpRoute ROUTES[] = {
    {"GET", "/hello", on_hello, 0},        {"GET", "/echo/{id}", on_echo, 0},
    {"POST", "/echo/{id}", on_echo, 1000}, {"GET", "/later", on_later, 0},
    {"GET", "/keep", on_keep, 0},          {"GET", "/stream", on_stream, 0},
    {"GET", "/made", on_made, 0},          {"POST", "/size", on_size, 8 * 1024 * 1024},
};

static void
fixture_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    HttpServerSpec spec = {.host = "127.0.0.1",
                           .threads = 2,
                           .routes = ROUTES,
                           .route_count = G_N_ELEMENTS(ROUTES),
                           .not_found = on_not_found,
                           .data = f,
                           .clock = clock_system()};

    f->metrics = metrics_new();
    f->later = g_thread_pool_new(answer_later, NULL, 3, FALSE, NULL);
    f->kept = g_async_queue_new();
    spec.metrics = f->metrics;
    f->server = http_server_start(&spec, &error);
    g_assert_no_error(error);
    f->port = http_server_port(f->server);
    g_assert_cmpuint(f->port, !=, 0);
}

static void
fixture_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    http_server_free(f->server);
    g_thread_pool_free(f->later, FALSE, TRUE);
    g_async_queue_unref(f->kept);
    metrics_free(f->metrics);
}

/* Asks for METHOD TARGET, with more header lines and a body, on a connection that is closed after. */
static GString *
ask(Fixture *f, const char *line, const char *rest)
{
    g_autofree char *request = g_strdup_printf("%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s", line, rest);

    return peer_ask(f->port, request);
}

static void
assert_answer(Fixture *f, const char *line, const char *rest, const char *status, const char *ending)
{
    g_autoptr(GString) answer = ask(f, line, rest);
    g_autofree char *want = g_strdup_printf("HTTP/1.1 %s", status);

    if (!g_str_has_prefix(answer->str, want) || !g_str_has_suffix(answer->str, ending))
        g_error("%s: wanted %s ... %s, got:\n%s", line, want, ending, answer->str);
}

static void
a_request_reaches_the_handler_of_its_route(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) answer = ask(f, "GET /hello", "\r\n");

    g_assert_true(g_str_has_prefix(answer->str, "HTTP/1.1 200 OK\r\n"));
    g_assert_true(g_str_has_suffix(answer->str, "\r\n\r\nhello"));
    g_assert_nonnull(strstr(answer->str, "\r\nX-Peer: 127.0.0.1\r\n"));
    g_assert_nonnull(strstr(answer->str, "\r\nContent-Type: text/plain\r\n"));
    g_assert_nonnull(strstr(answer->str, "\r\nDate: "));
    assert_answer(f, "GET http://other.example/hello", "\r\n", "200", "hello");
}

static void
path_query_headers_and_body_arrive_decoded(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    assert_answer(f, "GET /echo/a%2Fb?x=1&q=c%2B%2B+dev&q=2&e&=7&bad=%zz", "X-Thing: th ing\r\n\r\n", "200",
                  "\r\n\r\nGET /echo/a%2Fb id=a/b q=c++ dev none[x=1][q=c++ dev][q=2][e=][bad=%zz] h=th ing b=");
    assert_answer(f, "POST /echo/1", "Content-Length: 4\r\n\r\nbody", "200", "id=1 q= none h= b=body");
    assert_answer(f, "POST /echo/1", "Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n", "200",
                  "b=body");
}

static void
head_is_served_by_get_without_body(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    assert_answer(f, "HEAD /hello", "\r\n", "200", "\r\n\r\n");
    assert_answer(f, "HEAD /stream?n=10", "\r\n", "200", "\r\n\r\n");
    g_assert_cmpint(__atomic_load_n(&f->ended, __ATOMIC_SEQ_CST), <=, 1);
}

static void
unknown_paths_and_methods_are_told_apart(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) answer = ask(f, "DELETE /echo/1", "\r\n");

    g_assert_true(g_str_has_prefix(answer->str, "HTTP/1.1 405"));
    g_assert_nonnull(strstr(answer->str, "\r\nAllow: GET, HEAD, POST\r\n"));
    assert_answer(f, "GET /nothing", "\r\n", "404", "no");
    assert_answer(f, "POST /nothing", "Content-Length: 3\r\n\r\nabc", "404", "no");
    assert_answer(f, "GET /echo/%zz", "\r\n", "404", "no");
}

static void
a_body_over_the_limit_is_refused_before_it_is_read(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *fits = g_strnfill(1000, 'x'), *over = g_strnfill(1001, 'x');
    g_autofree char *chunked_over = g_strdup_printf("Transfer-Encoding: chunked\r\n\r\n3e9\r\n%s\r\n0\r\n\r\n", over);
    g_autofree char *length_fits = g_strdup_printf("Content-Length: 1000\r\n\r\n%s", fits);

    assert_answer(f, "POST /echo/1", length_fits, "200", fits);
    assert_answer(f, "POST /echo/1", "Content-Length: 1001\r\n\r\n", "413",
                  "\"status\":413,\"detail\":\"The body may hold at most 1000 bytes.\"}");
    assert_answer(f, "POST /echo/1", chunked_over, "413", "at most 1000 bytes.\"}");
    assert_answer(f, "GET /hello", "Content-Length: 1\r\n\r\nx", "413", "at most 0 bytes.\"}");
}

static void
headers_that_are_too_large_or_no_http_are_refused(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *huge = g_strnfill(100000, 'x');
    g_autofree char *header = g_strdup_printf("X-Huge: %s\r\n\r\n", huge);
    g_autofree char *line = g_strdup_printf("GET /%s", huge);
    g_autoptr(GString) garbage = peer_ask(f->port, "\x16\x03\x01 what\r\n\r\n");

    assert_answer(f, "GET /hello", header, "431", "");
    assert_answer(f, line, "\r\n", "414", "");
    g_assert_false(g_str_has_prefix(garbage->str, "HTTP/1.1 200"));
}

static void
an_answer_may_come_later_from_any_thread(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    assert_answer(f, "GET /later?n=7", "\r\n", "200", "later 7");
}

static gpointer
ask_many(gpointer data)
{
    Fixture *f = data;
    int fd = peer_connect(f->port);

    for (int i = 0; i < 40; i++) {
        g_autofree char *request = g_strdup_printf("GET /later?n=%d. HTTP/1.1\r\nHost: a\r\n\r\n", i);
        g_autofree char *want = g_strdup_printf("later %d.", i);
        g_autoptr(GString) answer = NULL;

        peer_send(fd, request);
        answer = peer_read_until(fd, want);
        g_assert_true(g_str_has_prefix(answer->str, "HTTP/1.1 200"));
    }
    close(fd);
    return NULL;
}

static void
every_one_of_many_late_answers_arrives(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    GThread *threads[32];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("client", ask_many, f);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    http_server_stop(f->server, 5 * US_PER_SECOND);
    g_assert_cmpint(metric_value(f->metrics, METRIC_HTTP_REQUESTS, "/later", "200"), ==, 1280);
    g_assert_cmpint(metric_value(f->metrics, METRIC_HTTP_SECONDS, "/later", NULL), ==, 1280);
}

static void
requests_sent_at_once_are_answered_in_order(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);
    g_autoptr(GString) answer = NULL;
    const char *first, *second;

    peer_send(fd, "GET /later?n=1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo/2 HTTP/1.1\r\nHost: a\r\nContent-Length: "
                  "3\r\n\r\nabcGET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    answer = peer_read_all(fd);
    first = strstr(answer->str, "later 1");
    g_assert_nonnull(first);
    second = strstr(first, "b=abc");
    g_assert_nonnull(second);
    g_assert_nonnull(strstr(second, "hello"));
    close(fd);
}

/* Whoever makes a piece when the response ends lets go of it in a thread of its own, a moment later. */
static void
assert_makings_end(Fixture *f, int count)
{
    gint64 deadline_us = g_get_monotonic_time() + 10 * US_PER_SECOND;

    while (__atomic_load_n(&f->ended, __ATOMIC_SEQ_CST) < count && g_get_monotonic_time() < deadline_us)
        g_usleep(1000);
    g_assert_cmpint(__atomic_load_n(&f->ended, __ATOMIC_SEQ_CST), ==, count);
}

static void
a_stream_is_sent_to_its_end(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) answer = ask(f, "GET /stream?n=6", "\r\n");
    g_autoptr(GString) large = ask(f, "GET /stream?n=100000", "\r\n");

    g_assert_nonnull(strstr(answer->str, "\r\nTransfer-Encoding: chunked\r\n"));
    g_assert_nonnull(strstr(answer->str, "6,"));
    g_assert_true(g_str_has_suffix(answer->str, "2,\r\n0\r\n\r\n"));
    g_assert_cmpuint(large->len, >, 250000);
    g_assert_true(g_str_has_suffix(large->str, "2,\r\n0\r\n\r\n"));
    assert_answer(f, "GET /stream?n=0", "\r\n", "200", "\r\n\r\n0\r\n\r\n");
    http_server_stop(f->server, US_PER_SECOND);
    assert_makings_end(f, 3);
}

static void
a_stream_whose_reader_leaves_is_ended(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);

    peer_send(fd, "GET /stream?n=100000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    g_string_free(peer_read_until(fd, "HTTP/1.1 200"), TRUE);
    close(fd);
    http_server_stop(f->server, 10 * US_PER_SECOND);
    g_assert_cmpint(__atomic_load_n(&f->ended, __ATOMIC_SEQ_CST), ==, 1);
}

static void
a_body_may_be_made_by_another_thread_while_it_is_sent(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) answer = ask(f, "GET /made?n=3", "\r\n");
    g_autoptr(GString) long_one = ask(f, "GET /made?n=2000", "\r\n");

    g_assert_nonnull(strstr(answer->str, "\r\nTransfer-Encoding: chunked\r\n"));
    for (int i = 3; i >= 0; i--) {
        g_autofree char *piece = g_strdup_printf("\r\n2\r\n%d;\r\n", i);

        g_assert_nonnull(strstr(answer->str, piece + (i == 3 ? 2 : 0)));
    }
    g_assert_true(g_str_has_suffix(long_one->str, "0;\r\n0\r\n\r\n"));
    assert_answer(f, "HEAD /made?n=10", "\r\n", "200", "\r\n\r\n");
    http_server_stop(f->server, US_PER_SECOND);
    assert_makings_end(f, 3);
}

static void
a_body_whose_making_fails_is_broken_off(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) answer = ask(f, "GET /made?n=2&breaks=1", "\r\n");

    g_assert_nonnull(strstr(answer->str, "1;"));
    g_assert_false(g_str_has_suffix(answer->str, "0\r\n\r\n"));
}

static void
a_reader_that_leaves_or_dawdles_ends_the_making(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int gone = peer_connect(f->port), slow = peer_connect(f->port);
    g_autoptr(GString) read = g_string_new(NULL);

    peer_send(gone, "GET /made?n=-1 HTTP/1.1\r\nHost: a\r\n\r\n");
    g_string_free(peer_read_until(gone, "for ever"), TRUE);
    close(gone);
    /* This one reads on, but not for longer than it may. */
    peer_send(slow, "GET /made?n=-1&limit_ms=200 HTTP/1.1\r\nHost: a\r\n\r\n");
    while (peer_read_some(slow, read))
        g_string_truncate(read, 0);
    close(slow);
    http_server_stop(f->server, 10 * US_PER_SECOND);
    assert_makings_end(f, 2);
}

static void
stopping_breaks_off_what_is_still_being_made(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);

    peer_send(fd, "GET /made?n=-1 HTTP/1.1\r\nHost: a\r\n\r\n");
    g_string_free(peer_read_until(fd, "for ever"), TRUE);
    http_server_stop(f->server, 0);
    assert_makings_end(f, 1);
    close(fd);
}

static void
a_large_body_is_taken_as_far_as_its_route_allows(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *body = g_strnfill(3000000, 'x');
    g_autofree char *request = g_strdup_printf("Content-Length: 3000000\r\n\r\n%s", body);
    int fd;

    assert_answer(f, "POST /size", request, "200", "\r\n\r\n3000000 bytes");
    assert_answer(f, "POST /size", "Content-Length: 0\r\n\r\n", "200", "\r\n\r\n0 bytes");
    assert_answer(f, "POST /size", "Content-Length: 8388609\r\n\r\n", "413", "");
    fd = peer_connect(f->port);
    peer_send(fd, "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 90\r\n\r\nabc");
    close(fd);
    http_server_stop(f->server, 10 * US_PER_SECOND);
}

static void
a_client_that_sends_byte_by_byte_is_served(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char REQUEST[] =
        "POST /echo/9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    int fd = peer_connect(f->port);
    g_autoptr(GString) answer = NULL;

    for (const char *at = REQUEST; *at != '\0'; at++)
        peer_send(fd, (const char[]){*at, '\0'});
    answer = peer_read_all(fd);
    g_assert_true(g_str_has_suffix(answer->str, "b=ok"));
    close(fd);
}

static gpointer
stop_patiently(gpointer data)
{
    http_server_stop(((Fixture *)data)->server, 30 * US_PER_SECOND);
    return NULL;
}

static void
stopping_waits_for_open_exchanges(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fds[8];
    GThread *stopping;

    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        fds[i] = peer_connect(f->port);
        peer_send(fds[i], "GET /keep HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    {
        HttpExchange *exchanges[G_N_ELEMENTS(fds)];

        for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
            exchanges[i] = g_async_queue_pop(f->kept);
        stopping = g_thread_new("stop", stop_patiently, f);
        for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
            reply_text(exchanges[i], 200, "kept its word");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        g_autoptr(GString) answer = peer_read_all(fds[i]);

        g_assert_true(g_str_has_suffix(answer->str, "kept its word"));
        close(fds[i]);
    }
    g_thread_join(stopping);
    g_assert_cmpint(metric_value(f->metrics, METRIC_HTTP_REQUESTS, "/keep", "200"), ==, 8);
}

/* How many answers arrived whole before the server said that it closes. */
static gpointer
ask_until_closed(gpointer data)
{
    Fixture *f = data;
    int fd = peer_connect(f->port);
    gsize whole = 0;
    bool open = true;

    while (open) {
        g_autoptr(GString) answer = g_string_new(NULL);

        peer_send(fd, "GET /later?n=1. HTTP/1.1\r\nHost: a\r\n\r\n");
        while (open && !g_str_has_suffix(answer->str, "later 1."))
            open = peer_read_some(fd, answer);
        if (!open && answer->len > 0 && !g_str_has_prefix(answer->str, "HTTP/1.1 503"))
            g_error("an answer broke off: %s", answer->str);
        whole += open;
        __atomic_add_fetch(&f->whole_answers, open, __ATOMIC_SEQ_CST);
        open = open && strstr(answer->str, "Connection: close") == NULL;
    }
    close(fd);
    return GSIZE_TO_POINTER(whole);
}

static void
stopping_under_load_loses_no_answer(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    GThread *threads[8];
    gsize whole = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("client", ask_until_closed, f);
    while (__atomic_load_n(&f->whole_answers, __ATOMIC_SEQ_CST) < 500)
        g_thread_yield();
    http_server_stop(f->server, 30 * US_PER_SECOND);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        whole += GPOINTER_TO_SIZE(g_thread_join(threads[i]));
    g_assert_cmpuint(whole, >=, 500);
    g_assert_cmpint(metric_value(f->metrics, METRIC_HTTP_REQUESTS, "/later", "200"), ==, (gint64)whole);
}

static void
a_quiet_server_still_answers_on_open_connections(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);
    g_autoptr(GString) answer = NULL;

    peer_send(fd, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    g_string_free(peer_read_until(fd, "hello"), TRUE);
    http_server_quiesce(f->server, US_PER_SECOND);
    http_server_quiesce(f->server, 0); /* twice is once */
    peer_send(fd, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    answer = peer_read_all(fd);
    g_assert_true(g_str_has_prefix(answer->str, "HTTP/1.1 200"));
    g_assert_nonnull(strstr(answer->str, "\r\nConnection: close\r\n"));
    close(fd);
    http_server_stop(f->server, 10 * US_PER_SECOND);
}

static void
exchanges_left_after_the_grace_are_answered_503(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);
    g_autoptr(GString) answer = NULL;
    HttpExchange *exchange;

    peer_send(fd, "GET /keep?a=b HTTP/1.1\r\nHost: a\r\n\r\n");
    exchange = g_async_queue_pop(f->kept);
    http_server_stop(f->server, 10 * US_PER_MS);
    answer = peer_read_all(fd);
    g_assert_true(g_str_has_prefix(answer->str, "HTTP/1.1 503"));
    g_assert_true(str_is(http_exchange_query(exchange, "a"), "b"));
    reply_text(exchange, 200, "too late");
    close(fd);
}

static void
a_client_that_left_costs_nothing(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int fd = peer_connect(f->port);
    HttpExchange *exchange;

    peer_send(fd, "GET /keep HTTP/1.1\r\nHost: a\r\n\r\n");
    exchange = g_async_queue_pop(f->kept);
    close(fd);
    reply_text(exchange, 200, "anybody there?");
    http_server_stop(f->server, 10 * US_PER_SECOND);
}

static void
an_address_that_is_taken_is_named(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    HttpServerSpec spec = {.host = "127.0.0.1", .port = f->port, .not_found = on_not_found, .clock = clock_system()};
    g_autofree char *port = g_strdup_printf("127.0.0.1 port %u", (unsigned)f->port);

    g_assert_null(http_server_start(&spec, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(error->message, port));
}

static void
both_kinds_of_address_are_served(void)
{
    g_autoptr(GError) error = NULL;
    HttpServerSpec spec = {.host = "::",
                           .threads = 1,
                           .routes = ROUTES,
                           .route_count = 1,
                           .not_found = on_not_found,
                           .clock = clock_system()};
    g_autoptr(HttpServer) server = http_server_start(&spec, &error);
    g_autoptr(GString) answer = NULL;

    if (server == NULL) {
        g_test_skip("no IPv6 here");
        return;
    }
    answer = peer_ask(http_server_port(server), "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    g_assert_nonnull(strstr(answer->str, "X-Peer: 127.0.0.1\r\n"));
}

#define ADD(name) g_test_add("/net/server/" #name, Fixture, NULL, fixture_up, name, fixture_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_request_reaches_the_handler_of_its_route);
    ADD(path_query_headers_and_body_arrive_decoded);
    ADD(head_is_served_by_get_without_body);
    ADD(unknown_paths_and_methods_are_told_apart);
    ADD(a_body_over_the_limit_is_refused_before_it_is_read);
    ADD(headers_that_are_too_large_or_no_http_are_refused);
    ADD(an_answer_may_come_later_from_any_thread);
    ADD(every_one_of_many_late_answers_arrives);
    ADD(requests_sent_at_once_are_answered_in_order);
    ADD(a_stream_is_sent_to_its_end);
    ADD(a_stream_whose_reader_leaves_is_ended);
    ADD(a_body_may_be_made_by_another_thread_while_it_is_sent);
    ADD(a_body_whose_making_fails_is_broken_off);
    ADD(a_reader_that_leaves_or_dawdles_ends_the_making);
    ADD(stopping_breaks_off_what_is_still_being_made);
    ADD(a_large_body_is_taken_as_far_as_its_route_allows);
    ADD(a_client_that_sends_byte_by_byte_is_served);
    ADD(stopping_waits_for_open_exchanges);
    ADD(stopping_under_load_loses_no_answer);
    ADD(a_quiet_server_still_answers_on_open_connections);
    ADD(exchanges_left_after_the_grace_are_answered_503);
    ADD(a_client_that_left_costs_nothing);
    ADD(an_address_that_is_taken_is_named);
    g_test_add_func("/net/server/both_kinds_of_address_are_served", both_kinds_of_address_are_served);
    return g_test_run();
}
