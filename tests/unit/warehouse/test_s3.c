#include "warehouse/s3.h"

#include "warehouse/cloud_test.h"
#include "warehouse/sigv4.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define KEY "v1/entry/seq=1-9.parquet"
#define URL "https://weir-test.s3.eu-central-1.amazonaws.com/v1/entry/seq%3D1-9.parquet"
/* "hello" */
#define SHA256   "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define CHECKSUM "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="

static const S3Config CONFIG = {
    .region = "eu-central-1", .bucket = "weir-test", .access_key = "AKID", .secret_key = "wJalrXUtnFEMI"};

static bool
put(CloudTest *test, bool *ret_put, GError **error)
{
    return s3_put_if_absent(&CONFIG, &test->cloud, KEY, STR("hello"), "application/octet-stream", ret_put, error);
}

static void
assert_put_fails(CloudTest *test, WeirError code, const char *says)
{
    g_autoptr(GError) error = NULL;
    bool is_put;

    g_assert_false(put(test, &is_put, &error));
    g_assert_error(error, WEIR_ERROR, (int)code);
    if (strstr(error->message, says) == NULL)
        g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, says));
    g_assert_null(strstr(error->message, CONFIG.secret_key));
}

static void
answer_head(CloudTest *test, const char *size, const char *checksum)
{
    HttpHeader headers[] = {{STR("Content-Length"), str_of(size)}, {STR("x-amz-checksum-sha256"), str_of(checksum)}};

    cloud_test_answer_with(test, "HEAD", URL, 200, (HttpHeaders){headers, checksum != NULL ? 2 : 1}, "");
}

static void
a_new_object_is_put_under_the_condition_that_there_is_none(CloudTest *test)
{
    g_autoptr(GError) error = NULL;
    bool is_put = false;

    cloud_test_answer(test, "HEAD", URL, 404, "");
    cloud_test_answer(test, "PUT", URL, 200, "");
    g_assert_true(put(test, &is_put, &error));
    g_assert_no_error(error);
    g_assert_true(is_put);
    assert_asked(test, 0, "HEAD " URL);
    assert_asked(test, 1, "PUT " URL);
    g_assert_cmpstr(fake_client_request(test->client, 1)->body->str, ==, "hello");
    g_assert_true(has_header(test, 1, "if-none-match: *"));
    g_assert_true(has_header(test, 1, "x-amz-checksum-sha256: " CHECKSUM));
    g_assert_true(has_header(test, 1, "x-amz-content-sha256: " SHA256));
    g_assert_true(has_header(test, 1, "x-amz-date: 20261124T100000Z"));
    g_assert_true(has_header(test, 1,
                             "authorization: AWS4-HMAC-SHA256 Credential=AKID/20261124/eu-central-1/s3/aws4_request, "
                             "SignedHeaders=content-type;host;if-none-match;x-amz-checksum-sha256;"
                             "x-amz-content-sha256;x-amz-date;x-amz-meta-sha256, Signature="));
}

static void
an_object_that_is_there_is_not_put_again(CloudTest *test)
{
    bool is_put = true;

    answer_head(test, "5", CHECKSUM);
    g_assert_true(put(test, &is_put, NULL));
    g_assert_false(is_put);
    g_assert_cmpuint(fake_client_request_count(test->client), ==, 1);
}

static void
the_digest_in_the_metadata_does_where_the_service_has_none(CloudTest *test)
{
    HttpHeader same[] = {{STR("Content-Length"), STR("5")}, {STR("x-amz-meta-sha256"), STR(SHA256)}};
    HttpHeader other[] = {{STR("Content-Length"), STR("5")}, {STR("x-amz-meta-sha256"), STR(SIGV4_EMPTY_SHA256)}};
    bool is_put = true;

    cloud_test_answer_with(test, "HEAD", URL, 200, (HttpHeaders){same, 2}, "");
    g_assert_true(put(test, &is_put, NULL));
    g_assert_false(is_put);
    cloud_test_answer_with(test, "HEAD", URL, 200, (HttpHeaders){other, 2}, "");
    assert_put_fails(test, WEIR_ERROR_CONFLICT, "taken by other content");
}

