#include "warehouse/file.h"
#include "warehouse/warehouse_test.h"

typedef struct {
    TestFolder *folder;
    ObjectStore *store;
    char *path, sha256[SHA256_TEXT_SIZE];
} Fixture;

static void
fixture_write(Fixture *f, const char *text)
{
    g_assert_true(g_file_set_contents(f->path, text, -1, NULL));
    g_assert_true(file_sha256(f->path, f->sha256, NULL, NULL));
}

static void
fixture_open(Fixture *f, gconstpointer unused)
{
    g_autofree char *objects = NULL;

    (void)unused;
    f->folder = warehouse_test_folder();
    f->path = g_build_filename(f->folder, "file", NULL);
    objects = g_build_filename(f->folder, "objects", NULL);
    f->store = folder_store_new(objects);
    fixture_write(f, "a row\n");
}

static void
fixture_close(Fixture *f, gconstpointer unused)
{
    (void)unused;
    object_store_free(f->store);
    g_free(f->path);
    warehouse_test_remove(f->folder);
}

static bool
put(Fixture *f, const char *key, GError **error)
{
    bool added;

    g_assert_true(f->store->type->put(f->store, key, f->path, f->sha256, &added, error));
    return added;
}

static void
an_object_is_found_under_its_key(Fixture *f, gconstpointer unused)
{
    g_autofree char *path = g_build_filename(f->folder, "objects/v1/clicks/one", NULL), *text = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *again = g_build_filename(f->folder, "again", NULL), *copy = NULL;

    (void)unused;
    g_assert_false(f->store->type->get(f->store, "v1/clicks/one", f->sha256, again, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_true(put(f, "v1/clicks/one", &error));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "a row\n");
    g_assert_true(f->store->type->get(f->store, "v1/clicks/one", f->sha256, again, &error));
    g_assert_no_error(error);
    g_assert_true(g_file_get_contents(again, &copy, NULL, NULL));
    g_assert_cmpstr(copy, ==, "a row\n");
}

static void
a_repeated_put_changes_nothing(Fixture *f, gconstpointer unused)
{
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) error = NULL;

    (void)unused;
    g_assert_true(put(f, "v1/clicks/one", &error));
    g_assert_false(put(f, "v1/clicks/one", &error));
    files = warehouse_test_files(f->folder, "");
    g_assert_cmpuint(files->len, ==, 2);
}

static void
an_object_is_never_replaced_by_another(Fixture *f, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *again = g_build_filename(f->folder, "again", NULL);
    bool added;

    (void)unused;
    g_assert_true(put(f, "v1/clicks/one", &error));
    fixture_write(f, "another row\n");
    g_assert_false(f->store->type->put(f->store, "v1/clicks/one", f->path, f->sha256, &added, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_false(f->store->type->get(f->store, "v1/clicks/one", f->sha256, again, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
}

static void
a_file_that_is_not_there_is_told_by_name(Fixture *f, gconstpointer unused)
{
    g_autoptr(GError) error = NULL;
    bool added;

    (void)unused;
    g_assert_false(f->store->type->put(f->store, "v1/x", "/nowhere/file", f->sha256, &added, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(error->message, "/nowhere/file"));
}

#define ADD(fn) g_test_add("/warehouse/folder/" #fn, Fixture, NULL, fixture_open, fn, fixture_close)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(an_object_is_found_under_its_key);
    ADD(a_repeated_put_changes_nothing);
    ADD(an_object_is_never_replaced_by_another);
    ADD(a_file_that_is_not_there_is_told_by_name);
    return g_test_run();
}
