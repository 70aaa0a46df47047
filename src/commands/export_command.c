/*
 * weir export [--status]
 */
#include "api/exports_json.h"
#include "commands/command.h"
#include "commands/node.h"
#include "commands/warehousing.h"

#include <unistd.h>

/* ---- exporting ---- */

typedef struct {
    JsonWriter json;
    bool as_json, tty;
    int64_t rows;
} Printer;

/* Tells of each file as it reaches a destination. */
static void
on_step(void *data, const Batch *batch, const char *destination)
{
    Printer *printer = data;

    if (destination == NULL)
        return;
    printer->rows += batch->rows;
    if (printer->as_json) {
        json_begin_object(&printer->json);
        json_member_int(&printer->json, "export", batch->id);
        json_member_text(&printer->json, "table", str_of(batch->table->name));
        json_member_text(&printer->json, "destination", str_of(destination));
        json_member_text(&printer->json, "key", batch->key);
        json_member_text(&printer->json, "sha256", batch->sha256);
        json_member_int(&printer->json, "rows", batch->rows);
        json_member_int(&printer->json, "bytes", batch->bytes);
        json_key(&printer->json, "sums");
        json_raw(&printer->json, batch->sums);
        json_end_object(&printer->json);
        return;
    }
    g_print("%s: %" G_GINT64_FORMAT " rows to %s  %.*s\n", batch->table->name, batch->rows, destination,
            STR_FORMAT(batch->key));
    if (printer->tty)
        g_printerr("\r%" G_GINT64_FORMAT " rows ", printer->rows);
}

static void
print_summary(Printer *printer, const ExportSummary *summary)
{
    if (printer->tty)
        g_printerr("\r%40s\r", "");
    if (!printer->as_json) {
        g_print("%" G_GINT64_FORMAT " files, %" G_GINT64_FORMAT " rows, %" G_GINT64_FORMAT
                " bytes written; %" G_GINT64_FORMAT " files delivered\n",
                summary->files, summary->rows, summary->bytes, summary->deliveries);
        return;
    }
    json_end_array(&printer->json);
    json_member_int(&printer->json, "deliveries", summary->deliveries);
    json_member_int(&printer->json, "rows", summary->rows);
    json_member_int(&printer->json, "bytes", summary->bytes);
    json_end_object(&printer->json);
    g_print("%s\n", printer->json.to->str);
}

static bool
export_all(Deployment *deployment, Db *db, bool as_json, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Printer printer = {
        .json = json_writer(text), .as_json = as_json, .tty = isatty(STDERR_FILENO) != 0 && isatty(STDOUT_FILENO) == 0};
    const ExportWatcher watcher = {.on_step = on_step, .data = &printer};
    ExportSummary summary;

    if (as_json) {
        json_begin_object(&printer.json);
        json_key(&printer.json, "files");
        json_begin_array(&printer.json);
    }
    if (!warehouse_export(deployment, db, &watcher, &summary, error))
        return false;
    print_summary(&printer, &summary);
    return true;
}

/* ---- status ---- */

/* to: NULL when there is none yet */
static void
add_delivery(TextTable *table, const TableStatus *status, const DeliveryStatus *to)
{
    char at[TIMESTAMP_TEXT_SIZE];

    text_table_add(table, str_of(status->table->name));
    text_table_add(table, to != NULL ? to->destination : STR("-"));
    text_table_add(table, str_of(to != NULL ? delivery_state_name(to->state) : "-"));
    text_table_printf(table, "%" G_GINT64_FORMAT, to != NULL ? to->behind : 0);
    text_table_printf(table, "%" G_GINT64_FORMAT, to != NULL ? to->files : 0);
    text_table_printf(table, "%" G_GINT64_FORMAT, to != NULL ? to->rows : 0);
    text_table_printf(table, "%" G_GINT64_FORMAT, to != NULL ? to->bytes : 0);
    text_table_add(table, str_of(command_moment_text(to != NULL ? to->complete_at_us : TIMESTAMP_NONE, at)));
    if (status->failed_at_us != TIMESTAMP_NONE)
        text_table_printf(table, "no file since %s: %.*s", command_moment_text(status->failed_at_us, at),
                          STR_FORMAT(status->error));
    else
        text_table_add(table, to != NULL ? to->error : STR_NONE);
}

static void
add_table(void *data, const TableStatus *status)
{
    for (size_t i = 0; i < status->delivery_count; i++)
        add_delivery(data, status, &status->deliveries[i]);
    if (status->delivery_count == 0)
        add_delivery(data, status, NULL);
}

static bool
print_status(Db *db, bool as_json, GError **error)
{
    static const char *const HEADS[] = {"TABLE", "TO",     "STATE",          ">BEHIND", ">FILES",
                                        ">ROWS", ">BYTES", "COMPLETE UNTIL", "ERROR",   NULL};
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    if (tx == NULL)
        return false;
    if (!as_json) {
        g_autoptr(TextTable) table = text_table_new(HEADS);

        if (!export_status(tx, add_table, table, error))
            return false;
        command_print_table(table, "nothing exported yet; weir export begins");
        return true;
    }
    json_begin_object(&json);
    json_key(&json, "tables");
    if (!exports_json(&json, tx, error))
        return false;
    json_end_object(&json);
    g_print("%s\n", text->str);
    return true;
}

int
command_export(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(GError) error = NULL;
    gboolean as_json = FALSE, status_only = FALSE;
    const GOptionEntry own[] = {
        {"status", 0, 0, G_OPTION_ARG_NONE, &status_only, "Only tell how far each table has come", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "",
                    "Writes what is new (searches, impressions, clicks, ledger entries, revisions, rollups) into the "
                    "warehouse; each row once, however often it is interrupted.",
                    own, &flags))
        return EXIT_USAGE;
    if (argc != 1)
        return command_usage("weir export takes no arguments, but there is \"%s\"", argv[1]);
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL)
        return command_fail(error);
    return (status_only ? print_status(db, as_json, &error)
                        : node_take(deployment, &error) && export_all(deployment, db, as_json, &error))
               ? EXIT_DONE
               : command_fail(error);
}
