/*
 * GET /v1/tasks: the queue and its schedules. state: only tasks in it; limit: how many of the newest.
 */
#include "api/routes.h"
#include "api/tasks_json.h"

#define DEFAULT_LIMIT 100

static bool
read_filter(HttpExchange *exchange, TaskFilter *ret_filter)
{
    Str state = http_exchange_query(exchange, "state"), limit = http_exchange_query(exchange, "limit");
    TaskFilter filter = {.any_state = str_is_empty(state), .limit = DEFAULT_LIMIT};

    if (!filter.any_state && !task_state_parse(state, &filter.state)) {
        respond_problem(exchange, 400, "state", "is not ready, running, done or dead");
        return false;
    }
    if (!str_is_empty(limit) &&
        (!str_to_int64(limit, &filter.limit) || filter.limit < 1 || filter.limit > TASK_LIST_LIMIT)) {
        respond_problem(exchange, 400, "limit", "is not a number from 1 to " G_STRINGIFY(TASK_LIST_LIMIT));
        return false;
    }
    *ret_filter = filter;
    return true;
}

static void
answer_tasks(Api *api G_GNUC_UNUSED, HttpExchange *exchange, Db *db)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    JsonWriter json;
    TaskFilter filter;

    if (!read_filter(exchange, &filter))
        return;
    json = json_answer();
    json_begin_object(&json);
    tx = db_begin(db, DB_READ, &error);
    if (tx == NULL || !tasks_json_counts(&json, tx, &error) || !tasks_json_tasks(&json, tx, &filter, &error) ||
        !tasks_json_schedules(&json, tx, &error)) {
        g_string_free(json.to, TRUE);
        respond_error(exchange, error);
        return;
    }
    json_end_object(&json);
    http_exchange_set_header(exchange, "Cache-Control", "no-store");
    respond_json(exchange, 200, &json);
}

void
route_tasks(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_tasks);
}
