#include "warehouse/duckdb_api.h"

#include <dlfcn.h>

typedef struct {
    const char *symbol;
    size_t offset; /* in DuckApi */
} DuckSymbol;

#define SYMBOL(member)                                                                                                 \
    {                                                                                                                  \
        "duckdb_" #member, offsetof(DuckApi, member)                                                                   \
    }

static const DuckSymbol SYMBOLS[] = {
    SYMBOL(library_version),
    SYMBOL(open),
    SYMBOL(close),
    SYMBOL(connect),
    SYMBOL(disconnect),
    SYMBOL(query),
    SYMBOL(destroy_result),
    SYMBOL(result_error),
    SYMBOL(column_count),
    SYMBOL(row_count),
    SYMBOL(column_name),
    SYMBOL(column_type),
    SYMBOL(value_varchar),
    SYMBOL(value_int64),
    SYMBOL(free),
    SYMBOL(appender_create),
    SYMBOL(appender_error),
    SYMBOL(appender_end_row),
    SYMBOL(appender_close),
    SYMBOL(appender_destroy),
    SYMBOL(append_bool),
    SYMBOL(append_int64),
    SYMBOL(append_null),
    SYMBOL(append_varchar_length),
};

static DuckApi *
api_open(const char *path, GError **error)
{
    DuckApi *api;
    void *handle;

    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        weir_fail(error, WEIR_ERROR_NOT_FOUND, "there is no DuckDB library at %s", path);
        return NULL;
    }
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        weir_fail(error, WEIR_ERROR_INVALID, "the DuckDB library can't be loaded: %s", dlerror());
        return NULL;
    }
    api = g_new0(DuckApi, 1);
    api->handle = handle;
    for (size_t i = 0; i < G_N_ELEMENTS(SYMBOLS); i++) {
        void *found = dlsym(handle, SYMBOLS[i].symbol);

        if (found == NULL) {
            weir_fail(error, WEIR_ERROR_INVALID, "%s is no DuckDB library that fits: it lacks %s", path,
                      SYMBOLS[i].symbol);
            dlclose(handle);
            g_free(api);
            return NULL;
        }
        memcpy((char *)api + SYMBOLS[i].offset, &found, sizeof found);
    }
    return api;
}

const DuckApi *
duck_api_load(const char *path, GError **error)
{
    static GMutex mutex;
    static GHashTable *loaded; /* path -> DuckApi */
    DuckApi *api;

    g_mutex_lock(&mutex);
    if (loaded == NULL)
        loaded = g_hash_table_new(g_str_hash, g_str_equal);
    api = g_hash_table_lookup(loaded, path);
    if (api == NULL && (api = api_open(path, error)) != NULL)
        g_hash_table_insert(loaded, g_strdup(path), api);
    g_mutex_unlock(&mutex);
    return api;
}
