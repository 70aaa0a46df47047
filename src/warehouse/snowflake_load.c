#include "warehouse/snowflake_load.h"

#define SQLSTATE_DIVISION_BY_ZERO "22012"
#define UUID_SIZE                 16
/* Names loads among all UUIDs of version 5; any constant does, as long as it stays. */
#define LOAD_NAMESPACE "weir warehouse load "

static bool
name_is_valid(const char *name, bool with_dots)
{
    if (name == NULL || !(g_ascii_isalpha(*name) || *name == '_') || strlen(name) > 255)
        return false;
    for (const char *c = name; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && *c != '_' && *c != '$' && !(with_dots && *c == '.'))
            return false;
    return true;
}

static bool
names_are_valid(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!name_is_valid(names[i], false))
            return false;
    return count > 0;
}

static bool
load_check(const SnowflakeLoad *load, GError **error)
{
    bool has_money = load->money != NULL;

    if (!name_is_valid(load->table, false) || !name_is_valid(load->stage, true))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" and \"%s\" are no names of a table and a stage",
                         load->table != NULL ? load->table : "", load->stage != NULL ? load->stage : "");
    if (!names_are_valid(load->columns, load->column_count) || !names_are_valid(load->keys, load->key_count) ||
        (load->version != NULL && !name_is_valid(load->version, false)) ||
        (has_money && (!name_is_valid(load->money, false) || !name_is_valid(load->currency, false))))
        return weir_fail(error, WEIR_ERROR_INVALID, "table %s has a column without a name that is one", load->table);
    if (load->file == NULL || *load->file == '\0' || load->sha256 == NULL || strlen(load->sha256) != 64)
        return weir_fail(error, WEIR_ERROR_INVALID, "the file for table %s has no key or no SHA-256", load->table);
    return true;
}

/* In single quotes, where both the quote and the backslash mean something. */
static void
append_text(GString *to, const char *text)
{
    g_string_append_c(to, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'' || *c == '\\')
            g_string_append_c(to, '\\');
        g_string_append_c(to, *c);
    }
    g_string_append_c(to, '\'');
}

static void
append_names(GString *to, const char *const *names, size_t count, const char *prefix)
{
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(to, "%s%s%s", i > 0 ? ", " : "", prefix, names[i]);
}

