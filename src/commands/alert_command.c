/*
 * weir alert list|acknowledge ID
 */
#include "api/reconciliation_json.h"
#include "base/timestamp.h"
#include "commands/command.h"

#define ALERTS_LIMIT 1000

typedef struct {
    bool as_json;
    unsigned count;
} Printing;

static void
print_alert(void *data, const Alert *alert)
{
    Printing *printing = data;
    char id[ID_TEXT_SIZE], opened[TIMESTAMP_TEXT_SIZE];

    printing->count++;
    if (printing->as_json) {
        g_autoptr(GString) text = g_string_new(NULL);
        JsonWriter json = json_writer(text);

        alert_json(&json, alert);
        g_print("%s\n", text->str);
        return;
    }
    g_print("%s %-12.*s %s  %.*s\n", id_format(alert->id, id), STR_FORMAT(alert->state),
            timestamp_format(alert->opened_at_us, opened), STR_FORMAT(alert->message));
}

static bool
list_alerts(Db *db, bool all, bool as_json, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    Printing printing = {.as_json = as_json};

    if (tx == NULL || !alert_list(tx, !all, ALERTS_LIMIT, print_alert, &printing, error))
        return false;
    if (printing.count == 0 && !as_json)
        g_print("nothing to look at\n");
    return true;
}

static bool
acknowledge(Db *db, Id id, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL && alert_acknowledge(tx, id, error) && db_commit_auto(&tx, error);
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

    if (!flags_read(&argc, &argv, "list|acknowledge ID",
                    "What a person should look at: lists alerts, or notes that somebody looks after one.", own, &flags))
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
