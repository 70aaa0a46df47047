#include "warehouse/query.h"

#include "base/json_writer.h"
#include "base/text_table.h"
#include "warehouse/table.h"

/* Texts longer than this are cut in a table for people. */
#define CELL_WIDTH 48

/* ---- views ---- */

static bool
any_files(Duck *duck, const char *pattern, bool *ret_any, GError **error)
{
    g_autoptr(GString) sql = g_string_new("SELECT COUNT(*) FROM glob(");
    g_autoptr(DuckResult) result = NULL;

    duck_quote(sql, pattern);
    g_string_append_c(sql, ')');
    if ((result = duck_query(duck, sql->str, error)) == NULL)
        return false;
    *ret_any = duck_result_int(result, 0, 0) > 0;
    return true;
}

/* Sees to it that columns are there, with their types, when no file is. */
static void
append_empty(const Table *table, GString *sql)
{
    g_string_append(sql, "SELECT ");
    for (size_t i = 0; i < table->column_count; i++)
        g_string_append_printf(sql, "%sCAST(NULL AS %s) AS %s", i > 0 ? ", " : "",
                               DUCKDB_DIALECT.types[table->columns[i].type], table->columns[i].name);
    g_string_append(sql, " WHERE false");
}

static void
append_csv(const Table *table, const char *pattern, GString *sql)
{
    g_string_append(sql, " UNION ALL BY NAME SELECT * FROM read_csv(");
    duck_quote(sql, pattern);
    g_string_append(sql, ", header = true, delim = ',', quote = '\"', escape = '\"', allow_quoted_nulls = false, "
                         "auto_detect = false, hive_partitioning = false, columns = {");
    for (size_t i = 0; i < table->column_count; i++)
        g_string_append_printf(sql, "%s'%s': '%s'", i > 0 ? ", " : "", table->columns[i].name,
                               DUCKDB_DIALECT.types[table->columns[i].type]);
    g_string_append(sql, "})");
}

/* Of rows that changed, the newest counts. */
static void
append_newest(const Table *table, GString *sql)
{
    g_string_append(sql, ") AS files");
    if (table->version != NULL)
        g_string_append_printf(sql, " QUALIFY ROW_NUMBER() OVER (PARTITION BY %s ORDER BY %s DESC) = 1", table->key,
                               table->version);
}

static bool
make_view(Duck *duck, const char *folder, const Table *table, GError **error)
{
    g_autofree char *parquet = g_strdup_printf("%s/v1/%s/*/*.parquet", folder, table->name);
    g_autofree char *csv = g_strdup_printf("%s/v1/%s/*/*.csv.gz", folder, table->name);
    g_autoptr(GString) sql = g_string_new(NULL);
    bool any_parquet, any_csv;

    if (!any_files(duck, parquet, &any_parquet, error) || !any_files(duck, csv, &any_csv, error))
        return false;
    g_string_append_printf(sql, "CREATE VIEW %s AS SELECT * FROM (", table->name);
    append_empty(table, sql);
    if (any_parquet) {
        g_string_append(sql, " UNION ALL BY NAME SELECT * FROM read_parquet(");
        duck_quote(sql, parquet);
        g_string_append(sql, ", union_by_name = true, hive_partitioning = false)");
    }
    if (any_csv)
        append_csv(table, csv, sql);
    append_newest(table, sql);
    return duck_run(duck, sql->str, error);
}

Duck *
query_open(const char *library, const char *folder, const char *spill, GError **error)
{
    g_autoptr(Duck) duck = duck_open(library, spill, error);

    for (size_t i = 0; duck != NULL && i < TABLE_COUNT; i++)
        if (!make_view(duck, folder, &TABLES[i], error))
            return NULL;
    return g_steal_pointer(&duck);
}

/* ---- answers ---- */

static void
write_json(DuckResult *result, GString *to)
{
    for (size_t row = 0; row < duck_result_rows(result); row++) {
        JsonWriter json = json_writer(to);

        json_begin_object(&json);
        for (size_t column = 0; column < duck_result_columns(result); column++) {
            g_autofree char *text = duck_result_text(result, column, row);

            json_key(&json, duck_result_name(result, column));
            if (text != NULL && (duck_result_is_integer(result, column) || duck_result_is_truth(result, column)))
                json_raw(&json, str_of(text));
            else
                json_text(&json, str_of(text));
        }
        json_end_object(&json);
        g_string_append_c(to, '\n');
    }
}

static void
write_csv_field(const char *text, bool first, GString *to)
{
    if (!first)
        g_string_append_c(to, ',');
    if (text == NULL)
        return;
    if (text[0] != '\0' && strpbrk(text, ",\"\r\n") == NULL) {
        g_string_append(to, text);
        return;
    }
    g_string_append_c(to, '"');
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"')
            g_string_append_c(to, '"');
        g_string_append_c(to, *at);
    }
    g_string_append_c(to, '"');
}

static void
write_csv(DuckResult *result, GString *to)
{
    size_t columns = duck_result_columns(result);

    for (size_t column = 0; column < columns; column++)
        write_csv_field(duck_result_name(result, column), column == 0, to);
    g_string_append(to, "\r\n");
    for (size_t row = 0; row < duck_result_rows(result); row++) {
        for (size_t column = 0; column < columns; column++) {
            g_autofree char *text = duck_result_text(result, column, row);

            write_csv_field(text, column == 0, to);
        }
        g_string_append(to, "\r\n");
    }
}

/* A text that is too long for a table is cut. NULL shows as nothing. */
static char *
cell_text(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text == NULL ? "" : text, -1);

    if (g_utf8_strlen(valid, -1) > CELL_WIDTH) {
        g_autofree char *start = g_utf8_substring(valid, 0, CELL_WIDTH - 1);

        return g_strconcat(start, "…", NULL);
    }
    return g_steal_pointer(&valid);
}

static void
write_table(DuckResult *result, GString *to)
{
    size_t columns = duck_result_columns(result), rows = duck_result_rows(result);
    g_autoptr(GPtrArray) heads = g_ptr_array_new_with_free_func(g_free);
    g_autofree bool *right = g_new0(bool, columns);
    g_autoptr(TextTable) table = NULL;

    for (size_t column = 0; column < columns; column++) {
        g_ptr_array_add(heads, cell_text(duck_result_name(result, column)));
        right[column] = duck_result_is_integer(result, column);
    }
    table = text_table_new_of((const char *const *)heads->pdata, right, columns);
    for (size_t row = 0; row < rows; row++) {
        for (size_t column = 0; column < columns; column++) {
            g_autofree char *text = duck_result_text(result, column, row), *cell = cell_text(text);

            text_table_add(table, str_of(cell));
        }
    }
    text_table_write(table, to);
    g_string_append_printf(to, "(%" G_GSIZE_FORMAT " %s)\n", rows, rows == 1 ? "row" : "rows");
}

void
query_write(DuckResult *result, QueryForm form, GString *to)
{
    switch (form) {
    case QUERY_TABLE:
        write_table(result, to);
        return;
    case QUERY_JSON:
        write_json(result, to);
        return;
    case QUERY_CSV:
        write_csv(result, to);
        return;
    }
}
