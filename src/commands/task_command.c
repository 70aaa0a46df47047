/*
 * weir task list|retry|pause|resume|schedule
 */
#include "api/tasks_json.h"
#include "base/timestamp.h"
#include "commands/command.h"

static const char USAGE[] = "say: weir task list, retry ID, pause SCHEDULE, resume SCHEDULE or schedule";

static const char *
moment_text(int64_t us, char to[TIMESTAMP_TEXT_SIZE])
{
    return us == TIMESTAMP_NONE ? "-" : timestamp_format(us - us % US_PER_SECOND, to);
}

static void
print_task(void *data G_GNUC_UNUSED, const TaskRow *row)
{
    char id[ID_TEXT_SIZE], at[TIMESTAMP_TEXT_SIZE];

    g_print("%s  %-7s %3" G_GINT64_FORMAT "  %-20s  %.*s %.*s", id_format(row->id, id), task_state_name(row->state),
            row->attempts,
            moment_text(row->finished_at_us != TIMESTAMP_NONE ? row->finished_at_us : row->run_at_us, at),
            STR_FORMAT(row->kind), STR_FORMAT(row->key));
    if (row->state == TASK_RUNNING)
        g_print(", at %.*s", STR_FORMAT(row->worker));
    if (!str_is_empty(row->message))
        g_print(": %.*s", STR_FORMAT(row->message));
    g_print("\n");
}

static void
print_schedule(void *data G_GNUC_UNUSED, const ScheduleRow *row)
{
    char next[TIMESTAMP_TEXT_SIZE], last[TIMESTAMP_TEXT_SIZE];
    g_autofree char *when = NULL;

    if (row->cron.at == NULL)
        when = g_strdup_printf("every %" G_GINT64_FORMAT " s", row->every_us / US_PER_SECOND);
    else
        when = g_strdup_printf("%.*s %.*s", STR_FORMAT(row->cron),
                               STR_FORMAT(str_is_empty(row->zone) ? STR("UTC") : row->zone));
    g_print("%-32.*s  %-24s  %-20s  %-20s  %s\n", STR_FORMAT(row->name), when, moment_text(row->next_slot_us, next),
            moment_text(row->last_slot_us, last), row->paused ? "paused" : "");
}

static bool
print_json(DbTx *tx, const TaskFilter *filter, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    json_begin_object(&json);
    if (filter != NULL ? !tasks_json_tasks(&json, tx, filter, error) : !tasks_json_schedules(&json, tx, error))
        return false;
    json_end_object(&json);
    g_print("%s\n", text->str);
    return true;
}

static bool
list_tasks(Db *db, const TaskFilter *filter, bool as_json, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);

    if (tx == NULL)
        return false;
    if (as_json)
        return print_json(tx, filter, error);
    g_print("%-13s  %-7s %3s  %-20s  %s\n", "TASK", "STATE", "TRY", "ENDED OR DUE", "WHAT");
    return task_list(tx, filter, print_task, NULL, error);
}

static bool
list_schedules(Db *db, bool as_json, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);

    if (tx == NULL)
        return false;
    if (as_json)
        return print_json(tx, NULL, error);
    g_print("%-32s  %-24s  %-20s  %-20s\n", "SCHEDULE", "WHEN", "NEXT", "LAST");
    return schedule_list(tx, print_schedule, NULL, error);
}

static bool
retry_task(Db *db, Id id, int64_t now_us, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    g_autoptr(GError) cause = NULL;

    if (tx == NULL)
        return false;
    if (task_revive(tx, id, now_us, &cause))
        return db_commit_auto(&tx, error);
    if (weir_error_code(cause) == WEIR_ERROR_CONFLICT)
        return weir_fail(error, WEIR_ERROR_CONFLICT, "another task of the same kind and key has taken its place");
    g_propagate_error(error, g_steal_pointer(&cause));
    return false;
}

static bool
pause_schedule(Db *db, const char *name, bool paused, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL && schedule_pause(tx, str_of(name), paused, error) && db_commit_auto(&tx, error);
}

typedef struct {
    const char *verb;
    char *object; /* all words behind the verb: names of schedules hold a blank */
    TaskFilter filter;
    bool as_json;
    Id id;
} Request;

/* False after printing what is wrong. */
static bool
read_request(int argc, char **argv, const char *state, Request *request)
{
    static const struct {
        const char *verb;
        bool has_object;
    } VERBS[] = {{"list", false}, {"schedule", false}, {"retry", true}, {"pause", true}, {"resume", true}};

    request->verb = argc > 1 ? argv[1] : "";
    request->object = argc > 2 ? g_strjoinv(" ", argv + 2) : NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(VERBS); i++) {
        if (strcmp(VERBS[i].verb, request->verb) != 0 || VERBS[i].has_object != (argc > 2))
            continue;
        if (state != NULL && !task_state_parse(str_of(state), &request->filter.state)) {
            command_usage("--state %s is not ready, running, done or dead", state);
            return false;
        }
        if (strcmp(request->verb, "retry") == 0 && !id_parse(str_of(request->object), &request->id)) {
            command_usage("\"%s\" is not the id of a task; see weir task list --state dead", request->object);
            return false;
        }
        return true;
    }
    command_usage("%s", USAGE);
    return false;
}

static bool
perform(const Request *request, Db *db, const Clock *clock, GError **error)
{
    if (strcmp(request->verb, "list") == 0)
        return list_tasks(db, &request->filter, request->as_json, error);
    if (strcmp(request->verb, "schedule") == 0)
        return list_schedules(db, request->as_json, error);
    if (strcmp(request->verb, "retry") == 0)
        return retry_task(db, request->id, clock_now_us(clock), error);
    return pause_schedule(db, request->object, strcmp(request->verb, "pause") == 0, error);
}

int
command_task(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *state = NULL, *object = NULL;
    gboolean as_json = FALSE;
    Request request = {0};
    bool understood;
    const GOptionEntry own[] = {
        {"state", 's', 0, G_OPTION_ARG_STRING, &state, "Only tasks that are ready, running, done or dead (list)",
         "STATE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "list | retry ID | pause SCHEDULE | resume SCHEDULE | schedule",
                    "Lists the newest tasks or all schedules, gives a dead task another chance, stops and restarts a "
                    "schedule.",
                    own, &flags))
        return EXIT_USAGE;
    request = (Request){.filter = {.any_state = state == NULL, .limit = TASK_LIST_LIMIT}, .as_json = as_json};
    understood = read_request(argc, argv, state, &request);
    object = request.object;
    if (!understood)
        return EXIT_USAGE;
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL ||
        !perform(&request, db, deployment->clock, &error))
        return command_fail(error);
    return EXIT_DONE;
}
