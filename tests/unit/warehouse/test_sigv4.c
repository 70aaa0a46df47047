#include "warehouse/sigv4.h"

#include "base/clock.h"
#include "base/timestamp.h"

#include <yajl/yajl_tree.h>

/* One folder of the published vectors. */
typedef struct {
    Arena *arena;
    char *folder;
    yajl_val context;
    char *request_text;
    HttpRequest request;
    SigV4 how;
    char *payload_sha256;
    int64_t expires_s;
} Vector;

static char *
vector_file(const Vector *vector, const char *name)
{
    g_autofree char *path = g_build_filename(vector->folder, name, NULL);
    g_autoptr(GError) error = NULL;
    char *text;

    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    return text;
}

static yajl_val
context_member(const Vector *vector, const char *a, const char *b)
{
    const char *path[] = {a, b, NULL};

    return yajl_tree_get(vector->context, path, yajl_t_any);
}

static const char *
context_text(const Vector *vector, const char *a, const char *b)
{
    yajl_val value = context_member(vector, a, b);

    return value != NULL ? YAJL_GET_STRING(value) : NULL;
}

static void
vector_load_context(Vector *vector)
{
    g_autofree char *text = vector_file(vector, "context.json");
    char message[200];
    int64_t now_us;

    vector->context = yajl_tree_parse(text, message, sizeof message);
    g_assert_nonnull(vector->context);
    g_assert_true(timestamp_parse(str_of(context_text(vector, "timestamp", NULL)), NULL, &now_us, NULL));
    vector->how = (SigV4){
        .access_key = context_text(vector, "credentials", "access_key_id"),
        .secret_key = context_text(vector, "credentials", "secret_access_key"),
        /* Sent, but not signed: for the signature as if there were none. */
        .session_token = YAJL_IS_TRUE(context_member(vector, "omit_session_token", NULL))
                             ? NULL
                             : context_text(vector, "credentials", "token"),
        .region = context_text(vector, "region", NULL),
        .service = context_text(vector, "service", NULL),
        .now_us = now_us,
        .encode_path = true,
        .normalise_path = YAJL_IS_TRUE(context_member(vector, "normalize", NULL)),
        .content_sha256 = YAJL_IS_TRUE(context_member(vector, "sign_body", NULL)),
    };
    vector->expires_s = YAJL_GET_INTEGER(context_member(vector, "expiration_in_seconds", NULL));
}

/* "GET /a b HTTP/1.1", "Name:value" with lines that go on in the next, a blank line, the body. */
static void
vector_load_request(Vector *vector)
{
    HttpHeader *headers = ARENA_ARRAY(vector->arena, HttpHeader, 20);
    size_t count = 0;
    Str rest, line, body = STR("");
    ptrdiff_t blank;

    vector->request_text = vector_file(vector, "request.txt");
    rest = str_of(vector->request_text);
    blank = str_find(rest, STR("\n\n"));
    if (blank >= 0) {
        body = str_slice(rest, (size_t)blank + 2, rest.size);
        rest = str_slice(rest, 0, (size_t)blank);
    }
    line = str_cut(&rest, '\n');
    g_assert_true(str_ends_with(line, STR(" HTTP/1.1")));
    vector->request.method = arena_strdup(vector->arena, str_cut(&line, ' '));
    line = str_slice(line, 0, line.size - strlen(" HTTP/1.1"));
    while (!str_is_empty(rest)) {
        Str next = str_cut(&rest, '\n');

        if (g_ascii_isspace(next.at[0])) {
            headers[count - 1].value =
                arena_printf(vector->arena, "%.*s\n%.*s", STR_FORMAT(headers[count - 1].value), STR_FORMAT(next));
        } else {
            headers[count].name = str_cut(&next, ':');
            headers[count++].value = next;
        }
    }
    vector->request.headers = (HttpHeaders){headers, count};
    vector->request.url = arena_printf(vector->arena, "https://example.amazonaws.com%.*s", STR_FORMAT(line)).at;
    vector->payload_sha256 = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)body.at, body.size);
}

static void
vector_load(Vector *vector, const char *folder)
{
    *vector = (Vector){.arena = arena_new(4096), .folder = g_strdup(folder)};
    vector_load_context(vector);
    vector_load_request(vector);
}

static void
vector_clear(Vector *vector)
{
    yajl_tree_free(vector->context);
    g_free(vector->request_text);
    g_free(vector->payload_sha256);
    g_free(vector->folder);
    arena_free(vector->arena);
}

static void
assert_file(const Vector *vector, const char *name, Str is)
{
    g_autofree char *text = vector_file(vector, name);
    g_autofree char *got = str_dup(is);

    if (!g_str_equal(text, got))
        g_test_message("%s/%s", vector->folder, name);
    g_assert_cmpstr(got, ==, text);
}

