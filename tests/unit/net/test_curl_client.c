#include "net/http_server.h"
#include "net/uv_loop.h"

#include "support/raw_server.h"

#include <zlib.h>

typedef struct {
    UvLoop *loop;
    HttpClient *client;
    HttpServer *server;
    int handled; /* atomic */
} Fixture;

/* What came of one call. */
typedef struct {
    Fixture *f;
    HttpCall *call;
    HttpOutcome outcome;
    int status, heads, dones;
    GString *body;
    char *header; /* X-Told */
    char *message;
    uint64_t body_bytes;
    bool done, stop_at_body;
    HttpCall **cancel_at_head, **cancel_at_body, **cancel_at_done;
    int *left; /* counted down when done */
    bool *none_left;
} Answer;

static void
on_text(HttpExchange *exchange, void *data)
{
    Str told = http_exchange_header(exchange, "X-Ask");
    g_autofree char *copy = str_dup(told);

    __atomic_add_fetch(&((Fixture *)data)->handled, 1, __ATOMIC_SEQ_CST);
    if (copy != NULL)
        http_exchange_set_header(exchange, "X-Told", copy);
    http_exchange_respond(exchange, 200, "text/plain", g_string_new("some text"));
}

static void
on_echo(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    GString *text = g_string_new(http_exchange_method(exchange));

    g_string_append_printf(text, " %.*s|%.*s|%.*s|", STR_FORMAT(http_exchange_header(exchange, "Content-Type")),
                           STR_FORMAT(http_exchange_header(exchange, "User-Agent")),
                           STR_FORMAT(http_exchange_header(exchange, "Expect")));
    str_append(text, http_exchange_body(exchange));
    http_exchange_respond(exchange, 201, NULL, text);
}

static void
redirect(HttpExchange *exchange, const char *to)
{
    http_exchange_set_header(exchange, "Location", to);
    http_exchange_set_header(exchange, "X-Told", "the redirect");
    http_exchange_respond(exchange, 302, "text/plain", g_string_new("this is not the answer"));
}

static void
on_redirect(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    g_autofree char *to = str_dup(http_exchange_query(exchange, "to"));

    redirect(exchange, to);
}

static void
on_loop(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    redirect(exchange, "/loop");
}

static void
on_gzip(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    int64_t size = 0;
    g_autofree char *plain = NULL;
    GString *packed = g_string_new(NULL);
    z_stream stream = {0};

    g_assert_true(str_to_int64(http_exchange_query(exchange, "n"), &size));
    g_assert_true(str_find(http_exchange_header(exchange, "Accept-Encoding"), STR("gzip")) >= 0);
    plain = g_strnfill((gsize)size, 'x');
    g_string_set_size(packed, (gsize)size / 100 + 1000);
    g_assert_cmpint(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
    stream.next_in = (Bytef *)plain;
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)packed->str;
    stream.avail_out = (uInt)packed->len;
    g_assert_cmpint(deflate(&stream, Z_FINISH), ==, Z_STREAM_END);
    g_string_set_size(packed, stream.total_out);
    deflateEnd(&stream);
    http_exchange_set_header(exchange, "Content-Encoding", "gzip");
    http_exchange_respond(exchange, 200, "text/plain", packed);
}

static bool
endless_text(void *data G_GNUC_UNUSED, GString *to)
{
    g_string_append(to, "on and on and ");
    return true;
}

static bool
flooding_text(void *data G_GNUC_UNUSED, GString *to)
{
    g_string_set_size(to, 256 * 1024);
    memset(to->str, 'x', to->len);
    return true;
}

static void
nothing(void *data G_GNUC_UNUSED)
{
}

static void
on_endless(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    http_exchange_respond_stream(exchange, 200, "text/plain", endless_text, nothing, NULL);
}

static void
on_flooding(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    http_exchange_respond_stream(exchange, 200, "text/plain", flooding_text, nothing, NULL);
}

static void
on_not_found(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    http_exchange_respond(exchange, 404, NULL, NULL);
}