static void
other_content_under_the_key_is_a_conflict(CloudTest *test)
{
    answer_head(test, "6", NULL);
    assert_put_fails(test, WEIR_ERROR_CONFLICT, "s3://weir-test/" KEY " is taken by other content: 6 bytes");
    answer_head(test, "5", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    assert_put_fails(test, WEIR_ERROR_CONFLICT, "is taken by other content: 5 bytes, SHA-256 e3b0c44298fc1c14");
    g_assert_cmpuint(fake_client_request_count(test->client), ==, 2);
}

static void
whoever_was_faster_is_compared_with(CloudTest *test)
{
    bool is_put = true;

    cloud_test_answer(test, "HEAD", URL, 404, "");
    cloud_test_answer(test, "PUT", URL, 412, "<Error><Code>PreconditionFailed</Code></Error>");
    answer_head(test, "5", CHECKSUM);
    g_assert_true(put(test, &is_put, NULL));
    g_assert_false(is_put);
    cloud_test_answer(test, "HEAD", URL, 404, "");
    cloud_test_answer(test, "PUT", URL, 412, "");
    answer_head(test, "7", NULL);
    assert_put_fails(test, WEIR_ERROR_CONFLICT, "taken by other content");
    cloud_test_answer(test, "HEAD", URL, 404, "");
    cloud_test_answer(test, "PUT", URL, 412, "");
    cloud_test_answer(test, "HEAD", URL, 404, "");
    assert_put_fails(test, WEIR_ERROR_CONFLICT, "was there and is gone");
}

/* The answer to the PUT is lost; the next run finds the object and does not send it again. */
static void
a_put_whose_answer_was_lost_is_found_by_the_next_run(CloudTest *test)
{
    bool is_put = true;

    cloud_test_answer(test, "HEAD", URL, 404, "");
    cloud_test_no_answer(test, "PUT", URL, HTTP_OUTCOME_BROKEN);
    assert_put_fails(test, WEIR_ERROR_UNAVAILABLE, "PUT s3://weir-test/" KEY ": S3 gave no whole answer");
    answer_head(test, "5", CHECKSUM);
    g_assert_true(put(test, &is_put, NULL));
    g_assert_false(is_put);
    g_assert_cmpuint(fake_client_request_count(test->client), ==, 3);
}

static void
the_code_of_an_error_says_whether_to_try_again(CloudTest *test)
{
    const struct {
        int status;
        const char *body;
        WeirError code;
        const char *says;
    } rows[] = {
        {503, "<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>",
         WEIR_ERROR_UNAVAILABLE, "503 SlowDown: Reduce your request rate."},
        {500, "<html>no XML of S3", WEIR_ERROR_UNAVAILABLE, "S3 answered 500"},
        {429, "", WEIR_ERROR_UNAVAILABLE, "S3 answered 429"},
        {400, "<Error><Code>RequestTimeout</Code></Error>", WEIR_ERROR_UNAVAILABLE, "RequestTimeout"},
        {400, "<Error><Code>BadDigest</Code></Error>", WEIR_ERROR_UNAVAILABLE, "BadDigest"},
        {409, "<Error><Code>ConditionalRequestConflict</Code></Error>", WEIR_ERROR_CONFLICT, "409"},
        {403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", WEIR_ERROR_INVALID, "the clock of this machine"},
        {403, "<Error><Code>SignatureDoesNotMatch</Code><RequestId>4442587FB7D0A2F9</RequestId></Error>",
         WEIR_ERROR_INVALID, "check the secret key and the region; request 4442587FB7D0A2F9"},
        {404, "<Error><Code>NoSuchBucket</Code></Error>", WEIR_ERROR_INVALID, "NoSuchBucket"},
        {301, "<Error><Code>PermanentRedirect</Code></Error>", WEIR_ERROR_INVALID, "in another region"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        cloud_test_answer(test, "HEAD", URL, 404, "");
        cloud_test_answer(test, "PUT", URL, rows[i].status, rows[i].body);
        assert_put_fails(test, rows[i].code, rows[i].says);
    }
}

static void
no_answer_is_told_from_no_connection(CloudTest *test)
{
    cloud_test_no_answer(test, "HEAD", URL, HTTP_OUTCOME_CONNECT);
    assert_put_fails(test, WEIR_ERROR_UNAVAILABLE, "HEAD s3://weir-test/" KEY);
    cloud_test_answer(test, "HEAD", URL, 404, "");
    cloud_test_no_answer(test, "PUT", URL, HTTP_OUTCOME_TIMEOUT);
    assert_put_fails(test, WEIR_ERROR_TIMEOUT, "PUT s3://weir-test/" KEY);
    cloud_test_answer(test, "HEAD", URL, 403, "");
    assert_put_fails(test, WEIR_ERROR_INVALID, "without s3:ListBucket");
}

static void
a_file_is_put_from_the_disk_unless_it_is_too_large(CloudTest *test)
{
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    bool is_put;
    int file = g_file_open_tmp("weir-s3-XXXXXX", &path, NULL);

    g_assert_cmpint(write(file, "hello", 5), ==, 5);
    cloud_test_answer(test, "HEAD", URL, 404, "");
    cloud_test_answer(test, "PUT", URL, 200, "");
    g_assert_true(s3_put_file_if_absent(&CONFIG, &test->cloud, KEY, path, "text/plain", &is_put, NULL));
    g_assert_cmpstr(fake_client_request(test->client, 1)->body->str, ==, "hello");
    g_assert_cmpint(ftruncate(file, S3_PUT_LIMIT_BYTES + 1), ==, 0);
    g_assert_false(s3_put_file_if_absent(&CONFIG, &test->cloud, KEY, path, "text/plain", &is_put, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, "67108865 bytes"));
    g_clear_error(&error);
    g_close(file, NULL);
    g_remove(path);
    g_assert_false(s3_put_file_if_absent(&CONFIG, &test->cloud, KEY, path, "text/plain", &is_put, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_cmpuint(fake_client_request_count(test->client), ==, 2);
}

static bool
take(void *data, Str bytes)
{
    str_append(data, bytes);
    return ((GString *)data)->len < 20;
}

static void
an_object_is_read_piece_by_piece(CloudTest *test)
{
    g_autoptr(GString) got = g_string_new("");
    g_autoptr(GError) error = NULL;
    CloudSink sink = {take, got};

    cloud_test_answer(test, "GET", URL, 200, "hello, world");
    g_assert_true(s3_get(&CONFIG, &test->cloud, KEY, &sink, NULL));
    g_assert_cmpstr(got->str, ==, "hello, world");
    cloud_test_answer(test, "GET", URL, 200, "more than the sink wants to take, by far");
    g_assert_false(s3_get(&CONFIG, &test->cloud, KEY, &sink, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    g_clear_error(&error);
    g_string_truncate(got, 0);
    cloud_test_answer(test, "GET", URL, 404, "<Error><Code>NoSuchKey</Code></Error>");
    g_assert_false(s3_get(&CONFIG, &test->cloud, KEY, &sink, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_assert_cmpuint(got->len, ==, 0);
}

static bool
note(void *data, Str key, int64_t size_bytes)
{
    g_string_append_printf(data, "%.*s %" G_GINT64_FORMAT "\n", STR_FORMAT(key), size_bytes);
    return !str_is(key, "stop");
}

#define LIST_URL "https://weir-test.s3.eu-central-1.amazonaws.com/?"

static void
keys_are_listed_page_after_page(CloudTest *test)
{
    g_autoptr(GString) got = g_string_new("");

    cloud_test_answer(test, "GET", LIST_URL "encoding", 200,
                      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a+/=</"
                      "NextContinuationToken><Contents><Key>v1/a%3D1</Key><Size>12</Size></Contents><Contents>"
                      "<Key>v1/b%20c+d</Key><Size>0</Size></Contents></ListBucketResult>");
    cloud_test_answer(test, "GET", LIST_URL "continuation", 200,
                      "<ListBucketResult><Contents><Key>v1/z</Key><Size>7</Size></Contents></ListBucketResult>");
    g_assert_true(s3_list(&CONFIG, &test->cloud, "v1/", note, got, NULL));
    g_assert_cmpstr(got->str, ==, "v1/a=1 12\nv1/b c d 0\nv1/z 7\n");
    assert_asked(test, 1, "GET " LIST_URL "continuation-token=a%2B%2F%3D&encoding-type=url&list-type=2&prefix=v1%2F");
}

static void
a_listing_may_be_stopped_and_may_be_broken(CloudTest *test)
{
    g_autoptr(GString) got = g_string_new("");
    g_autoptr(GError) error = NULL;

    cloud_test_answer(test, "GET", LIST_URL, 200,
                      "<ListBucketResult><NextContinuationToken>t</NextContinuationToken><Contents><Key>stop</Key>"
                      "<Size>1</Size></Contents><Contents><Key>x</Key><Size>1</Size></Contents></ListBucketResult>");
    g_assert_true(s3_list(&CONFIG, &test->cloud, "", note, got, NULL));
    g_assert_cmpstr(got->str, ==, "stop 1\n");
    cloud_test_answer(test, "GET", LIST_URL, 200,
                      "<ListBucketResult><Contents><Key>x</Key></Contents></ListBucketResult>");
    g_assert_false(s3_list(&CONFIG, &test->cloud, "", note, got, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    g_clear_error(&error);
    cloud_test_answer(test, "GET", LIST_URL, 200, "<ListBucketResult><Contents>");
    g_assert_false(s3_list(&CONFIG, &test->cloud, "", note, got, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
}

static void
a_bucket_may_stand_in_the_path_of_any_endpoint(CloudTest *test)
{
    S3Config config = CONFIG;
    S3Object object;
    HttpHeader size = {STR("Content-Length"), STR("3")};

    config.endpoint = "http://127.0.0.1:4568";
    config.path_style = true;
    cloud_test_answer_with(test, "HEAD", "http://127.0.0.1:4568/weir-test/a", 200, (HttpHeaders){&size, 1}, "");
    g_assert_true(s3_head(&config, &test->cloud, "a b/c", &object, NULL));
    g_assert_cmpint(object.size_bytes, ==, 3);
    g_assert_cmpstr(object.sha256, ==, "");
    assert_asked(test, 0, "HEAD http://127.0.0.1:4568/weir-test/a%20b/c");
}

static void
what_can_not_work_is_refused_before_anything_is_sent(CloudTest *test)
{
    const struct {
        const char *endpoint, *region, *bucket, *secret_key, *key;
    } rows[] = {
        {NULL, "r", "Weir", "s", "k"},        {NULL, "r", "ab", "s", "k"},          {NULL, "r", "a..b", "s", "k"},
        {NULL, "r", "-abc", "s", "k"},        {NULL, "r", NULL, "s", "k"},          {NULL, "", "abc", "s", "k"},
        {NULL, "r", "abc", "", "k"},          {"s3.example", "r", "abc", "s", "k"}, {"ftp://x", "r", "abc", "s", "k"},
        {"https://", "r", "abc", "s", "k"},   {"http://x/y", "r", "abc", "s", "k"}, {NULL, "r", "abc", "s", ""},
        {NULL, "r", "abc", "s", "a/../b"},    {NULL, "r", "abc", "s", "./b"},       {NULL, "r", "abc", "s", "\xff"},
        {"http://u@x", "r", "abc", "s", "k"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        S3Config config = {.endpoint = rows[i].endpoint,
                           .region = rows[i].region,
                           .bucket = rows[i].bucket,
                           .access_key = "a",
                           .secret_key = rows[i].secret_key};
        g_autoptr(GError) error = NULL;
        S3Object object;

        g_assert_false(s3_head(&config, &test->cloud, rows[i].key, &object, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    }
    g_assert_cmpuint(fake_client_request_count(test->client), ==, 0);
}

#define ADD(name) cloud_test_add("/warehouse/s3/" #name, name)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_new_object_is_put_under_the_condition_that_there_is_none);
    ADD(an_object_that_is_there_is_not_put_again);
    ADD(the_digest_in_the_metadata_does_where_the_service_has_none);
    ADD(other_content_under_the_key_is_a_conflict);
    ADD(whoever_was_faster_is_compared_with);
    ADD(a_put_whose_answer_was_lost_is_found_by_the_next_run);
    ADD(the_code_of_an_error_says_whether_to_try_again);
    ADD(no_answer_is_told_from_no_connection);
    ADD(a_file_is_put_from_the_disk_unless_it_is_too_large);
    ADD(an_object_is_read_piece_by_piece);
    ADD(keys_are_listed_page_after_page);
    ADD(a_listing_may_be_stopped_and_may_be_broken);
    ADD(a_bucket_may_stand_in_the_path_of_any_endpoint);
    ADD(what_can_not_work_is_refused_before_anything_is_sent);
    return g_test_run();
}
