/*
 * weir export
 */
#include "base/json_writer.h"
#include "commands/command.h"
#include "commands/warehousing.h"

#include <unistd.h>

typedef struct {
    JsonWriter json;
    bool as_json, tty;
    int64_t rows;
} Printer;

/* Tells of each file as it reaches the store. */
static void
on_step(void *data, const Batch *batch)
{
    Printer *printer = data;

    if (batch->state != BATCH_STORED)
        return;
    printer->rows += batch->rows;
    if (printer->as_json) {
        json_begin_object(&printer->json);
        json_member_int(&printer->json, "export", batch->id);
        json_member_text(&printer->json, "table", str_of(batch->table->name));
        json_member_text(&printer->json, "key", batch->key);
        json_member_text(&printer->json, "sha256", batch->sha256);
        json_member_int(&printer->json, "rows", batch->rows);
        json_member_int(&printer->json, "bytes", batch->bytes);
        json_key(&printer->json, "sums");
        json_raw(&printer->json, batch->sums);
        json_end_object(&printer->json);
        return;
    }
    g_print("%s: %" G_GINT64_FORMAT " rows  %.*s\n", batch->table->name, batch->rows, STR_FORMAT(batch->key));
    if (printer->tty)
        g_printerr("\r%" G_GINT64_FORMAT " rows ", printer->rows);
}

static void
print_summary(Printer *printer, const ExportSummary *summary)
{
    if (printer->tty)
        g_printerr("\r%40s\r", "");
    if (!printer->as_json) {
        g_print("%" G_GINT64_FORMAT " files, %" G_GINT64_FORMAT " rows, %" G_GINT64_FORMAT " bytes\n", summary->files,
                summary->rows, summary->bytes);
        return;
    }
    json_end_array(&printer->json);
    json_member_int(&printer->json, "rows", summary->rows);
    json_member_int(&printer->json, "bytes", summary->bytes);
    json_end_object(&printer->json);
    g_print("%s\n", printer->json.to->str);
}

int
command_export(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    Printer printer = {.json = json_writer(text)};
    const ExportWatcher watcher = {.on_step = on_step, .data = &printer};
    gboolean as_json = FALSE;
    ExportSummary summary;
    const GOptionEntry own[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "",
                    "Writes what is new (searches, impressions, clicks, ledger entries, revisions) into the warehouse; "
                    "each row once, however often it is interrupted.",
                    own, &flags))
        return EXIT_USAGE;
    if (argc != 1)
        return command_usage("weir export takes no arguments, but there is \"%s\"", argv[1]);
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL)
        return command_fail(error);
    printer.as_json = as_json;
    printer.tty = isatty(STDERR_FILENO) != 0 && isatty(STDOUT_FILENO) == 0;
    if (as_json) {
        json_begin_object(&printer.json);
        json_key(&printer.json, "files");
        json_begin_array(&printer.json);
    }
    if (!warehouse_export(deployment, db, &watcher, &summary, &error))
        return command_fail(error);
    print_summary(&printer, &summary);
    return EXIT_DONE;
}
