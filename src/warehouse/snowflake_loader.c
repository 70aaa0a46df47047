#include "warehouse/snowflake_loader.h"

#include "warehouse/writer.h"

typedef struct {
    ExportLoader loader;
    Snowflake *client;
    char *stage; /* behind the struct */
} SnowflakeLoader;

/* A load with what it points to. */
typedef struct {
    SnowflakeLoad load;
    GString *definition;
    GPtrArray *columns;
    char **keys;
    GArray *sums;
} Description;

static void
description_clear(Description *of)
{
    if (of->definition != NULL)
        g_string_free(of->definition, TRUE);
    g_clear_pointer(&of->columns, g_ptr_array_unref);
    g_clear_pointer(&of->keys, g_strfreev);
    g_clear_pointer(&of->sums, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Description, description_clear)

static gboolean
add_sum(gpointer currency, gpointer micros, gpointer sums)
{
    SnowflakeSum sum = {.currency = currency, .rows = -1, .micros = *(int64_t *)micros};

    g_array_append_val(sums, sum);
    return FALSE;
}

static void
describe_table(const Table *table, Description *of)
{
    of->definition = g_string_new(NULL);
    table_write_columns(table, &SNOWFLAKE_DIALECT, of->definition);
    of->columns = g_ptr_array_new();
    for (size_t i = 0; i < table->column_count; i++)
        g_ptr_array_add(of->columns, (gpointer)(uintptr_t)table->columns[i].name);
    of->keys = g_strsplit(table->key, ", ", -1);
    of->load.table = table->name;
    of->load.definition = of->definition->str;
    of->load.columns = (const char *const *)of->columns->pdata;
    of->load.column_count = table->column_count;
    of->load.keys = (const char *const *)of->keys;
    of->load.key_count = g_strv_length(of->keys);
    of->load.version = table->version;
    if (table->money >= 0) {
        of->load.money = table->columns[table->money].name;
        of->load.currency = table->columns[table->currency].name;
    }
}

static bool
snowflake_loader_load(ExportLoader *loader, const Batch *batch, const DeliveryAttempt *attempt, GError **error)
{
    const SnowflakeLoader *snowflake = (const SnowflakeLoader *)loader;
    g_auto(Description) of = {.load = {.stage = snowflake->stage}};
    g_autofree char *file = str_dup(batch->key), *sha256 = str_dup(batch->sha256);
    g_auto(Tally) tally;

    tally_init(&tally);
    if (!tally_read_sums(&tally, batch->sums, error))
        return false;
    of.sums = g_array_new(FALSE, FALSE, sizeof(SnowflakeSum));
    g_tree_foreach(tally.sums, add_sum, of.sums);
    describe_table(batch->table, &of);
    of.load.file = file;
    of.load.sha256 = sha256;
    of.load.is_csv = str_is(batch->format, CSV_WRITER.format);
    of.load.rows = batch->rows;
    of.load.sums = (const SnowflakeSum *)(void *)of.sums->data;
    of.load.sum_count = of.sums->len;
    of.load.attempt = attempt->number;
    return snowflake_load_run(snowflake->client, &of.load, attempt->is_repeated, error);
}

ExportLoader *
snowflake_loader_new(Snowflake *client, const char *stage)
{
    size_t size = strlen(stage) + 1;
    SnowflakeLoader *loader = g_malloc0(sizeof *loader + size);

    loader->loader.load = snowflake_loader_load;
    loader->client = client;
    loader->stage = (char *)(loader + 1);
    memcpy(loader->stage, stage, size);
    return &loader->loader;
}
