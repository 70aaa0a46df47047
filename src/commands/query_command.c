/*
 * weir query "SELECT ..."
 */
#include "commands/command.h"
#include "commands/warehousing.h"
#include "warehouse/query.h"

static bool
query(Deployment *deployment, const char *sql, QueryForm form, GError **error)
{
    g_autofree char *folder = warehouse_folder(deployment), *spill = warehouse_spill(deployment);
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(Duck) duck = query_open(deployment->config->warehouse.duckdb, folder, spill, error);
    g_autoptr(DuckResult) result = duck == NULL ? NULL : duck_query(duck, sql, error);

    if (result == NULL)
        return false;
    query_write(result, form, text);
    g_print("%s", text->str);
    return true;
}

int
command_query(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(GError) error = NULL;
    gboolean as_json = FALSE, as_csv = FALSE;
    const GOptionEntry own[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print one JSON object a line", NULL},
        {"csv", 0, 0, G_OPTION_ARG_NONE, &as_csv, "Print CSV", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(
            &argc, &argv, "SQL",
            "Asks the exported files (see weir export) through DuckDB. Tables: searches, impressions, clicks, "
            "entries, revisions, rollups; amounts are in millionths of their currency. DESCRIBE entries tells columns.",
            own, &flags))
        return EXIT_USAGE;
    if (argc != 2)
        return command_usage("say: weir query \"SELECT ...\"");
    if (as_json && as_csv)
        return command_usage("choose one of --json and --csv");
    if ((deployment = deployment_open(&flags, &error)) == NULL)
        return command_fail(error);
    if (deployment->config->warehouse.no_folder)
        return command_usage("warehouse.folder is none: there are no files here to ask");
    return query(deployment, argv[1],
                 as_json  ? QUERY_JSON
                 : as_csv ? QUERY_CSV
                          : QUERY_TABLE,
                 &error)
               ? EXIT_DONE
               : command_fail(error);
}
