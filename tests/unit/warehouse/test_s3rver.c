/* The S3 client against a server that we did not write, npm s3rver, behind npm aws4, which checks every signature.
 * It tells no checksums; that, and who is faster, is tested on fakes in test_s3.c. */
#include "net/uv_loop.h"
#include "warehouse/s3.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

typedef struct {
    char *folder, *endpoint;
    GSubprocess *server;
    UvLoop *loop;
    Cloud cloud;
    S3Config config;
} Fixture;

static Fixture fixture;

/* False when s3rver or node is not here. */
static bool
server_start(Fixture *f)
{
    g_autofree char *root = g_build_filename(g_getenv("WEIR_ROOT"), "tests", NULL);
    g_autofree char *package = g_build_filename(root, "node_modules", "s3rver", NULL);
    g_autofree char *script = g_build_filename(root, "s3", "server.cjs", NULL);
    g_autofree char *node = g_find_program_in_path("node");
    g_autoptr(GError) error = NULL;
    g_autoptr(GDataInputStream) output = NULL;
    g_autofree char *port = NULL;

    if (node == NULL || !g_file_test(package, G_FILE_TEST_IS_DIR))
        return false;
    f->folder = g_dir_make_tmp("weir-s3-XXXXXX", &error);
    g_assert_no_error(error);
    f->server = g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, node,
                                 "--openssl-legacy-provider", script, f->folder, "weir-test", NULL);
    g_assert_no_error(error);
    output = g_data_input_stream_new(g_subprocess_get_stdout_pipe(f->server));
    port = g_data_input_stream_read_line(output, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(port);
    f->endpoint = g_strconcat("http://127.0.0.1:", port, NULL);
    return true;
}

static void
server_stop(Fixture *f)
{
    if (f->server == NULL)
        return;
    g_output_stream_close(g_subprocess_get_stdin_pipe(f->server), NULL, NULL);
    g_assert_true(g_subprocess_wait_check(f->server, NULL, NULL));
    g_clear_object(&f->server);
    g_free(f->folder);
    g_free(f->endpoint);
}

static bool
is_skipped(void)
{
    if (fixture.server == NULL)
        g_test_skip("s3rver is not here: npm ci in tests/");
    return fixture.server == NULL;
}

static bool
put(const char *key, Str bytes, bool *ret_put, GError **error)
{
    return s3_put_if_absent(&fixture.config, &fixture.cloud, key, bytes, "application/octet-stream", ret_put, error);
}

static void
assert_put(const char *key, Str bytes, bool expected)
{
    g_autoptr(GError) error = NULL;
    bool is_put = !expected;

    g_assert_true(put(key, bytes, &is_put, &error));
    g_assert_no_error(error);
    g_assert_true(is_put == expected);
}

static bool
take(void *data, Str bytes)
{
    str_append(data, bytes);
    return true;
}

