#include "warehouse/s3_store.h"

#include "warehouse/cloud_test.h"
#include "warehouse/warehouse_test.h"

#define KEY "v1/entries/1-9.parquet"
#define URL "https://weir-test.s3.eu-central-1.amazonaws.com/weir/v1/entries/1-9.parquet"
/* "hello" */
#define SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static const S3Config CONFIG = {
    .region = "eu-central-1", .bucket = "weir-test", .access_key = "AKID", .secret_key = "wJalrXUtnFEMI"};

static void
a_file_is_put_below_the_prefix(CloudTest *test)
{
    g_autoptr(TestFolder) folder = warehouse_test_folder();
    g_autofree char *path = g_build_filename(folder, "1", NULL);
    g_autoptr(ObjectStore) store = s3_store_new(&CONFIG, &test->cloud, "weir");
    g_autoptr(GError) error = NULL;
    bool added = false;

    g_assert_true(g_file_set_contents(path, "hello", 5, NULL));
    cloud_test_answer(test, "HEAD", URL, 404, "");
    cloud_test_answer(test, "PUT", URL, 200, "");
    g_assert_true(store->type->put(store, KEY, path, SHA256, &added, &error));
    g_assert_no_error(error);
    g_assert_true(added);
    g_assert_cmpstr(fake_client_request(test->client, 1)->body->str, ==, "hello");
}

static void
an_object_becomes_a_file_when_it_is_whole_and_right(CloudTest *test)
{
    g_autoptr(TestFolder) folder = warehouse_test_folder();
    g_autofree char *path = g_build_filename(folder, "1", NULL), *content = NULL;
    g_autoptr(ObjectStore) store = s3_store_new(&CONFIG, &test->cloud, "weir");
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) files = NULL;

    cloud_test_answer(test, "GET", URL, 200, "hallo");
    g_assert_false(store->type->get(store, KEY, SHA256, path, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_clear_error(&error);
    cloud_test_answer(test, "GET", URL, 404, "");
    g_assert_false(store->type->get(store, KEY, SHA256, path, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    cloud_test_answer(test, "GET", URL, 503, "");
    g_assert_false(store->type->get(store, KEY, SHA256, path, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_clear_error(&error);
    files = warehouse_test_files(folder, "");
    g_assert_cmpuint(files->len, ==, 0);
    cloud_test_answer(test, "GET", URL, 200, "hello");
    g_assert_true(store->type->get(store, KEY, SHA256, path, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "hello");
}

#define ADD(name) cloud_test_add("/warehouse/s3_store/" #name, name)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_file_is_put_below_the_prefix);
    ADD(an_object_becomes_a_file_when_it_is_whole_and_right);
    return g_test_run();
}