static const HttpRoute ROUTES[] = {
    {"GET", "/text", on_text, 0},       {"GET", "/echo", on_echo, 0},         {"POST", "/echo", on_echo, 4 << 20},
    {"PUT", "/echo", on_echo, 4 << 20}, {"GET", "/redirect", on_redirect, 0}, {"GET", "/gzip", on_gzip, 0},
    {"GET", "/endless", on_endless, 0}, {"GET", "/flood", on_flooding, 0},    {"GET", "/loop", on_loop, 0},
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

    f->server = http_server_start(&spec, &error);
    g_assert_no_error(error);
    f->loop = uv_loop_wrapper_new(clock_system());
    f->client = uv_loop_client(f->loop);
}

static void
fixture_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    uv_loop_wrapper_free(f->loop);
    http_server_free(f->server);
}

static void
cancel(Fixture *f, HttpCall **call)
{
    if (call == NULL || *call == NULL)
        return;
    http_client_cancel(f->client, *call);
    *call = NULL;
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    Answer *answer = data;

    answer->heads++;
    answer->status = status;
    g_free(answer->header);
    answer->header = str_dup(http_header_find(headers, "x-told"));
    cancel(answer->f, answer->cancel_at_head);
}

static bool
on_body(void *data, Str bytes)
{
    Answer *answer = data;

    g_assert_cmpint(answer->heads, ==, 1);
    str_append(answer->body, bytes);
    cancel(answer->f, answer->cancel_at_body);
    return !answer->stop_at_body;
}

static void
on_done(void *data, const HttpResult *result)
{
    Answer *answer = data;

    answer->dones++;
    answer->outcome = result->outcome;
    g_assert_cmpint(result->outcome == HTTP_OUTCOME_ANSWERED, ==, result->message[0] == '\0');
    g_assert_null(strstr(result->message, "://"));
    answer->message = g_strdup(result->message);
    if (result->outcome == HTTP_OUTCOME_ANSWERED)
        g_assert_cmpint(result->status, ==, answer->status);
    answer->body_bytes = result->body_bytes;
    answer->done = true;
    cancel(answer->f, answer->cancel_at_done);
    if (answer->left != NULL && --*answer->left == 0)
        *answer->none_left = true;
}

static const HttpReceiver RECEIVER = {on_head, on_body, on_done};