static void
an_object_comes_back_as_it_was_put_and_is_put_once(void)
{
    g_autoptr(GString) got = g_string_new("");
    g_autoptr(GError) error = NULL;
    CloudSink sink = {take, got};
    bool is_put;

    if (is_skipped())
        return;
    assert_put("v1/entry/hello", STR("hello"), true);
    assert_put("v1/entry/hello", STR("hello"), false);
    g_assert_false(put("v1/entry/hello", STR("other"), &is_put, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_assert_true(s3_get(&fixture.config, &fixture.cloud, "v1/entry/hello", &sink, NULL));
    g_assert_cmpstr(got->str, ==, "hello");
}

static void
an_empty_and_a_large_object_keep_their_size(void)
{
    g_autoptr(GString) large = g_string_new("");
    S3Object object;

    if (is_skipped())
        return;
    while (large->len < 5000000)
        g_string_append_printf(large, "%" G_GSIZE_FORMAT ",", large->len);
    assert_put("size/empty", STR(""), true);
    assert_put("size/large", str_of_gstring(large), true);
    g_assert_true(s3_head(&fixture.config, &fixture.cloud, "size/empty", &object, NULL));
    g_assert_cmpint(object.size_bytes, ==, 0);
    /* The stand-in answers a PUT before its file is complete; the real S3 does not. */
    for (int tries = 0; tries < 250; tries++) {
        g_assert_true(s3_head(&fixture.config, &fixture.cloud, "size/large", &object, NULL));
        if (object.size_bytes == (int64_t)large->len)
            break;
        g_usleep(20000);
    }
    g_assert_cmpint(object.size_bytes, ==, (int64_t)large->len);
    g_assert_cmpuint(strlen(object.sha256), ==, 64);
}

static bool
note(void *data, Str key, int64_t size_bytes)
{
    g_string_append_printf(data, "%.*s %" G_GINT64_FORMAT "\n", STR_FORMAT(key), size_bytes);
    return true;
}

static void
keys_of_odd_characters_are_signed_and_listed(void)
{
    g_autoptr(GString) got = g_string_new("");
    g_autoptr(GError) error = NULL;

    if (is_skipped())
        return;
    assert_put("odd/period=2026-11/seq=1..9.parquet", STR("a"), true);
    assert_put("odd/with blank & more", STR("bb"), true);
    assert_put("odd/\xc3\xa9\xe1\x88\xb4", STR("ccc"), true);
    g_assert_true(s3_list(&fixture.config, &fixture.cloud, "odd/", note, got, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(got->str, ==,
                    "odd/period=2026-11/seq=1..9.parquet 1\nodd/with blank & more 2\nodd/\xc3\xa9\xe1\x88\xb4 3\n");
}

static void
more_keys_than_a_page_holds_are_listed(void)
{
    g_autoptr(GString) got = g_string_new("");
    g_autoptr(GString) expected = g_string_new("");
    g_autoptr(GError) error = NULL;

    if (is_skipped())
        return;
    /* A page holds 1,000. */
    for (int i = 1000; i < 2005; i++) {
        g_autofree char *key = g_strdup_printf("many/%d", i);

        assert_put(key, STR("x"), true);
        g_string_append_printf(expected, "%s 1\n", key);
    }
    g_assert_true(s3_list(&fixture.config, &fixture.cloud, "many/", note, got, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(got->str, ==, expected->str);
}

static void
a_wrong_secret_and_a_missing_object_are_told_apart(void)
{
    S3Config wrong = fixture.config;
    g_autoptr(GString) got = g_string_new("");
    g_autoptr(GError) error = NULL;
    CloudSink sink = {take, got};
    S3Object object;

    if (is_skipped())
        return;
    g_assert_false(s3_head(&fixture.config, &fixture.cloud, "nothing", &object, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    wrong.secret_key = "other";
    g_assert_false(s3_get(&wrong, &fixture.cloud, "v1/entry/hello", &sink, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "SignatureDoesNotMatch"));
    g_clear_error(&error);
    wrong = fixture.config;
    wrong.bucket = "other-bucket";
    g_assert_false(s3_list(&wrong, &fixture.cloud, "", note, got, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "NoSuchBucket"));
}

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    fixture.loop = uv_loop_wrapper_new(clock_system());
    fixture.cloud = (Cloud){.client = uv_loop_client(fixture.loop),
                            .timers = uv_loop_base(fixture.loop),
                            .run_until = uv_loop_runner,
                            .runner = fixture.loop,
                            .allow_private_hosts = true};
    server_start(&fixture);
    fixture.config = (S3Config){.endpoint = fixture.endpoint,
                                .region = "us-east-1",
                                .bucket = "weir-test",
                                .path_style = true,
                                .access_key = "S3RVER",
                                .secret_key = "S3RVER"};
    g_test_add_func("/warehouse/s3rver/an_object_comes_back_as_it_was_put_and_is_put_once",
                    an_object_comes_back_as_it_was_put_and_is_put_once);
    g_test_add_func("/warehouse/s3rver/an_empty_and_a_large_object_keep_their_size",
                    an_empty_and_a_large_object_keep_their_size);
    g_test_add_func("/warehouse/s3rver/keys_of_odd_characters_are_signed_and_listed",
                    keys_of_odd_characters_are_signed_and_listed);
    g_test_add_func("/warehouse/s3rver/more_keys_than_a_page_holds_are_listed", more_keys_than_a_page_holds_are_listed);
    g_test_add_func("/warehouse/s3rver/a_wrong_secret_and_a_missing_object_are_told_apart",
                    a_wrong_secret_and_a_missing_object_are_told_apart);
    result = g_test_run();
    server_stop(&fixture);
    uv_loop_wrapper_free(fixture.loop);
    return result;
}
