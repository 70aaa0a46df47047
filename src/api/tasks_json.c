#include "api/tasks_json.h"

#include "base/timestamp.h"

static void
member_time_if(JsonWriter *json, const char *key, int64_t us)
{
    if (us != TIMESTAMP_NONE)
        json_member_time(json, key, us);
}

static void
write_task(void *data, const TaskRow *row)
{
    JsonWriter *json = data;

    json_begin_object(json);
    json_member_id(json, "task_id", row->id);
    json_member_text(json, "kind", row->kind);
    json_member_text(json, "key", row->key);
    json_member_text(json, "state", str_of(task_state_name(row->state)));
    json_member_int(json, "attempts", row->attempts);
    json_member_time(json, "created_at", row->created_at_us);
    json_member_time(json, "run_at", row->run_at_us);
    member_time_if(json, "started_at", row->started_at_us);
    member_time_if(json, "lease_until", row->lease_until_us);
    member_time_if(json, "finished_at", row->finished_at_us);
    json_member_text_if(json, "worker", row->worker);
    json_member_text_if(json, "schedule", row->schedule);
    json_member_text_if(json, "message", row->message);
    json_end_object(json);
}

static void
write_schedule(void *data, const ScheduleRow *row)
{
    JsonWriter *json = data;

    json_begin_object(json);
    json_member_text(json, "schedule", row->name);
    json_member_text(json, "kind", row->kind);
    json_member_text(json, "key", row->key);
    if (row->cron.at == NULL) {
        json_member_int(json, "every_ms", row->every_us / US_PER_MS);
    } else {
        json_member_text(json, "cron", row->cron);
        json_member_text(json, "zone", str_is_empty(row->zone) ? STR("UTC") : row->zone);
    }
    json_member_bool(json, "paused", row->paused);
    json_member_time(json, "next", row->next_slot_us);
    json_member_time(json, "last", row->last_slot_us);
    json_end_object(json);
}

bool
tasks_json_counts(JsonWriter *json, DbTx *tx, GError **error)
{
    TaskCounts counts;

    if (!task_count(tx, &counts, error))
        return false;
    json_key(json, "counts");
    json_begin_object(json);
    for (TaskState state = TASK_READY; state <= TASK_DEAD; state++)
        json_member_int(json, task_state_name(state), counts.of[state]);
    json_end_object(json);
    return true;
}

bool
tasks_json_tasks(JsonWriter *json, DbTx *tx, const TaskFilter *filter, GError **error)
{
    json_key(json, "tasks");
    json_begin_array(json);
    if (!task_list(tx, filter, write_task, json, error))
        return false;
    json_end_array(json);
    return true;
}

bool
tasks_json_schedules(JsonWriter *json, DbTx *tx, GError **error)
{
    json_key(json, "schedules");
    json_begin_array(json);
    if (!schedule_list(tx, write_schedule, json, error))
        return false;
    json_end_array(json);
    return true;
}
