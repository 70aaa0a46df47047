/*
 * Tasks and schedules as JSON: what GET /v1/tasks answers and `weir task --json` prints.
 */
#pragma once

#include "base/json_writer.h"
#include "tasks/task_list.h"

/* Each writes one member of the object that is open; nothing is whole when it fails. */
bool tasks_json_counts(JsonWriter *json, DbTx *tx, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool tasks_json_tasks(JsonWriter *json, DbTx *tx, const TaskFilter *filter, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool tasks_json_schedules(JsonWriter *json, DbTx *tx, GError **error) G_GNUC_WARN_UNUSED_RESULT;
