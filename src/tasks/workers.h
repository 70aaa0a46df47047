/*
 * Workers: threads that tick the schedules, claim tasks and run their handlers.
 *
 * A kind of task is a row: name, handler, attempts. While a handler runs, a thread of its own renews the lease; when
 * that fails because the task passed to another worker, or fails until the lease ends, task_run_is_lost() tells the
 * handler to stop.
 */
#pragma once

#include "ops/metrics.h"
#include "tasks/schedule.h"

typedef struct Workers Workers;
typedef struct TaskRun TaskRun;

typedef struct {
    const char *name; /* "feed.pull" */
    /* Does the work. False: task_is_hopeless(error) decides between another attempt and burial. data: WorkersSpec.data */
    bool (*run)(TaskRun *run, void *data, GError **error);
    int64_t attempts;
} TaskKind;

typedef struct {
    const char *database_url;
    const TaskKind *kinds;
    size_t kind_count;
    unsigned threads;
    int64_t lease_us; /* a worker that is silent for so long has lost its task */
    const char *name; /* of this process, shown with its tasks */
    const Clock *clock;
    Random *random; /* from any thread */
    IdMint *mint;
    Metrics *metrics; /* may be NULL */
    void *data;
} WorkersSpec;

/* spec's pointers must outlive the workers. */
Workers *workers_start(const WorkersSpec *spec);
/* Claims no more, asks handlers to stop, waits for them. A handler that fails then has its task put back, to be run by
 * others at once; the attempt does not count. NULL is allowed. */
void workers_stop(Workers *workers);
/* Looks at the queue at once instead of at the next poll. From any thread. */
void workers_wake(Workers *workers);

/* What a handler has in hand. The connection is the worker's own, without an open transaction. While the handler runs,
 * each of its write transactions asks for the task's fence just before it commits, and fails with CONFLICT, changing
 * nothing, once the task has passed to another worker: no handler can forget to. */
const Task *task_run_task(const TaskRun *run);
Db *task_run_db(const TaskRun *run);
/* The task has passed to another worker, or the process stops: end soon, with an error. */
bool task_run_is_lost(TaskRun *run);
/* Should the handler fail, its task is not tried again before so long, up to a day: a partner has said when to come back. The
 * backoff stays the least. */
void task_run_wait(TaskRun *run, int64_t wait_us);
