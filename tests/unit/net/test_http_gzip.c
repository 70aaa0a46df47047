#include "net/http_server.h"

#include "support/peer.h"

#include <unistd.h>
#include <zlib.h>

#define FROM_BYTES 1000

typedef struct {
    HttpServer *server;
} Fixture;

static GString *
text_of(int64_t size)
{
    GString *text = g_string_new(NULL);

    for (int i = 0; (int64_t)text->len < size; i++)
        g_string_append_printf(text, "line %d\n", i);
    return g_string_truncate(text, (gsize)size);
}

static void
on_text(HttpExchange *exchange, void *data G_GNUC_UNUSED)
{
    int64_t size = 0;

    g_assert_true(str_to_int64(http_exchange_query(exchange, "size"), &size));
    http_exchange_respond(exchange, 200, "text/plain", text_of(size));
}

static const HttpRoute ROUTES[] = {{"GET", "/text", on_text, 0}};

static void
fixture_up(Fixture *f, gconstpointer from_bytes)
{
    g_autoptr(GError) error = NULL;

    f->server = http_server_start(&(HttpServerSpec){.host = "127.0.0.1",
                                                    .threads = 1,
                                                    .routes = ROUTES,
                                                    .route_count = G_N_ELEMENTS(ROUTES),
                                                    .not_found = on_text,
                                                    .clock = clock_system(),
                                                    .gzip_from_bytes = GPOINTER_TO_SIZE(from_bytes)},
                                  &error);
    g_assert_no_error(error);
}

static void
fixture_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    http_server_free(f->server);
}

static GString *
ask(Fixture *f, const char *method, int size, const char *accept)
{
    g_autofree char *request =
        g_strdup_printf("%s /text?size=%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s\r\n", method, size, accept);

    return peer_ask(http_server_port(f->server), request);
}

static bool
has(const GString *answer, const char *header)
{
    const char *found = strstr(answer->str, header);

    return found != NULL && found < strstr(answer->str, "\r\n\r\n");
}

static Str
body_of(const GString *answer)
{
    const char *at = strstr(answer->str, "\r\n\r\n") + 4;

    return (Str){at, answer->len - (size_t)(at - answer->str)};
}

static void
assert_inflates_to(Str gzip, const GString *want)
{
    z_stream zlib = {.next_in = (Bytef *)(uintptr_t)gzip.at, .avail_in = (uInt)gzip.size};
    g_autofree char *text = g_malloc(want->len + 1);

    zlib.next_out = (Bytef *)text;
    zlib.avail_out = (uInt)want->len + 1;
    g_assert_cmpint(inflateInit2(&zlib, 15 + 16), ==, Z_OK);
    g_assert_cmpint(inflate(&zlib, Z_FINISH), ==, Z_STREAM_END);
    g_assert_true(str_equal((Str){text, zlib.total_out}, str_of_gstring(want)));
    g_assert_cmpuint(zlib.avail_in, ==, 0);
    inflateEnd(&zlib);
}

static void
a_long_body_is_compressed_for_who_takes_gzip(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const int SIZES[] = {FROM_BYTES, FROM_BYTES + 1, 100000, 3000000};

    for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
        g_autoptr(GString) answer = ask(f, "GET", SIZES[i], "Accept-Encoding: br, gzip;q=0.5\r\n");
        g_autoptr(GString) want = text_of(SIZES[i]);

        g_assert_true(has(answer, "\r\nContent-Encoding: gzip\r\n"));
        g_assert_true(has(answer, "\r\nVary: Accept-Encoding\r\n"));
        g_assert_cmpuint(body_of(answer).size, <, want->len / 2);
        assert_inflates_to(body_of(answer), want);
    }
}

static void
a_long_body_is_plain_for_who_does_not_and_says_that_it_depends(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const NOT[] = {"", "Accept-Encoding: \r\n", "Accept-Encoding: br\r\n",
                                      "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: identity, gzip;q=0.5\r\n"};
    g_autoptr(GString) want = text_of(FROM_BYTES);

    for (size_t i = 0; i < G_N_ELEMENTS(NOT); i++) {
        g_autoptr(GString) answer = ask(f, "GET", FROM_BYTES, NOT[i]);

        g_assert_false(has(answer, "Content-Encoding"));
        g_assert_true(has(answer, "\r\nVary: Accept-Encoding\r\n"));
        g_assert_true(str_equal(body_of(answer), str_of_gstring(want)));
    }
}

static void
a_short_body_is_plain_for_everyone(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const int SIZES[] = {0, 1, FROM_BYTES - 1};

    for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
        g_autoptr(GString) answer = ask(f, "GET", SIZES[i], "Accept-Encoding: gzip\r\n");

        g_assert_false(has(answer, "Content-Encoding") || has(answer, "Vary"));
        g_assert_cmpuint(body_of(answer).size, ==, SIZES[i]);
    }
}

static void
a_head_tells_what_a_get_would(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) get = ask(f, "GET", 50000, "Accept-Encoding: gzip\r\n");
    g_autoptr(GString) head = ask(f, "HEAD", 50000, "Accept-Encoding: gzip\r\n");
    g_autofree char *length = g_strdup_printf("\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n", body_of(get).size);

    g_assert_true(has(get, length) && has(head, length));
    g_assert_true(has(head, "\r\nContent-Encoding: gzip\r\n"));
    g_assert_cmpuint(body_of(head).size, ==, 0);
}

static void
a_server_that_is_not_told_to_compresses_nothing(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GString) answer = ask(f, "GET", 50000, "Accept-Encoding: gzip\r\n");

    g_assert_false(has(answer, "Content-Encoding") || has(answer, "Vary"));
    g_assert_cmpuint(body_of(answer).size, ==, 50000);
}

#define ADD(name, from_bytes)                                                                                          \
    g_test_add("/net/gzip/" #name, Fixture, GSIZE_TO_POINTER(from_bytes), fixture_up, name, fixture_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_long_body_is_compressed_for_who_takes_gzip, FROM_BYTES);
    ADD(a_long_body_is_plain_for_who_does_not_and_says_that_it_depends, FROM_BYTES);
    ADD(a_short_body_is_plain_for_everyone, FROM_BYTES);
    ADD(a_head_tells_what_a_get_would, FROM_BYTES);
    ADD(a_server_that_is_not_told_to_compresses_nothing, 0);
    return g_test_run();
}