static void
answer_clear(Answer *answer)
{
    g_string_free(answer->body, TRUE);
    g_free(answer->header);
    g_free(answer->message);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

static Answer
answer_init(Fixture *f)
{
    return (Answer){.f = f, .body = g_string_new(NULL)};
}

static void
start(Fixture *f, Answer *answer, const HttpRequest *request)
{
    answer->call = http_client_send(f->client, request, &RECEIVER, answer);
    g_assert_cmpint(answer->heads + answer->dones, ==, 0);
}

static char *
url_at(uint16_t port, const char *path)
{
    return g_strdup_printf("http://127.0.0.1:%u%s", (unsigned)port, path);
}

static Answer
fetch(Fixture *f, HttpRequest request)
{
    Answer answer = answer_init(f);

    if (request.method == NULL)
        request.method = "GET";
    if (request.timeout_us == 0)
        request.timeout_us = 20 * US_PER_SECOND;
    start(f, &answer, &request);
    uv_loop_run_until(f->loop, &answer.done);
    g_assert_cmpint(answer.dones, ==, 1);
    return answer;
}

static Answer
fetch_path(Fixture *f, const char *path, HttpRequest request)
{
    g_autofree char *url = url_at(http_server_port(f->server), path);

    request.url = url;
    request.allow_private_hosts = true;
    return fetch(f, request);
}

static Answer
fetch_raw(Fixture *f, Str bytes, RawEnding ending, HttpRequest request)
{
    g_autoptr(RawServer) server = raw_server_new(bytes, ending, STR("5\r\nhello\r\n"));
    g_autofree char *url = url_at(raw_server_port(server), "/");

    request.url = url;
    request.allow_private_hosts = true;
    return fetch(f, request);
}

static void
an_answer_arrives_with_its_head_and_body(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const HttpHeader ask = {STR("X-Ask"), STR("this")};
    g_auto(Answer) answer = fetch_path(f, "/text", (HttpRequest){.headers = {&ask, 1}});
    g_auto(Answer) head = fetch_path(f, "/text", (HttpRequest){.method = "HEAD"});
    g_auto(Answer) missing = fetch_path(f, "/nothing", (HttpRequest){0});

    g_assert_cmpint(answer.outcome, ==, HTTP_OUTCOME_ANSWERED);
    g_assert_cmpint(answer.status, ==, 200);
    g_assert_cmpstr(answer.header, ==, "this");
    g_assert_cmpstr(answer.body->str, ==, "some text");
    g_assert_cmpuint(answer.body_bytes, ==, 9);
    g_assert_cmpint(head.outcome, ==, HTTP_OUTCOME_ANSWERED);
    g_assert_cmpuint(head.body->len, ==, 0);
    g_assert_cmpint(missing.outcome, ==, HTTP_OUTCOME_ANSWERED);
    g_assert_cmpint(missing.status, ==, 404);
    g_assert_cmpint(missing.heads, ==, 1);
}

static void
a_body_is_sent_as_given(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const HttpHeader headers[] = {{STR("Content-Type"), STR("text/x")}, {STR("User-Agent"), STR("me")}};
    g_autofree char *large = g_strnfill(3 << 20, 'y');
    g_auto(Answer) plain = fetch_path(f, "/echo", (HttpRequest){.method = "POST", .body = STR("a\0b")});
    g_auto(Answer) typed =
        fetch_path(f, "/echo", (HttpRequest){.method = "PUT", .body = STR("abc"), .headers = {headers, 2}});
    g_auto(Answer) none = fetch_path(f, "/echo", (HttpRequest){.method = "POST"});
    g_auto(Answer) huge = fetch_path(f, "/echo", (HttpRequest){.method = "POST", .body = {large, 3 << 20}});

    g_assert_cmpint(plain.status, ==, 201);
    g_assert_true(str_equal(str_of_gstring(plain.body), STR("POST |weir/0.1||a\0b")));
    g_assert_cmpstr(typed.body->str, ==, "PUT text/x|me||abc");
    g_assert_cmpstr(none.body->str, ==, "POST |weir/0.1||");
    g_assert_true(g_str_has_suffix(huge.body->str, large));
}

static void
redirects_are_followed_as_far_as_asked(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_auto(Answer) untouched = fetch_path(f, "/redirect?to=/text", (HttpRequest){0});
    g_auto(Answer) followed = fetch_path(f, "/redirect?to=/redirect?to=/text", (HttpRequest){.redirects = 2});
    g_auto(Answer) loop = fetch_path(f, "/loop", (HttpRequest){.redirects = 5});
    g_auto(Answer) file = fetch_path(f, "/redirect?to=file:///etc/passwd", (HttpRequest){.redirects = 5});

    g_assert_cmpint(untouched.outcome, ==, HTTP_OUTCOME_ANSWERED);
    g_assert_cmpint(untouched.status, ==, 302);
    g_assert_cmpstr(untouched.body->str, ==, "this is not the answer");
    g_assert_cmpint(followed.outcome, ==, HTTP_OUTCOME_ANSWERED);
    g_assert_cmpint(followed.status, ==, 200);
    g_assert_cmpstr(followed.body->str, ==, "some text");
    g_assert_null(followed.header);
    g_assert_cmpint(loop.outcome, ==, HTTP_OUTCOME_BROKEN);
    g_assert_cmpint(loop.heads, ==, 0);
    g_assert_cmpint(file.outcome, ==, HTTP_OUTCOME_REFUSED);
    g_assert_cmpuint(file.body->len, ==, 0);
}

static void
private_addresses_are_refused_however_they_are_written(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const HOSTS[] = {"127.0.0.1",  "localhost",          "2130706433", "0x7f.1",
                                        "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]",      "0.0.0.0",
                                        "10.1.2.3",   "169.254.169.254",    "[fd00::1]",  "[fe80::1]",
                                        "100.64.0.1", "[64:ff9b::7f00:1]"};

    for (size_t i = 0; i < G_N_ELEMENTS(HOSTS); i++) {
        g_autofree char *url = g_strdup_printf("http://%s:%u/text", HOSTS[i], (unsigned)http_server_port(f->server));
        g_auto(Answer) answer = fetch(f, (HttpRequest){.url = url});

        if (answer.outcome != HTTP_OUTCOME_REFUSED)
            g_error("%s: %s (%s)", HOSTS[i], http_outcome_name(answer.outcome), answer.message);
        g_assert_cmpstr(answer.message, ==, "the host's address is private");
    }
    g_assert_cmpint(f->handled, ==, 0);
}

static void
a_pooled_connection_is_no_way_around_the_refusal(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *url = url_at(http_server_port(f->server), "/text");
    g_auto(Answer) allowed = fetch(f, (HttpRequest){.url = url, .allow_private_hosts = true});
    g_auto(Answer) refused = fetch(f, (HttpRequest){.url = url});

    g_assert_cmpint(allowed.outcome, ==, HTTP_OUTCOME_ANSWERED);
    g_assert_cmpint(refused.outcome, ==, HTTP_OUTCOME_REFUSED);
    g_assert_cmpint(f->handled, ==, 1);
}

static void
requests_that_make_no_sense_are_refused(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const URLS[] = {"",
                                       "file:///etc/passwd",
                                       "ftp://a.example/",
                                       "example.com/",
                                       "http://",
                                       "http://a b/",
                                       "http://[::1/",
                                       "gopher://127.0.0.1/",
                                       "http://a\r\nX: y/"};
    const HttpHeader split = {STR("X-A"), STR("a\r\nX-B: c")}, unnamed = {STR(""), STR("a")};
    g_auto(Answer) bad_value = fetch_path(f, "/text", (HttpRequest){.headers = {&split, 1}});
    g_auto(Answer) bad_name = fetch_path(f, "/text", (HttpRequest){.headers = {&unnamed, 1}});
    g_auto(Answer) bad_method = fetch_path(f, "/text", (HttpRequest){.method = "GET / HTTP/1.1\r\n"});

    for (size_t i = 0; i < G_N_ELEMENTS(URLS); i++) {
        g_auto(Answer) answer = fetch(f, (HttpRequest){.url = URLS[i], .allow_private_hosts = true});

        if (answer.outcome != HTTP_OUTCOME_REFUSED)
            g_error("%s: %s", URLS[i], http_outcome_name(answer.outcome));
    }
    g_assert_cmpint(bad_value.outcome, ==, HTTP_OUTCOME_REFUSED);
    g_assert_cmpint(bad_name.outcome, ==, HTTP_OUTCOME_REFUSED);
    g_assert_cmpint(bad_method.outcome, ==, HTTP_OUTCOME_REFUSED);
    g_assert_cmpint(f->handled, ==, 0);
}

static void
a_content_encoding_is_undone(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_auto(Answer) answer = fetch_path(f, "/gzip?n=10000", (HttpRequest){0});
    g_auto(Answer) bomb = fetch_path(f, "/gzip?n=20000000", (HttpRequest){.body_limit_bytes = 100000});

    g_assert_cmpint(answer.outcome, ==, HTTP_OUTCOME_ANSWERED);
    g_assert_cmpuint(answer.body->len, ==, 10000);
    g_assert_cmpuint(answer.body_bytes, <, 1000);
    g_assert_cmpint(bomb.outcome, ==, HTTP_OUTCOME_TOO_LARGE);
    g_assert_cmpuint(bomb.body->len, <=, 5000000);
}

static void
a_body_over_its_limit_ends_the_call(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_auto(Answer) endless = fetch_path(f, "/endless", (HttpRequest){.body_limit_bytes = 100000});
    g_auto(Answer) known = fetch_path(f, "/text", (HttpRequest){.body_limit_bytes = 8});
    g_auto(Answer) fits = fetch_path(f, "/text", (HttpRequest){.body_limit_bytes = 9});
    g_auto(Answer) raw = fetch_raw(f, STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), RAW_ENDLESS,
                                   (HttpRequest){.body_limit_bytes = 1000});

    g_assert_cmpint(endless.outcome, ==, HTTP_OUTCOME_TOO_LARGE);
    g_assert_cmpuint(endless.body->len, <=, 100000);
    g_assert_cmpint(known.outcome, ==, HTTP_OUTCOME_TOO_LARGE);
    g_assert_cmpint(fits.outcome, ==, HTTP_OUTCOME_ANSWERED);
    g_assert_cmpint(raw.outcome, ==, HTTP_OUTCOME_TOO_LARGE);
}

