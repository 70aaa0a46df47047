#include "warehouse/duck.h"

struct Duck {
    const DuckApi *api;
    DuckDatabaseHandle database;
    DuckConnectionHandle connection;
};

struct DuckResult {
    const DuckApi *api;
    DuckRawResult raw;
};

struct DuckRows {
    const DuckApi *api;
    DuckAppenderHandle appender;
    bool failed;
};

void
duck_quote(GString *to, const char *text)
{
    g_string_append_c(to, '\'');
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'')
            g_string_append_c(to, '\'');
        g_string_append_c(to, *at);
    }
    g_string_append_c(to, '\'');
}

static bool
duck_set_up(Duck *duck, const char *spill, GError **error)
{
    g_autoptr(GString) sql = g_string_new("SET memory_limit = '" DUCK_MEMORY "'; SET threads = 1; "
                                          "SET preserve_insertion_order = true; SET TimeZone = 'UTC'; "
                                          "SET autoinstall_known_extensions = false; "
                                          "SET autoload_known_extensions = false; SET temp_directory = ");

    duck_quote(sql, spill);
    return duck_run(duck, sql->str, error);
}

Duck *
duck_open(const char *library, const char *spill, GError **error)
{
    g_autoptr(Duck) duck = g_new0(Duck, 1);

    duck->api = duck_api_load(library, error);
    if (duck->api == NULL)
        return NULL;
    if (duck->api->open(NULL, &duck->database) != DUCK_SUCCESS ||
        duck->api->connect(duck->database, &duck->connection) != DUCK_SUCCESS) {
        weir_fail(error, WEIR_ERROR_BROKEN, "DuckDB %s can't be started", duck_version(duck));
        return NULL;
    }
    return duck_set_up(duck, spill, error) ? g_steal_pointer(&duck) : NULL;
}

void
duck_close(Duck *duck)
{
    if (duck == NULL)
        return;
    if (duck->connection != NULL)
        duck->api->disconnect(&duck->connection);
    if (duck->database != NULL)
        duck->api->close(&duck->database);
    g_free(duck);
}

const char *
duck_version(const Duck *duck)
{
    return duck->api->library_version();
}

DuckResult *
duck_query(Duck *duck, const char *sql, GError **error)
{
    g_autoptr(DuckResult) result = g_new0(DuckResult, 1);

    result->api = duck->api;
    if (duck->api->query(duck->connection, sql, &result->raw) != DUCK_SUCCESS) {
        const char *message = duck->api->result_error(&result->raw);

        weir_fail(error, WEIR_ERROR_INVALID, "DuckDB: %s", message != NULL ? message : "no reason given");
        return NULL;
    }
    return g_steal_pointer(&result);
}

bool
duck_run(Duck *duck, const char *sql, GError **error)
{
    g_autoptr(DuckResult) result = duck_query(duck, sql, error);

    return result != NULL;
}

void
duck_result_free(DuckResult *result)
{
    if (result == NULL)
        return;
    result->api->destroy_result(&result->raw);
    g_free(result);
}

size_t
duck_result_columns(DuckResult *result)
{
    return result->api->column_count(&result->raw);
}

size_t
duck_result_rows(DuckResult *result)
{
    return result->api->row_count(&result->raw);
}

const char *
duck_result_name(DuckResult *result, size_t column)
{
    return result->api->column_name(&result->raw, column);
}

bool
duck_result_is_integer(DuckResult *result, size_t column)
{
    int type = result->api->column_type(&result->raw, column);

    return (type >= DUCK_TYPE_TINYINT && type <= DUCK_TYPE_UBIGINT) || type == DUCK_TYPE_HUGEINT ||
           type == DUCK_TYPE_UHUGEINT;
}

bool
duck_result_is_truth(DuckResult *result, size_t column)
{
    return result->api->column_type(&result->raw, column) == DUCK_TYPE_BOOLEAN;
}

char *
duck_result_text(DuckResult *result, size_t column, size_t row)
{
    char *text = result->api->value_varchar(&result->raw, column, row);
    char *copy = g_strdup(text);

    if (text != NULL)
        result->api->free(text);
    return copy;
}

int64_t
duck_result_int(DuckResult *result, size_t column, size_t row)
{
    return result->api->value_int64(&result->raw, column, row);
}

static bool
rows_fail(DuckRows *rows, GError **error)
{
    const char *message = rows->api->appender_error(rows->appender);

    return weir_fail(error, WEIR_ERROR_INVALID, "DuckDB: %s", message != NULL ? message : "a row was refused");
}

DuckRows *
duck_rows_open(Duck *duck, const char *table, GError **error)
{
    g_autoptr(DuckRows) rows = g_new0(DuckRows, 1);

    rows->api = duck->api;
    if (duck->api->appender_create(duck->connection, NULL, table, &rows->appender) != DUCK_SUCCESS) {
        if (rows->appender != NULL)
            rows_fail(rows, error);
        else
            weir_fail(error, WEIR_ERROR_INVALID, "DuckDB: there is no table %s", table);
        return NULL;
    }
    return g_steal_pointer(&rows);
}

void
duck_rows_add_int(DuckRows *rows, int64_t value)
{
    rows->failed |= rows->api->append_int64(rows->appender, value) != DUCK_SUCCESS;
}

void
duck_rows_add_bool(DuckRows *rows, bool value)
{
    rows->failed |= rows->api->append_bool(rows->appender, value) != DUCK_SUCCESS;
}

void
duck_rows_add_text(DuckRows *rows, Str text)
{
    if (text.at == NULL)
        duck_rows_add_null(rows);
    else
        rows->failed |= rows->api->append_varchar_length(rows->appender, text.at, text.size) != DUCK_SUCCESS;
}

void
duck_rows_add_null(DuckRows *rows)
{
    rows->failed |= rows->api->append_null(rows->appender) != DUCK_SUCCESS;
}

bool
duck_rows_end_row(DuckRows *rows, GError **error)
{
    if (rows->failed || rows->api->appender_end_row(rows->appender) != DUCK_SUCCESS)
        return rows_fail(rows, error);
    return true;
}

bool
duck_rows_finish(DuckRows *rows, GError **error)
{
    return rows->api->appender_close(rows->appender) == DUCK_SUCCESS || rows_fail(rows, error);
}

void
duck_rows_free(DuckRows *rows)
{
    if (rows == NULL)
        return;
    if (rows->appender != NULL)
        rows->api->appender_destroy(&rows->appender);
    g_free(rows);
}