static void
a_published_vector_is_signed_in_its_headers(gconstpointer folder)
{
    g_autofree char *authorization = NULL;
    g_autofree char *sent = NULL;
    SigV4Signed is;
    Vector vector;

    vector_load(&vector, folder);
    g_assert_true(sigv4_sign(&vector.how, &vector.request, vector.payload_sha256, vector.arena, &is, NULL));
    assert_file(&vector, "header-canonical-request.txt", is.canonical_request);
    assert_file(&vector, "header-string-to-sign.txt", is.string_to_sign);
    assert_file(&vector, "header-signature.txt", is.signature);
    authorization = str_dup(http_header_find(is.headers, "Authorization"));
    sent = vector_file(&vector, "header-signed-request.txt");
    g_assert_nonnull(strstr(sent, authorization));
    vector_clear(&vector);
}

static void
a_published_vector_is_signed_in_its_query(gconstpointer folder)
{
    SigV4Signed is;
    Vector vector;

    vector_load(&vector, folder);
    g_assert_true(
        sigv4_presign(&vector.how, &vector.request, vector.payload_sha256, vector.expires_s, vector.arena, &is, NULL));
    assert_file(&vector, "query-canonical-request.txt", is.canonical_request);
    assert_file(&vector, "query-string-to-sign.txt", is.string_to_sign);
    assert_file(&vector, "query-signature.txt", is.signature);
    g_assert_cmpint(str_find(is.url, arena_printf(vector.arena, "&X-Amz-Signature=%s", is.signature.at)), >, 0);
    vector_clear(&vector);
}

static const SigV4 S3_RULES = {
    .access_key = "AK",
    .secret_key = "SK",
    .region = "eu-central-1",
    .service = "s3",
    .now_us = INT64_C(1440938160) * US_PER_SECOND,
    .content_sha256 = true,
};

static void
a_path_of_s3_is_signed_as_it_stands_in_the_url(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    HttpRequest request = {.method = "GET", .url = "https://b.example/v1//a%20b/../period%3D1"};
    SigV4Signed is;

    g_assert_true(sigv4_sign(&S3_RULES, &request, SIGV4_EMPTY_SHA256, arena, &is, NULL));
    g_assert_true(str_starts_with(is.canonical_request, STR("GET\n/v1//a%20b/../period%3D1\n\nhost:b.example\n")));
    g_assert_true(str_is(http_header_find(is.headers, "x-amz-content-sha256"), SIGV4_EMPTY_SHA256));
}

static void
host_is_signed_without_the_usual_port_and_with_another(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    HttpRequest request = {.method = "GET", .url = "https://b.example:443"};
    SigV4Signed is;

    g_assert_true(sigv4_sign(&S3_RULES, &request, SIGV4_EMPTY_SHA256, arena, &is, NULL));
    g_assert_true(str_starts_with(is.canonical_request, STR("GET\n/\n\nhost:b.example\n")));
    request.url = "http://127.0.0.1:4568/x?list-type=2&prefix=a/b";
    g_assert_true(sigv4_sign(&S3_RULES, &request, SIGV4_EMPTY_SHA256, arena, &is, NULL));
    g_assert_true(
        str_starts_with(is.canonical_request, STR("GET\n/x\nlist-type=2&prefix=a%2Fb\nhost:127.0.0.1:4568\n")));
}

static void
what_is_no_url_is_not_signed(void)
{
    const char *const urls[] = {"", "b.example/x", "https://", "https:///x"};
    g_autoptr(Arena) arena = arena_new(4096);

    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
        HttpRequest request = {.method = "GET", .url = urls[i]};
        g_autoptr(GError) error = NULL;
        SigV4Signed is;

        g_assert_false(sigv4_sign(&S3_RULES, &request, SIGV4_EMPTY_SHA256, arena, &is, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    }
}

static void
add_vectors(const char *root)
{
    g_autoptr(GDir) folder = g_dir_open(root, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *header = g_strdup_printf("/warehouse/sigv4/headers_of_%s", name);
        g_autofree char *query = g_strdup_printf("/warehouse/sigv4/query_of_%s", name);

        g_test_add_data_func_full(header, g_build_filename(root, name, NULL),
                                  a_published_vector_is_signed_in_its_headers, g_free);
        g_test_add_data_func_full(query, g_build_filename(root, name, NULL), a_published_vector_is_signed_in_its_query,
                                  g_free);
    }
}

static void
the_published_vectors_are_there(gconstpointer root)
{
    if (!g_file_test(root, G_FILE_TEST_IS_DIR))
        g_test_skip("the vectors of aws-c-auth are not here");
}

int
main(int argc, char **argv)
{
    g_autofree char *root = g_build_filename(g_getenv("WEIR_ROOT"), "..", "shared", "conformance", "sigv4", NULL);

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/warehouse/sigv4/a_path_of_s3_is_signed_as_it_stands_in_the_url",
                    a_path_of_s3_is_signed_as_it_stands_in_the_url);
    g_test_add_func("/warehouse/sigv4/host_is_signed_without_the_usual_port_and_with_another",
                    host_is_signed_without_the_usual_port_and_with_another);
    g_test_add_func("/warehouse/sigv4/what_is_no_url_is_not_signed", what_is_no_url_is_not_signed);
    g_test_add_data_func("/warehouse/sigv4/the_published_vectors_are_there", root, the_published_vectors_are_there);
    add_vectors(root);
    return g_test_run();
}