static void
endless_headers_end_the_call(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *filler = g_strnfill(10000, 'h');
    g_autoptr(GString) bytes = g_string_new("HTTP/1.1 200 OK\r\n");

    for (int i = 0; i < 100; i++)
        g_string_append_printf(bytes, "X-%d: %s\r\n", i, filler);
    {
        g_auto(Answer) answer = fetch_raw(f, str_of_gstring(bytes), RAW_CLOSE, (HttpRequest){0});

        g_assert_cmpint(answer.outcome, ==, HTTP_OUTCOME_TOO_LARGE);
        g_assert_cmpint(answer.heads, ==, 0);
    }
}

static void
an_answer_that_does_not_come_times_out(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_auto(Answer) silent = fetch_raw(f, STR(""), RAW_HANG, (HttpRequest){.timeout_us = 400 * US_PER_MS});
    g_auto(Answer) half = fetch_raw(f, STR("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), RAW_HANG,
                                    (HttpRequest){.timeout_us = 400 * US_PER_MS});

    g_assert_cmpint(silent.outcome, ==, HTTP_OUTCOME_TIMEOUT);
    g_assert_cmpint(silent.heads, ==, 0);
    g_assert_cmpint(half.outcome, ==, HTTP_OUTCOME_TIMEOUT);
    g_assert_cmpstr(half.body->str, ==, "abc");
}

static void
nobody_there_is_told_from_a_broken_answer(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    RawServer *gone = raw_server_new(STR(""), RAW_CLOSE, STR(""));
    g_autofree char *url = url_at(raw_server_port(gone), "/");

    raw_server_free(gone);
    {
        g_auto(Answer) nobody = fetch(f, (HttpRequest){.url = url, .allow_private_hosts = true});
        g_auto(Answer) unknown = fetch(f, (HttpRequest){.url = "http://nowhere.invalid/"});
        g_auto(Answer) reset =
            fetch_raw(f, STR("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), RAW_RESET, (HttpRequest){0});
        g_auto(Answer) short_body =
            fetch_raw(f, STR("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), RAW_CLOSE, (HttpRequest){0});
        g_auto(Answer) empty = fetch_raw(f, STR(""), RAW_CLOSE, (HttpRequest){0});
        g_auto(Answer) garbage = fetch_raw(f, STR("220 mail.example ESMTP\r\n"), RAW_CLOSE, (HttpRequest){0});

        g_assert_cmpint(nobody.outcome, ==, HTTP_OUTCOME_CONNECT);
        g_assert_cmpint(unknown.outcome, ==, HTTP_OUTCOME_CONNECT);
        g_assert_cmpint(reset.outcome, ==, HTTP_OUTCOME_BROKEN);
        g_assert_cmpint(short_body.outcome, ==, HTTP_OUTCOME_BROKEN);
        g_assert_cmpint(empty.outcome, ==, HTTP_OUTCOME_BROKEN);
        g_assert_cmpint(garbage.outcome, ==, HTTP_OUTCOME_BROKEN);
    }
}

static void
an_answer_may_come_byte_by_byte(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_auto(Answer) answer = fetch_raw(
        f,
        STR("HTTP/1.1 100 Continue\r\nX-Told: no\r\n\r\nHTTP/1.1 200 OK\r\nx-TOLD:  yes \r\nContent-Length: 3\r\n"
            "\r\nabc"),
        RAW_DRIP, (HttpRequest){0});

    g_assert_cmpint(answer.outcome, ==, HTTP_OUTCOME_ANSWERED);
    g_assert_cmpint(answer.status, ==, 200);
    g_assert_cmpstr(answer.header, ==, "yes");
    g_assert_cmpstr(answer.body->str, ==, "abc");
}

static void
a_receiver_may_stop_the_transfer(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *url = url_at(http_server_port(f->server), "/endless");
    g_auto(Answer) answer = answer_init(f);

    answer.stop_at_body = true;
    start(f, &answer, &(HttpRequest){.method = "GET", .url = url, .allow_private_hosts = true});
    uv_loop_run_until(f->loop, &answer.done);
    g_assert_cmpint(answer.outcome, ==, HTTP_OUTCOME_STOPPED);
    g_assert_cmpint(answer.dones, ==, 1);
}

static void
calls_may_be_cancelled_from_any_callback(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *text = url_at(http_server_port(f->server), "/text");
    g_autofree char *endless = url_at(http_server_port(f->server), "/endless");
    Answer answers[6], *at_head = &answers[0], *at_body = &answers[1], *victim = &answers[2], *killer = &answers[3],
                       *late_victim = &answers[4], *at_once = &answers[5];

    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++)
        answers[i] = answer_init(f);
    at_head->cancel_at_head = &at_head->call;
    at_body->cancel_at_body = &at_body->call;
    killer->cancel_at_head = &victim->call;
    killer->cancel_at_done = &late_victim->call;
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++)
        start(f, &answers[i],
              &(HttpRequest){.method = "GET",
                             .url = &answers[i] == victim || &answers[i] == late_victim ? endless : text,
                             .body_limit_bytes = UINT64_MAX / 2,
                             .allow_private_hosts = true});
    cancel(f, &at_once->call);
    uv_loop_run_until(f->loop, &killer->done);
    {
        g_auto(Answer) after = fetch_path(f, "/text", (HttpRequest){0});

        g_assert_cmpint(after.outcome, ==, HTTP_OUTCOME_ANSWERED);
    }
    g_assert_cmpint(killer->dones, ==, 1);
    g_assert_null(victim->call);
    g_assert_null(late_victim->call);
    g_assert_cmpint(at_once->heads, ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        if (&answers[i] != killer)
            g_assert_cmpint(answers[i].dones, ==, 0);
        cancel(f, answers[i].done ? NULL : &answers[i].call);
        answer_clear(&answers[i]);
    }
}

static void
a_thousand_calls_at_once_are_all_answered(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    enum { COUNT = 1000 };
    g_autofree char *url = url_at(http_server_port(f->server), "/text");
    g_autofree Answer *answers = g_new0(Answer, COUNT);
    int left = COUNT;
    bool none_left = false;

    for (int i = 0; i < COUNT; i++) {
        answers[i] = answer_init(f);
        answers[i].left = &left;
        answers[i].none_left = &none_left;
        start(f, &answers[i],
              &(HttpRequest){.method = "GET",
                             .url = url,
                             .timeout_us = 60 * US_PER_SECOND,
                             .connect_timeout_us = 30 * US_PER_SECOND,
                             .allow_private_hosts = true});
    }
    uv_loop_run_until(f->loop, &none_left);
    for (int i = 0; i < COUNT; i++) {
        if (answers[i].outcome != HTTP_OUTCOME_ANSWERED)
            g_error("call %d: %s", i, answers[i].message);
        g_assert_cmpint(answers[i].dones, ==, 1);
        g_assert_cmpstr(answers[i].body->str, ==, "some text");
        answer_clear(&answers[i]);
    }
    g_assert_cmpint(f->handled, ==, COUNT);
}

static void
freeing_the_loop_cancels_open_calls(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autofree char *url = url_at(http_server_port(f->server), "/endless");
    g_auto(Answer) answer = answer_init(f);
    g_auto(Answer) refused = answer_init(f);

    start(f, &answer, &(HttpRequest){.method = "GET", .url = url, .allow_private_hosts = true});
    start(f, &refused, &(HttpRequest){.method = "GET", .url = "file:///"});
    {
        g_auto(Answer) other = fetch_path(f, "/text", (HttpRequest){0});

        g_assert_cmpint(other.outcome, ==, HTTP_OUTCOME_ANSWERED);
    }
    uv_loop_wrapper_free(f->loop);
    f->loop = NULL;
    g_assert_cmpint(answer.dones, ==, 0);
}

/* ---- shares of a turn of the loop ---- */

/* Calls that give what they can, and a post to the loop that looks at each turn how much that was. */
typedef struct {
    Fixture *f;
    HttpCall *calls[8];
    uint64_t bytes[8], in_turn, most_in_turn, turns, enough;
    bool done;
} Flood;

typedef struct {
    Flood *flood;
    size_t number;
} Stream;

static bool
on_flood(void *data, Str bytes)
{
    const Stream *stream = data;

    stream->flood->bytes[stream->number] += bytes.size;
    stream->flood->in_turn += bytes.size;
    return true;
}

static void
on_flood_end(void *data, const HttpResult *result)
{
    const Stream *stream = data;

    g_assert_cmpint(result->outcome, ==, HTTP_OUTCOME_ANSWERED);
    stream->flood->calls[stream->number] = NULL;
}

static void
on_turn(void *data)
{
    Flood *flood = data;
    uint64_t least = UINT64_MAX;

    flood->most_in_turn = MAX(flood->most_in_turn, flood->in_turn);
    flood->turns += flood->in_turn > 0 ? 1 : 0;
    flood->in_turn = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(flood->bytes); i++)
        least = MIN(least, flood->bytes[i]);
    flood->done = least >= flood->enough;
    if (!flood->done)
        loop_post(uv_loop_base(flood->f->loop), on_turn, flood);
}

/* Until each of eight answers has given so much. */
static void
flood_run(Fixture *f, const char *path, uint64_t enough, Flood *flood)
{
    static const HttpReceiver FLOOD = {NULL, on_flood, on_flood_end};
    g_autofree char *url = url_at(http_server_port(f->server), path);
    Stream streams[8];

    *flood = (Flood){.f = f, .enough = enough};
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        streams[i] = (Stream){flood, i};
        flood->calls[i] = http_client_send(f->client,
                                           &(HttpRequest){.method = "GET",
                                                          .url = url,
                                                          .timeout_us = US_PER_MINUTE,
                                                          .body_limit_bytes = UINT64_C(1) << 32,
                                                          .allow_private_hosts = true},
                                           &FLOOD, &streams[i]);
    }
    on_turn(flood);
    uv_loop_run_until(f->loop, &flood->done);
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++)
        if (flood->calls[i] != NULL)
            http_client_cancel(f->client, flood->calls[i]);
}

