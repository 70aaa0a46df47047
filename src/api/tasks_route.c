/*
 * GET /v1/tasks: the queue and its schedules. state, kind, failing: only such tasks; limit: how many of the newest.
 */
#include "api/routes.h"
#include "api/tasks_json.h"

#define DEFAULT_LIMIT 100

static bool
read_filter(HttpExchange *exchange, TaskFilter *ret_filter)
{
    Str state = http_exchange_query(exchange, "state"), limit = http_exchange_query(exchange, "limit");
    Str failing = http_exchange_query(exchange, "failing");
    TaskFilter filter = {.any_state = str_is_empty(state),
                         .failing_only = str_is(failing, "true"),
                         .kind = arena_strdup(http_exchange_arena(exchange), http_exchange_query(exchange, "kind")),
                         .limit = DEFAULT_LIMIT};

    if (!filter.any_state && !task_state_parse(state, &filter.state)) {
        respond_problem(exchange, 400, "state", "state: is not ready, running, done or dead");
        return false;
    }
    if (!filter.failing_only && !str_is_empty(failing) && !str_is(failing, "false")) {
        respond_problem(exchange, 400, "failing", "failing: is not true or false");
        return false;
    }
    if (!str_is_empty(limit) &&
        (!str_to_int64(limit, &filter.limit) || filter.limit < 1 || filter.limit > TASK_LIST_LIMIT)) {
        respond_problem(exchange, 400, "limit", "limit: is not a number from 1 to " G_STRINGIFY(TASK_LIST_LIMIT));
        return false;
    }
    *ret_filter = filter;
    return true;
}

static bool
tasks_members(JsonWriter *json, DbTx *tx, const void *query, GError **error)
{
    return tasks_json_counts(json, tx, error) && tasks_json_tasks(json, tx, query, error) &&
           tasks_json_schedules(json, tx, error);
}

static void
answer_tasks(Api *api G_GNUC_UNUSED, HttpExchange *exchange, Db *db)
{
    TaskFilter filter;

    if (read_filter(exchange, &filter))
        respond_read(exchange, db, tasks_members, &filter);
}

void
route_tasks(HttpExchange *exchange, void *data)
{
    route_with_db(data, exchange, answer_tasks);
}
