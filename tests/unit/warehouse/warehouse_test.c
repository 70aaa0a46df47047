#include "warehouse/warehouse_test.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

const char *
warehouse_test_duckdb(void)
{
    static char *path;

    if (path == NULL)
        path = g_build_filename(g_getenv("WEIR_ROOT"), "web/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so",
                                NULL);
    return path;
}

bool
warehouse_test_needs_duckdb(void)
{
    if (g_file_test(warehouse_test_duckdb(), G_FILE_TEST_IS_REGULAR))
        return true;
    g_test_skip("DuckDB's library is not installed in web/node_modules");
    return false;
}

char *
warehouse_test_folder(void)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("weir-warehouse-XXXXXX", &error);

    g_assert_no_error(error);
    return folder;
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void
warehouse_test_remove(char *folder)
{
    if (folder == NULL)
        return;
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    g_free(folder);
}

static void
collect(const char *top, const char *below, const char *suffix, GPtrArray *files)
{
    g_autofree char *folder = g_build_filename(top, below, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *relative = g_build_filename(below, name, NULL);

        if (g_file_test(path, G_FILE_TEST_IS_DIR))
            collect(top, relative, suffix, files);
        else if (g_str_has_suffix(name, suffix))
            g_ptr_array_add(files, g_steal_pointer(&relative));
    }
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
warehouse_test_files(const char *folder, const char *suffix)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);

    collect(folder, "", suffix, files);
    g_ptr_array_sort(files, compare_names);
    return files;
}

int64_t
warehouse_test_int(const char *folder, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Duck) duck = query_open(warehouse_test_duckdb(), folder, folder, &error);
    g_autoptr(DuckResult) result = NULL;

    g_assert_no_error(error);
    result = duck_query(duck, sql, &error);
    g_assert_no_error(error);
    return duck_result_int(result, 0, 0);
}