/* What looks may stand on either side of what goes on in a turn: two shares, and the end of a piece each. */
#define TURN_MOST_BYTES (2 * (256 + 16) * 1024)

static void
endless_answers_leave_each_turn_of_the_loop_to_others(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    Flood flood;

    flood_run(f, "/flood", 3 << 20, &flood);
    g_assert_cmpuint(flood.most_in_turn, <=, TURN_MOST_BYTES);
}

static void
answers_that_inflate_beyond_reason_leave_each_turn_to_others(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const uint64_t SIZE = 12 << 20; /* out of some kilobytes that come at once */
    Flood flood;

    flood_run(f, "/gzip?n=12582912", SIZE, &flood);
    g_assert_cmpuint(flood.most_in_turn, <=, TURN_MOST_BYTES);
    g_assert_cmpuint(flood.turns, >=, 8 * SIZE / TURN_MOST_BYTES);
    for (size_t i = 0; i < 8; i++)
        g_assert_cmpuint(flood.bytes[i], ==, SIZE);
}

static void
a_paused_answer_may_be_cancelled_or_stopped(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    Flood flood;
    size_t cancelled = 0;

    /* Paused most of the time, and flood_run() cancels them so: the one that came last has most of its answer before it. */
    flood_run(f, "/gzip?n=12582912", 300000, &flood);
    for (size_t i = 0; i < G_N_ELEMENTS(flood.calls); i++)
        cancelled += flood.calls[i] != NULL ? 1 : 0;
    g_assert_cmpuint(cancelled, >=, 1);
    {
        g_autofree char *url = url_at(http_server_port(f->server), "/gzip?n=12582912");
        g_auto(Answer) large = answer_init(f);

        start(f, &large,
              &(HttpRequest){.method = "GET", .url = url, .body_limit_bytes = 100000, .allow_private_hosts = true});
        uv_loop_run_until(f->loop, &large.done);
        g_assert_cmpint(large.outcome, ==, HTTP_OUTCOME_TOO_LARGE);
        g_assert_cmpint(large.dones, ==, 1);
    }
}

