/*
 * Parquet through DuckDB: a batch is appended to a table in its memory and copied out, zstd, in row groups of a modest
 * size. Moments pass as integers and become TIMESTAMPTZ in the SELECT of the COPY.
 */
#include "warehouse/writer.h"

#define ROW_GROUP_ROWS "50000"

typedef struct {
    Writer writer;
    const Table *table;
    Duck *duck;
    DuckRows *rows;
    char *path;
} ParquetWriter;

static const TableDialect RAW_DIALECT = {{"BIGINT", "VARCHAR", "BIGINT", "BOOLEAN"}};

static void
parquet_free(Writer *writer)
{
    ParquetWriter *parquet = (ParquetWriter *)writer;

    duck_rows_free(parquet->rows);
    g_free(parquet->path);
    g_free(parquet);
}

static Writer *
parquet_open(const Table *table, Duck *duck, const char *path, GError **error)
{
    g_autoptr(GString) sql = g_string_new("CREATE OR REPLACE TEMP TABLE batch (");
    ParquetWriter *parquet = g_new0(ParquetWriter, 1);

    g_assert(duck != NULL);
    parquet->writer.type = &PARQUET_WRITER;
    parquet->table = table;
    parquet->duck = duck;
    parquet->path = g_strdup(path);
    table_write_columns(table, &RAW_DIALECT, sql);
    g_string_append_c(sql, ')');
    if (!duck_run(duck, sql->str, error) || (parquet->rows = duck_rows_open(duck, "batch", error)) == NULL) {
        parquet_free(&parquet->writer);
        return NULL;
    }
    return &parquet->writer;
}

static bool
parquet_add(Writer *writer, const Cell *cells, GError **error)
{
    ParquetWriter *parquet = (ParquetWriter *)writer;

    for (size_t i = 0; i < parquet->table->column_count; i++) {
        if (cells[i].is_null)
            duck_rows_add_null(parquet->rows);
        else if (parquet->table->columns[i].type == TABLE_TEXT)
            duck_rows_add_text(parquet->rows, cells[i].text);
        else if (parquet->table->columns[i].type == TABLE_BOOL)
            duck_rows_add_bool(parquet->rows, cells[i].number != 0);
        else
            duck_rows_add_int(parquet->rows, cells[i].number);
    }
    return duck_rows_end_row(parquet->rows, error);
}

static bool
parquet_finish(Writer *writer, GError **error)
{
    ParquetWriter *parquet = (ParquetWriter *)writer;
    g_autoptr(GString) sql = g_string_new("COPY (SELECT ");

    if (!duck_rows_finish(parquet->rows, error))
        return false;
    for (size_t i = 0; i < parquet->table->column_count; i++) {
        const TableColumn *column = &parquet->table->columns[i];

        g_string_append_printf(sql, column->type == TABLE_TIME ? "%smake_timestamptz(%s) AS %s" : "%s%s AS %s",
                               i > 0 ? ", " : "", column->name, column->name);
    }
    g_string_append(sql, " FROM batch) TO ");
    duck_quote(sql, parquet->path);
    g_string_append(sql, " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE " ROW_GROUP_ROWS "); DROP TABLE batch");
    return duck_run(parquet->duck, sql->str, error);
}

static bool
parquet_count(const Table *table, Duck *duck, const char *path, Tally *tally, GError **error)
{
    g_autoptr(GString) sql = g_string_new("SELECT ");
    g_autoptr(DuckResult) result = NULL;
    bool money = table->money >= 0;

    if (money)
        g_string_append_printf(sql, "COALESCE(%s, ''), CAST(COALESCE(SUM(%s), 0) AS BIGINT), ",
                               table->columns[table->currency].name, table->columns[table->money].name);
    g_string_append(sql, "COUNT(*) FROM read_parquet(");
    duck_quote(sql, path);
    g_string_append(sql, money ? ", hive_partitioning = false) GROUP BY 1" : ", hive_partitioning = false)");
    if ((result = duck_query(duck, sql->str, error)) == NULL)
        return false;
    for (size_t row = 0; row < duck_result_rows(result); row++) {
        g_autofree char *currency = money ? duck_result_text(result, 0, row) : NULL;

        tally->rows += duck_result_int(result, money ? 2 : 0, row);
        if (money && !tally_add(tally, str_of(currency), duck_result_int(result, 1, row), error))
            return false;
    }
    return true;
}

const WriterType PARQUET_WRITER = {.format = "parquet",
                                   .open = parquet_open,
                                   .add = parquet_add,
                                   .finish = parquet_finish,
                                   .count = parquet_count,
                                   .free = parquet_free};
