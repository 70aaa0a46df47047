#include "tasks/task_list.h"

#include "base/timestamp.h"

bool
task_state_parse(Str text, TaskState *ret_state)
{
    for (TaskState state = TASK_READY; state <= TASK_DEAD; state++) {
        if (str_is(text, task_state_name(state))) {
            *ret_state = state;
            return true;
        }
    }
    return false;
}

static const Sql LIST_SQL =
    SQL("SELECT id, kind, key, state, attempts, created_at_us, run_at_us, "
        "CASE WHEN state = 1 THEN started_at_us END, CASE WHEN state = 1 THEN lease_until_us END, "
        "CASE WHEN state IN (2, 3) THEN finished_at_us END, worker, schedule, message "
        "FROM task WHERE state >= $1 AND state <= $2 AND ($3 = 0 OR (message IS NOT NULL AND NOT EXISTS (SELECT 1 "
        "FROM task later WHERE later.kind = task.kind AND later.key = task.key AND later.id > task.id AND "
        "later.state = 2))) "
        "AND ($4 = '' OR kind = $4) ORDER BY id DESC LIMIT $5");

bool
task_list(DbTx *tx, const TaskFilter *filter, void (*each)(void *data, const TaskRow *row), void *data, GError **error)
{
    TaskState first = filter->any_state ? TASK_READY : filter->state;
    TaskState last = filter->any_state ? TASK_DEAD : filter->state;
    g_autoptr(DbRows) rows = NULL;

    g_assert(filter->limit > 0 && filter->limit <= TASK_LIST_LIMIT);
    rows = db_query(tx, LIST_SQL,
                    DB_ARGS(db_int(first), db_int(last), db_int(filter->failing_only),
                            db_cstr(filter->kind != NULL ? filter->kind : ""), db_int(filter->limit)),
                    error);
    if (rows == NULL)
        return false;
    while (db_next(rows, error))
        each(data, &(TaskRow){.id = db_get_int(rows, 0),
                              .kind = db_get_text(rows, 1),
                              .key = db_get_text(rows, 2),
                              .state = (TaskState)db_get_int(rows, 3),
                              .attempts = db_get_int(rows, 4),
                              .created_at_us = db_get_int(rows, 5),
                              .run_at_us = db_get_int(rows, 6),
                              .started_at_us = db_get_time(rows, 7),
                              .lease_until_us = db_get_time(rows, 8),
                              .finished_at_us = db_get_time(rows, 9),
                              .worker = db_get_text(rows, 10),
                              .schedule = db_get_text(rows, 11),
                              .message = db_get_text(rows, 12)});
    return !db_has_failed(rows);
}

bool
task_count(DbTx *tx, TaskCounts *ret_counts, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, SQL("SELECT state, COUNT(*) FROM task GROUP BY state"), DB_NO_ARGS, error);
    TaskCounts counts = {{0}};

    if (rows == NULL)
        return false;
    while (db_next(rows, error))
        counts.of[db_get_int(rows, 0)] = db_get_int(rows, 1);
    if (db_has_failed(rows))
        return false;
    *ret_counts = counts;
    return true;
}

static const Sql SCHEDULES_SQL =
    SQL("SELECT name, kind, key, every_us, cron, zone, paused, next_slot_us, "
        "(SELECT MAX(slot_us) FROM schedule_slot WHERE schedule = name) FROM schedule ORDER BY name");

bool
schedule_list(DbTx *tx, void (*each)(void *data, const ScheduleRow *row), void *data, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, SCHEDULES_SQL, DB_NO_ARGS, error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error))
        each(data, &(ScheduleRow){.name = db_get_text(rows, 0),
                                  .kind = db_get_text(rows, 1),
                                  .key = db_get_text(rows, 2),
                                  .every_us = db_get_int(rows, 3),
                                  .cron = db_get_text(rows, 4),
                                  .zone = db_get_text(rows, 5),
                                  .paused = db_get_int(rows, 6) != 0,
                                  .next_slot_us = db_get_int(rows, 7),
                                  .last_slot_us = db_get_time(rows, 8)});
    return !db_has_failed(rows);
}