/* ---- encodings ---- */

static void
assert_encoded(Fixture *f, const char *head, Str packed, HttpOutcome outcome, const char *text)
{
    g_autoptr(GString) bytes = g_string_new(NULL);

    g_string_append_printf(bytes, "HTTP/1.1 200 OK\r\n%sContent-Length: %zu\r\n\r\n", head, packed.size);
    str_append(bytes, packed);
    {
        g_auto(Answer) answer = fetch_raw(f, str_of_gstring(bytes), RAW_CLOSE, (HttpRequest){0});

        g_assert_cmpint(answer.outcome, ==, outcome);
        g_assert_cmpstr(answer.body->str, ==, text);
    }
}

static Str
pack(const char *text, int window_bits, char *buffer, size_t size)
{
    z_stream zlib = {0};

    g_assert_cmpint(deflateInit2(&zlib, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), ==, Z_OK);
    zlib.next_in = (Bytef *)text;
    zlib.avail_in = (uInt)strlen(text);
    zlib.next_out = (Bytef *)buffer;
    zlib.avail_out = (uInt)size;
    g_assert_cmpint(deflate(&zlib, Z_FINISH), ==, Z_STREAM_END);
    deflateEnd(&zlib);
    return (Str){buffer, size - zlib.avail_out};
}