char *
snowflake_load_id(const SnowflakeLoad *load)
{
    g_autoptr(GChecksum) sha1 = g_checksum_new(G_CHECKSUM_SHA1);
    guint8 id[20];
    gsize size = sizeof id;
    g_autofree char *attempt = g_strdup_printf(" %" G_GINT64_FORMAT, load->attempt);
    g_autoptr(GString) text = g_string_new("");

    g_checksum_update(sha1, (const guchar *)LOAD_NAMESPACE, -1);
    g_checksum_update(sha1, (const guchar *)load->table, -1);
    g_checksum_update(sha1, (const guchar *)load->sha256, -1);
    g_checksum_update(sha1, (const guchar *)attempt, -1);
    g_checksum_get_digest(sha1, id, &size);
    id[6] = (guint8)((id[6] & 0x0f) | 0x50); /* version 5 */
    id[8] = (guint8)((id[8] & 0x3f) | 0x80); /* variant of RFC 9562 */
    for (size_t i = 0; i < UUID_SIZE; i++)
        g_string_append_printf(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

int64_t
snowflake_load_write_tables(const SnowflakeLoad *load, GString *to)
{
    g_string_append_printf(to, "CREATE TABLE IF NOT EXISTS %s (%s, _load VARCHAR NOT NULL);\n", load->table,
                           load->definition);
    g_string_append(to, "CREATE TABLE IF NOT EXISTS " SNOWFLAKE_LOADS_TABLE
                        " (load_id VARCHAR NOT NULL, table_name VARCHAR NOT NULL, file VARCHAR NOT NULL, "
                        "row_count NUMBER(19,0) NOT NULL, loaded_at TIMESTAMP_TZ(6) NOT NULL)");
    return 2;
}

static void
write_copy(const SnowflakeLoad *load, GString *to)
{
    g_string_append_printf(to, "COPY INTO %s_arriving FROM @%s FILES = (", load->table, load->stage);
    append_text(to, load->file);
    g_string_append(to, ") FILE_FORMAT = (");
    /* Without USE_LOGICAL_TYPE timestamps arrive in the wrong unit. */
    g_string_append(to, load->is_csv ? "TYPE = CSV COMPRESSION = GZIP PARSE_HEADER = TRUE "
                                       "FIELD_OPTIONALLY_ENCLOSED_BY = '\"' EMPTY_FIELD_AS_NULL = TRUE NULL_IF = ()"
                                     : "TYPE = PARQUET USE_LOGICAL_TYPE = TRUE USE_VECTORIZED_SCANNER = TRUE");
    g_string_append(to, ") MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ON_ERROR = ABORT_STATEMENT;\n");
}

/* 1 when what arrived is what left; otherwise 1 / 0, which ends the request and with it the transaction. */
static void
write_gate(const SnowflakeLoad *load, GString *to)
{
    g_string_append_printf(to, "SELECT 1 / IFF(COUNT(*) = %" G_GINT64_FORMAT, load->rows);
    for (size_t i = 0; i < load->sum_count && load->money != NULL; i++) {
        g_string_append_printf(to, " AND COALESCE(SUM(IFF(%s = ", load->currency);
        append_text(to, load->sums[i].currency);
        g_string_append_printf(to, ", %s, 0)), 0) = %" G_GINT64_FORMAT, load->money, load->sums[i].micros);
    }
    g_string_append_printf(to, ", 1, 0) AS agrees FROM %s_arriving;\n", load->table);
}

static void
write_same_keys(const SnowflakeLoad *load, GString *to)
{
    for (size_t i = 0; i < load->key_count; i++)
        g_string_append_printf(to, "%st.%s = s.%s", i > 0 ? " AND " : "", load->keys[i], load->keys[i]);
}

static void
write_update(const SnowflakeLoad *load, GString *to)
{
    g_string_append_printf(to, " WHEN MATCHED AND s.%s > t.%s THEN UPDATE SET ", load->version, load->version);
    for (size_t i = 0; i < load->column_count; i++)
        g_string_append_printf(to, "%s = s.%s, ", load->columns[i], load->columns[i]);
    g_string_append(to, "_load = ");
    append_text(to, load->sha256);
}

/* Rows without a version never change once they are exported: those that are there already stay as they are. */
static void
write_merge(const SnowflakeLoad *load, GString *to)
{
    g_string_append_printf(to,
                           "MERGE INTO %s t USING (SELECT * FROM %s_arriving QUALIFY ROW_NUMBER() OVER (PARTITION BY ",
                           load->table, load->table);
    append_names(to, load->keys, load->key_count, "");
    g_string_append(to, " ORDER BY ");
    if (load->version != NULL)
        g_string_append_printf(to, "%s DESC", load->version);
    else
        append_names(to, load->keys, load->key_count, "");
    g_string_append(to, ") = 1) s ON ");
    write_same_keys(load, to);
    if (load->version != NULL)
        write_update(load, to);
    g_string_append(to, " WHEN NOT MATCHED THEN INSERT (");
    append_names(to, load->columns, load->column_count, "");
    g_string_append(to, ", _load) VALUES (");
    append_names(to, load->columns, load->column_count, "s.");
    g_string_append(to, ", ");
    append_text(to, load->sha256);
    g_string_append(to, ");\n");
}

/* The same gate behind the MERGE. */
static void
write_arrived(const SnowflakeLoad *load, GString *to)
{
    g_string_append_printf(to,
                           "SELECT 1 / IFF(COUNT(*) = %" G_GINT64_FORMAT
                           ", 1, 0) AS arrived FROM %s_arriving s WHERE EXISTS (SELECT 1 FROM %s t WHERE ",
                           load->rows, load->table, load->table);
    write_same_keys(load, to);
    g_string_append_printf(to, " AND t.%s >= s.%s);\n", load->version, load->version);
}

static void
write_record(const SnowflakeLoad *load, GString *to)
{
    g_string_append(to, "INSERT INTO " SNOWFLAKE_LOADS_TABLE " SELECT ");
    append_text(to, load->sha256);
    g_string_append(to, ", ");
    append_text(to, load->table);
    g_string_append(to, ", ");
    append_text(to, load->file);
    g_string_append_printf(to,
                           ", %" G_GINT64_FORMAT
                           ", CURRENT_TIMESTAMP() WHERE NOT EXISTS (SELECT 1 FROM " SNOWFLAKE_LOADS_TABLE
                           " WHERE load_id = ",
                           load->rows);
    append_text(to, load->sha256);
    g_string_append(to, ");\n");
}

int64_t
snowflake_load_write_load(const SnowflakeLoad *load, GString *to)
{
    /* Before BEGIN: a CREATE commits. Temporary: it belongs to this request alone. */
    g_string_append_printf(to, "CREATE OR REPLACE TEMPORARY TABLE %s_arriving (%s);\n", load->table, load->definition);
    g_string_append(to, "BEGIN;\n");
    write_copy(load, to);
    write_gate(load, to);
    write_merge(load, to);
    if (load->version != NULL)
        write_arrived(load, to);
    write_record(load, to);
    g_string_append(to, "COMMIT");
    return load->version != NULL ? 8 : 7;
}

int64_t
snowflake_load_write_check(const SnowflakeLoad *load, GString *to)
{
    g_string_append(to, "SELECT 'loads' AS what, COUNT(*) AS n, NULL AS micros FROM " SNOWFLAKE_LOADS_TABLE
                        " WHERE load_id = ");
    append_text(to, load->sha256);
    if (load->version != NULL)
        return 1;
    g_string_append_printf(to, " UNION ALL SELECT 'rows', COUNT(*), NULL FROM %s WHERE _load = ", load->table);
    append_text(to, load->sha256);
    if (load->money == NULL)
        return 1;
    g_string_append_printf(to, " UNION ALL SELECT %s, COUNT(*), SUM(%s) FROM %s WHERE %s IS NOT NULL AND _load = ",
                           load->currency, load->money, load->table, load->currency);
    append_text(to, load->sha256);
    g_string_append_printf(to, " GROUP BY %s", load->currency);
    return 1;
}

static bool
check_row(const SnowflakeLoad *load, const char *what, const SnowflakeResult *result, int64_t rows, int64_t micros,
          bool has_micros, GError **error)
{
    for (size_t i = 0; i < result->row_count; i++) {
        const Str *cells = &result->cells[i * 3];
        int64_t n, sum = 0;

        if (!str_is(cells[0], what))
            continue;
        if (!str_to_int64(cells[1], &n) || (has_micros && !str_to_int64(cells[2], &sum)))
            return weir_fail(error, WEIR_ERROR_BROKEN, "Snowflake counted \"%.*s\" %s", STR_FORMAT(cells[1]), what);
        if ((rows >= 0 && n != rows) || (has_micros && sum != micros))
            return weir_fail(error, WEIR_ERROR_BROKEN,
                             "%s of load %s has %" G_GINT64_FORMAT " %s%s%" G_GINT64_FORMAT
                             " micros in Snowflake; %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " were exported",
                             load->table, load->sha256, n, what, has_micros ? ", " : " and ", sum, rows, micros);
        return true;
    }
    return (rows <= 0 && micros == 0) ||
           weir_fail(error, WEIR_ERROR_BROKEN, "%s of load %s has no %s in Snowflake", load->table, load->sha256, what);
}

/* What is there against what left. */
static bool
result_check(const SnowflakeLoad *load, const SnowflakeResult *result, GError **error)
{
    if (result->column_count != 3)
        return weir_fail(error, WEIR_ERROR_BROKEN, "Snowflake answered %zu columns, not 3", result->column_count);
    if (!check_row(load, "loads", result, 1, 0, false, error))
        return false;
    if (load->version != NULL)
        return true;
    if (!check_row(load, "rows", result, load->rows, 0, false, error))
        return false;
    for (size_t i = 0; i < load->sum_count && load->money != NULL; i++)
        if (!check_row(load, load->sums[i].currency, result, load->sums[i].rows, load->sums[i].micros, true, error))
            return false;
    return true;
}

/* Requests that change nothing the second time need no id that outlives them. */
static bool
run_fresh(Snowflake *client, int64_t (*write)(const SnowflakeLoad *load, GString *to), const SnowflakeLoad *load,
          Arena *arena, const SnowflakeResult **ret_results, GError **error)
{
    g_autoptr(GString) sql = g_string_new("");
    g_autofree char *id = g_uuid_string_random();
    SnowflakeRequest request = {.count = write(load, sql), .id = id, .query_tag = "weir export"};

    request.sql = sql->str;
    return snowflake_run(client, &request, arena, ret_results, error);
}

bool
snowflake_load_run(Snowflake *client, const SnowflakeLoad *load, bool is_repeated, GError **error)
{
    g_autoptr(GString) sql = g_string_new("");
    g_autofree char *id = NULL;
    g_autoptr(Arena) arena = arena_new(4096);
    SnowflakeRequest request = {.is_repeated = is_repeated, .query_tag = "weir export"};
    const SnowflakeResult *results;

    if (!load_check(load, error) || !run_fresh(client, snowflake_load_write_tables, load, arena, &results, error))
        return false;
    id = snowflake_load_id(load);
    request.id = id;
    request.count = snowflake_load_write_load(load, sql);
    request.sql = sql->str;
    if (!snowflake_run(client, &request, arena, &results, error)) {
        if (g_str_equal(snowflake_sql_state(client), SQLSTATE_DIVISION_BY_ZERO) && error != NULL)
            (*error)->code = WEIR_ERROR_BROKEN;
        return weir_fail_within(error, "loading %s into %s", load->file, load->table);
    }
    return run_fresh(client, snowflake_load_write_check, load, arena, &results, error) &&
           result_check(load, &results[0], error);
}
