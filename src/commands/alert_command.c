/*
 * weir alert list|acknowledge ID
 */
#include "api/reconciliation_json.h"
#include "commands/command.h"

#define ALERTS_LIMIT 1000

static void
print_json(void *data G_GNUC_UNUSED, const Alert *alert)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    alert_json(&json, alert);
    g_print("%s\n", text->str);
}

static void
add_alert(void *data, const Alert *alert)
{
    TextTable *table = data;
    char id[ID_TEXT_SIZE], opened[TIMESTAMP_TEXT_SIZE], seen[TIMESTAMP_TEXT_SIZE];

    text_table_add(table, str_of(id_format(alert->id, id)));
    text_table_add(table, alert->state);
    text_table_add(table, str_of(command_moment_text(alert->opened_at_us, opened)));
    text_table_add(
        table, str_of(command_moment_text(
                   alert->resolved_at_us != TIMESTAMP_NONE ? alert->resolved_at_us : alert->last_seen_at_us, seen)));
    text_table_add(table, alert->message);
}

static bool
list_alerts(Db *db, bool all, bool as_json, GError **error)
{
    static const char *const HEADS[] = {"ALERT", "STATE", "OPENED", "SEEN OR OVER", "MESSAGE", NULL};
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(TextTable) table = text_table_new(HEADS);

    if (tx == NULL || !alert_list(tx, !all, ALERTS_LIMIT, as_json ? print_json : add_alert, table, error))
        return false;
    if (!as_json)
        command_print_table(table, "nothing to look at");
    return true;
}

static bool
acknowledge(Db *db, Id id, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    g_autoptr(GError) cause = NULL;
    char text[ID_TEXT_SIZE];

    if (tx == NULL)
        return false;
    if (alert_acknowledge(tx, id, &cause)) {
        if (!db_commit_auto(&tx, error))
            return false;
        g_print("%s is acknowledged; it ends by itself when its cause does\n", id_format(id, text));
        return true;
    }
    if (weir_error_code(cause) == WEIR_ERROR_NOT_FOUND)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "%s; see weir alert list", cause->message);
    g_propagate_error(error, g_steal_pointer(&cause));
    return false;
}

int
command_alert(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(GError) error = NULL;
    gboolean as_json = FALSE, all = FALSE;
    bool listing, done;
    Id id = ID_NONE;
    const GOptionEntry own[] = {
        {"all", 0, 0, G_OPTION_ARG_NONE, &all, "Also those that are resolved", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON, one alert a line", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "list | acknowledge ID",
                    "  list            what a person should look at; with --all also what is over\n"
                    "  acknowledge ID  notes that somebody looks after it",
                    own, &flags))
        return EXIT_USAGE;
    listing = argc == 2 && strcmp(argv[1], "list") == 0;
    if (!listing && (argc != 3 || strcmp(argv[1], "acknowledge") != 0))
        return command_usage("say list, or acknowledge ID");
    if (!listing && !id_parse(str_of(argv[2]), &id))
        return command_usage("\"%s\" is no id of an alert; see weir alert list", argv[2]);
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL)
        return command_fail(error);
    done = listing ? list_alerts(db, all, as_json, &error) : acknowledge(db, id, &error);
    return done ? EXIT_DONE : command_fail(error);
}