static void
what_is_encoded_is_undone_and_what_cannot_be_is_broken(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    char buffer[256];
    Str gzip = pack("some text", 15 + 16, buffer, sizeof buffer);

    assert_encoded(f, "Content-Encoding: GZIP\r\n", gzip, HTTP_OUTCOME_ANSWERED, "some text");
    assert_encoded(f, "Content-Encoding: gzip\r\n", str_slice(gzip, 0, gzip.size - 3), HTTP_OUTCOME_BROKEN,
                   "some text");
    assert_encoded(f, "Content-Encoding: gzip\r\n", STR("some text"), HTTP_OUTCOME_BROKEN, "");
    assert_encoded(f, "Content-Encoding: gzip\r\n", STR(""), HTTP_OUTCOME_ANSWERED, "");
    assert_encoded(f, "Content-Encoding: br\r\n", STR("some text"), HTTP_OUTCOME_BROKEN, "");
    assert_encoded(f, "Content-Encoding: identity\r\n", STR("some text"), HTTP_OUTCOME_ANSWERED, "some text");
    assert_encoded(f, "Content-Encoding: deflate\r\n", pack("some text", 15, buffer, sizeof buffer),
                   HTTP_OUTCOME_ANSWERED, "some text");
    assert_encoded(f, "Content-Encoding: deflate\r\n", pack("some text", -15, buffer, sizeof buffer),
                   HTTP_OUTCOME_ANSWERED, "some text");
}

