/*
 * Task list: the queue and the schedules as people want to see them. Nothing here changes anything.
 */
#pragma once

#include "tasks/schedule.h"

/* How many tasks one look may ask for. */
#define TASK_LIST_LIMIT 1000

/* Texts live during the call they are handed to; moments that never came are TIMESTAMP_NONE. */
typedef struct {
    Id id;
    Str kind, key;
    TaskState state;
    int64_t attempts;
    int64_t created_at_us, run_at_us;
    int64_t started_at_us, lease_until_us; /* of a task that is running */
    int64_t finished_at_us;                /* of one that is done or dead */
    Str worker;                            /* who had it last; absent when nobody yet */
    Str schedule;                          /* absent when none made it */
    Str message;                           /* of the last failure; absent when there was none */
} TaskRow;

typedef struct {
    bool any_state;
    TaskState state;   /* unless any_state */
    bool failing_only; /* whose last attempt failed: to be tried again, or dead, with nothing of the same kind and key
                          done since */
    const char *kind;  /* NULL: any */
    int64_t limit;     /* up to TASK_LIST_LIMIT */
} TaskFilter;

/* "ready", "running", "done" or "dead". */
bool task_state_parse(Str text, TaskState *ret_state);

/* Calls each for the newest tasks, newest first. */
bool task_list(DbTx *tx, const TaskFilter *filter, void (*each)(void *data, const TaskRow *row), void *data,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    int64_t of[TASK_DEAD + 1]; /* by state */
} TaskCounts;

bool task_count(DbTx *tx, TaskCounts *ret_counts, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    Str name, kind, key;
    int64_t every_us; /* 0: by its rule */
    Str cron, zone;   /* absent: by its interval; zone "" is UTC */
    bool paused;
    int64_t next_slot_us;
    int64_t last_slot_us; /* that fired, as far as slots are still kept; TIMESTAMP_NONE: none */
} ScheduleRow;

/* Calls each for all schedules in order of their names. */
bool schedule_list(DbTx *tx, void (*each)(void *data, const ScheduleRow *row), void *data,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
