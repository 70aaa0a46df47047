/*
 * weir task list|retry|pause|resume|schedule
 */
#include "api/tasks_json.h"
#include "commands/command.h"

static const char USAGE[] = "say: weir task list, retry ID, pause SCHEDULE, resume SCHEDULE or schedule";

#define DEFAULT_LIMIT 100

static void
add_task(void *data, const TaskRow *row)
{
    TextTable *table = data;
    char id[ID_TEXT_SIZE], at[TIMESTAMP_TEXT_SIZE];

    text_table_add(table, str_of(id_format(row->id, id)));
    text_table_add(table, str_of(task_state_name(row->state)));
    text_table_printf(table, "%" G_GINT64_FORMAT, row->attempts);
    text_table_add(table, str_of(command_moment_text(row->state == TASK_RUNNING              ? row->started_at_us
                                                     : row->finished_at_us != TIMESTAMP_NONE ? row->finished_at_us
                                                                                             : row->run_at_us,
                                                     at)));
    text_table_printf(table, "%.*s %.*s", STR_FORMAT(row->kind), STR_FORMAT(row->key));
    if (row->state == TASK_RUNNING)
        text_table_printf(table, "at %.*s", STR_FORMAT(row->worker));
    else
        text_table_add(table, row->message);
}

/* As definitions write it: "15m". */
static void
add_interval(TextTable *table, int64_t us)
{
    static const struct {
        char unit;
        int64_t us;
    } UNITS[] = {{'d', US_PER_DAY}, {'h', US_PER_HOUR}, {'m', US_PER_MINUTE}, {'s', US_PER_SECOND}};
    size_t i = 0;

    while (i + 1 < G_N_ELEMENTS(UNITS) && us % UNITS[i].us != 0)
        i++;
    text_table_printf(table, "every %" G_GINT64_FORMAT "%c", us / UNITS[i].us, UNITS[i].unit);
}

static void
add_schedule(void *data, const ScheduleRow *row)
{
    TextTable *table = data;
    char next[TIMESTAMP_TEXT_SIZE], last[TIMESTAMP_TEXT_SIZE];

    text_table_add(table, row->name);
    if (row->cron.at == NULL)
        add_interval(table, row->every_us);
    else
        text_table_printf(table, "%.*s %.*s", STR_FORMAT(row->cron),
                          STR_FORMAT(str_is_empty(row->zone) ? STR("UTC") : row->zone));
    text_table_add(table, str_of(row->paused ? "paused" : command_moment_text(row->next_slot_us, next)));
    text_table_add(table, str_of(command_moment_text(row->last_slot_us, last)));
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
print_counts(DbTx *tx, GError **error)
{
    TaskCounts counts;

    if (!task_count(tx, &counts, error))
        return false;
    g_print("%" G_GINT64_FORMAT " ready, %" G_GINT64_FORMAT " running, %" G_GINT64_FORMAT " done, %" G_GINT64_FORMAT
            " dead%s\n",
            counts.of[TASK_READY], counts.of[TASK_RUNNING], counts.of[TASK_DONE], counts.of[TASK_DEAD],
            counts.of[TASK_DEAD] > 0 ? " (weir task retry ID gives a dead one another chance)" : "");
    return true;
}

static bool
list_tasks(Db *db, const TaskFilter *filter, bool as_json, GError **error)
{
    static const char *const HEADS[] = {"TASK", "STATE", ">TRY", "SINCE OR DUE", "WHAT", "MESSAGE", NULL};
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(TextTable) table = text_table_new(HEADS);

    if (tx == NULL)
        return false;
    if (as_json)
        return print_json(tx, filter, error);
    if (!task_list(tx, filter, add_task, table, error))
        return false;
    command_print_table(table, "no such tasks");
    return print_counts(tx, error);
}

static bool
list_schedules(Db *db, bool as_json, GError **error)
{
    static const char *const HEADS[] = {"SCHEDULE", "WHEN", "NEXT", "LAST", NULL};
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(TextTable) table = text_table_new(HEADS);

    if (tx == NULL)
        return false;
    if (as_json)
        return print_json(tx, NULL, error);
    if (!schedule_list(tx, add_schedule, table, error))
        return false;
    command_print_table(table, "no schedules yet; weir work (or weir run) makes them when it starts");
    return true;
}

static bool
retry_task(Db *db, Id id, int64_t now_us, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    g_autoptr(GError) cause = NULL;
    char text[ID_TEXT_SIZE];

    if (tx == NULL)
        return false;
    if (task_revive(tx, id, now_us, &cause)) {
        if (!db_commit_auto(&tx, error))
            return false;
        g_print("%s is ready: the next free worker takes it\n", id_format(id, text));
        return true;
    }
    if (weir_error_code(cause) == WEIR_ERROR_CONFLICT)
        return weir_fail(error, WEIR_ERROR_CONFLICT, "another task of the same kind and key has taken its place");
    if (weir_error_code(cause) == WEIR_ERROR_NOT_FOUND)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "%s; see weir task list --state dead", cause->message);
    g_propagate_error(error, g_steal_pointer(&cause));
    return false;
}

static bool
pause_schedule(Db *db, const char *name, bool paused, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    g_autoptr(GError) cause = NULL;

    if (tx == NULL)
        return false;
    if (schedule_pause(tx, str_of(name), paused, &cause)) {
        if (!db_commit_auto(&tx, error))
            return false;
        g_print(paused ? "%s is paused; weir task resume goes on with it\n" : "%s ticks again\n", name);
        return true;
    }
    if (weir_error_code(cause) == WEIR_ERROR_NOT_FOUND)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "%s; see weir task schedule", cause->message);
    g_propagate_error(error, g_steal_pointer(&cause));
    return false;
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
    g_autofree char *state = NULL, *kind = NULL, *object = NULL;
    gboolean as_json = FALSE, failing = FALSE;
    gint64 limit = DEFAULT_LIMIT;
    Request request = {0};
    bool understood;
    const GOptionEntry own[] = {
        {"state", 's', 0, G_OPTION_ARG_STRING, &state, "Only tasks that are ready, running, done or dead (list)",
         "STATE"},
        {"kind", 'k', 0, G_OPTION_ARG_STRING, &kind, "Only tasks of this kind, such as feed.pull (list)", "KIND"},
        {"failing", 'f', 0, G_OPTION_ARG_NONE, &failing,
         "Only tasks whose last attempt failed and whose work was not done since (list)", NULL},
        {"limit", 'n', 0, G_OPTION_ARG_INT64, &limit, "At most so many of the newest, 1 to 1000; default: 100 (list)",
         "N"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "list | retry ID | pause SCHEDULE | resume SCHEDULE | schedule",
                    "Lists the newest tasks or all schedules, gives a dead task another chance, stops and restarts a "
                    "schedule.",
                    own, &flags))
        return EXIT_USAGE;
    if (limit < 1 || limit > TASK_LIST_LIMIT)
        return command_usage("--limit %" G_GINT64_FORMAT " is not a number from 1 to %d", limit, TASK_LIST_LIMIT);
    request = (Request){
        .filter = {.any_state = state == NULL, .failing_only = failing != FALSE, .kind = kind, .limit = limit},
        .as_json = as_json};
    understood = read_request(argc, argv, state, &request);
    object = request.object;
    if (!understood)
        return EXIT_USAGE;
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL ||
        !perform(&request, db, deployment->clock, &error))
        return command_fail(error);
    return EXIT_DONE;
}