/* As whoever appends to a compressed file makes it: each member is whole in itself. */
static void
members_of_gzip_one_behind_another_are_one_body(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const HEAD = "Content-Encoding: gzip\r\n";
    char buffers[2][256], joined[600];
    Str first = pack("some text", 15 + 16, buffers[0], sizeof buffers[0]);
    Str second = pack(" and more", 15 + 16, buffers[1], sizeof buffers[1]);
    Str both = {joined, first.size + second.size};

    memcpy(joined, first.at, first.size);
    memcpy(joined + first.size, second.at, second.size);
    assert_encoded(f, HEAD, both, HTTP_OUTCOME_ANSWERED, "some text and more");
    assert_encoded(f, HEAD, str_slice(both, 0, both.size - 3), HTTP_OUTCOME_BROKEN, "some text and more");
    assert_encoded(f, HEAD, str_slice(both, 0, first.size + 1), HTTP_OUTCOME_BROKEN, "some text");
    /* What is no member is nobody's, and so is what stands behind that. */
    memset(joined + both.size, 0, 10);
    memcpy(joined + both.size + 10, first.at, first.size);
    both.size += 10 + first.size;
    assert_encoded(f, HEAD, both, HTTP_OUTCOME_ANSWERED, "some text and more");
}

#define ADD(name) g_test_add("/net/client/" #name, Fixture, NULL, fixture_up, name, fixture_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(an_answer_arrives_with_its_head_and_body);
    ADD(a_body_is_sent_as_given);
    ADD(redirects_are_followed_as_far_as_asked);
    ADD(private_addresses_are_refused_however_they_are_written);
    ADD(a_pooled_connection_is_no_way_around_the_refusal);
    ADD(requests_that_make_no_sense_are_refused);
    ADD(a_content_encoding_is_undone);
    ADD(a_body_over_its_limit_ends_the_call);
    ADD(endless_headers_end_the_call);
    ADD(an_answer_that_does_not_come_times_out);
    ADD(nobody_there_is_told_from_a_broken_answer);
    ADD(an_answer_may_come_byte_by_byte);
    ADD(a_receiver_may_stop_the_transfer);
    ADD(calls_may_be_cancelled_from_any_callback);
    ADD(a_thousand_calls_at_once_are_all_answered);
    ADD(endless_answers_leave_each_turn_of_the_loop_to_others);
    ADD(answers_that_inflate_beyond_reason_leave_each_turn_to_others);
    ADD(a_paused_answer_may_be_cancelled_or_stopped);
    ADD(what_is_encoded_is_undone_and_what_cannot_be_is_broken);
    ADD(members_of_gzip_one_behind_another_are_one_body);
    ADD(freeing_the_loop_cancels_open_calls);
    return g_test_run();
}
