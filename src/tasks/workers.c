#include "tasks/workers.h"

#include "ops/log.h"

#define POLL_US      (US_PER_SECOND / 2)
#define RECONNECT_US (2 * US_PER_SECOND)
#define KINDS_LIMIT  32
#define TASK_ARENA   4096
/* A partner that asks for more is asked again all the same. */
#define WAIT_LIMIT_US US_PER_DAY

struct Workers {
    WorkersSpec spec;
    const char *kind_names[KINDS_LIMIT + 1];
    GThread **threads;
    GMutex mutex;
    GCond wake;
    bool stopping;
    int64_t next_tick_us; /* monotonic: no thread asks the schedules before */
};

struct TaskRun {
    Workers *workers;
    const TaskKind *kind;
    Db *db;
    Task task;
    int64_t wait_us; /* at least, before the next attempt */
    /* shared with the thread that renews the lease */
    GMutex mutex;
    GCond changed;
    int64_t lease_end_us; /* on the machine's monotonic clock */
    bool ended, lost;
};

static bool
is_stopping(Workers *workers)
{
    bool stopping;

    g_mutex_lock(&workers->mutex);
    stopping = workers->stopping;
    g_mutex_unlock(&workers->mutex);
    return stopping;
}

/* Until woken, stopped, or the time is up. Waiting is the machine's business: it takes the machine's time. */
static void
wait_for_work(Workers *workers, int64_t us)
{
    g_mutex_lock(&workers->mutex);
    if (!workers->stopping)
        g_cond_wait_until(&workers->wake, &workers->mutex, g_get_monotonic_time() + us);
    g_mutex_unlock(&workers->mutex);
}

/* ---- one task ---- */

/* False when the task is no longer ours; a database that does not answer leaves that open until the lease ends. */
static bool
renew_once(TaskRun *run, Db **db)
{
    const WorkersSpec *spec = &run->workers->spec;
    int64_t asked_us = g_get_monotonic_time();
    g_autoptr(GError) error = NULL;

    if (*db == NULL)
        *db = db_open(spec->database_url, NULL);
    if (*db != NULL && task_renew(*db, &run->task, spec->clock, spec->lease_us, &error)) {
        run->lease_end_us = asked_us + spec->lease_us;
        return true;
    }
    return g_get_monotonic_time() < run->lease_end_us &&
           (error == NULL || weir_error_code(error) != WEIR_ERROR_CONFLICT);
}

static gpointer
renewing_thread(gpointer data)
{
    TaskRun *run = data;
    g_autoptr(Db) db = NULL;

    g_mutex_lock(&run->mutex);
    while (!run->ended && !run->lost) {
        bool ours;

        if (g_cond_wait_until(&run->changed, &run->mutex, g_get_monotonic_time() + run->workers->spec.lease_us / 3))
            continue;
        g_mutex_unlock(&run->mutex);
        ours = renew_once(run, &db);
        g_mutex_lock(&run->mutex);
        run->lost = !ours;
    }
    g_mutex_unlock(&run->mutex);
    return NULL;
}

static bool
check_fence(void *data, DbTx *tx, GError **error)
{
    return task_check(tx, &((TaskRun *)data)->task, error);
}

static bool
run_handler(TaskRun *run, GError **error)
{
    GThread *renewer;
    bool done;

    g_mutex_init(&run->mutex);
    g_cond_init(&run->changed);
    run->lease_end_us = g_get_monotonic_time() + run->workers->spec.lease_us;
    renewer = g_thread_new("lease", renewing_thread, run);
    db_set_guard(run->db, check_fence, run);
    done = run->kind->run(run, run->workers->spec.data, error);
    db_set_guard(run->db, NULL, NULL);
    g_mutex_lock(&run->mutex);
    run->ended = true;
    g_cond_signal(&run->changed);
    g_mutex_unlock(&run->mutex);
    g_thread_join(renewer);
    g_mutex_clear(&run->mutex);
    g_cond_clear(&run->changed);
    return done;
}

/* What becomes of a task: one word for the metric, one line for people. */
typedef struct {
    const char *name, *explanation;
    LogLevel level;
} Outcome;

static const Outcome DONE = {"done", "a task is done", LOG_LEVEL_INFO};
static const Outcome RETRY = {"retry", "a task failed and will be tried again", LOG_LEVEL_WARN};
static const Outcome DEAD = {"dead", "a task failed and was buried: see weir task list", LOG_LEVEL_ERROR};
static const Outcome RELEASED = {"released", "a task was put back because this process stops", LOG_LEVEL_INFO};
static const Outcome LOST = {"lost", "a task's outcome could not be written; another worker will run it",
                             LOG_LEVEL_ERROR};

static const Outcome *
outcome_of(const TaskRun *run, const GError *failure)
{
    if (failure == NULL)
        return &DONE;
    if (is_stopping(run->workers))
        return &RELEASED;
    return task_is_hopeless(failure) || run->task.attempt >= run->kind->attempts ? &DEAD : &RETRY;
}

/* Writes what became of it; LOST when the task passed to another worker meanwhile, or nothing could be written. */
static const Outcome *
settle(TaskRun *run, const GError *failure, GError **error)
{
    const WorkersSpec *spec = &run->workers->spec;
    const Outcome *outcome = outcome_of(run, failure);
    int64_t now_us = clock_now_us(spec->clock);
    g_autoptr(DbTx) tx = db_begin(run->db, DB_WRITE, error);
    bool settled;

    if (tx == NULL)
        return &LOST;
    if (outcome == &DONE)
        settled = task_finish(tx, &run->task, now_us, error);
    else if (outcome == &RELEASED)
        settled = task_release(tx, &run->task, now_us, error);
    else if (outcome == &DEAD)
        settled = task_bury(tx, &run->task, now_us, failure->message, error);
    else
        settled =
            task_retry(tx, &run->task, now_us + MAX(task_backoff_us(run->task.attempt, spec->random), run->wait_us),
                       failure->message, error);
    return settled && db_commit_auto(&tx, error) ? outcome : &LOST;
}

static const TaskKind *
kind_find(const Workers *workers, Str name)
{
    for (size_t i = 0; i < workers->spec.kind_count; i++)
        if (str_is(name, workers->spec.kinds[i].name))
            return &workers->spec.kinds[i];
    g_assert_not_reached();
}

static void
log_failure(const TaskRun *run, const Outcome *outcome, const GError *failure)
{
    log_event(outcome->level, "task.failed", outcome->explanation, LOG_STR("kind", run->task.kind),
              LOG_STR("key", run->task.key), LOG_INT("attempt", run->task.attempt), LOG_ERROR(failure));
}

/* A task that ends its workers (out of memory, a crash) never comes to its handler's end: its attempts are used up here. */
static bool
run_or_refuse(TaskRun *run, GError **error)
{
    if (run->task.attempt > run->kind->attempts)
        return weir_fail(error, WEIR_ERROR_BROKEN, "none of its %" G_GINT64_FORMAT " attempts came to an end",
                         run->kind->attempts);
    return run_handler(run, error);
}

static void
run_task(Workers *workers, Db *db, const Task *task)
{
    TaskRun run = {.workers = workers, .kind = kind_find(workers, task->kind), .db = db, .task = *task};
    int64_t started_us = clock_monotonic_us(workers->spec.clock);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GError) error = NULL;
    const Outcome *outcome;

    if (!run_or_refuse(&run, &failure))
        g_assert(failure != NULL);
    outcome = settle(&run, failure, &error);
    metric_add(workers->spec.metrics, METRIC_TASKS, run.kind->name, outcome->name, 1);
    metric_observe_us(workers->spec.metrics, METRIC_TASK_SECONDS, run.kind->name,
                      clock_monotonic_us(workers->spec.clock) - started_us);
    if (failure != NULL || error != NULL)
        log_failure(&run, outcome, failure != NULL ? failure : error);
}

/* ---- one thread ---- */

/* One thread asks the schedules at each poll; the others find that it was done. */
static bool
tick(Workers *workers, Db *db, GError **error)
{
    int64_t now_us = clock_monotonic_us(workers->spec.clock), made, next_us;
    bool due;

    g_mutex_lock(&workers->mutex);
    due = now_us >= workers->next_tick_us;
    if (due)
        workers->next_tick_us = now_us + POLL_US;
    g_mutex_unlock(&workers->mutex);
    if (!due)
        return true;
    if (!schedule_tick(db, workers->spec.clock, workers->spec.mint, &made, &next_us, error))
        return false;
    if (made > 1)
        workers_wake(workers);
    return true;
}

/* Does what is due, until nothing is. False when the database failed. */
static bool
work_through(Workers *workers, Db *db, Arena *arena, GError **error)
{
    while (!is_stopping(workers)) {
        g_autoptr(GError) failure = NULL;
        Task task;

        arena_reset(arena);
        if (!tick(workers, db, error))
            return false;
        if (!task_claim(db, workers->kind_names, workers->spec.clock, workers->spec.lease_us, workers->spec.name, arena,
                        &task, &failure) &&
            weir_error_code(failure) != WEIR_ERROR_NOT_FOUND) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        metric_set(workers->spec.metrics, METRIC_DATABASE_UP, "tasks", NULL, 1);
        if (failure != NULL)
            return true;
        run_task(workers, db, &task);
    }
    return true;
}

static gpointer
worker_thread(gpointer data)
{
    Workers *workers = data;
    g_autoptr(Arena) arena = arena_new(TASK_ARENA);
    g_autoptr(Db) db = NULL;
    bool told = false;

    while (!is_stopping(workers)) {
        g_autoptr(GError) error = NULL;

        if (db == NULL)
            db = db_open(workers->spec.database_url, &error);
        if (db != NULL && work_through(workers, db, arena, &error)) {
            told = false;
            wait_for_work(workers, POLL_US);
            continue;
        }
        metric_set(workers->spec.metrics, METRIC_DATABASE_UP, "tasks", NULL, 0);
        if (!told)
            log_event(LOG_LEVEL_WARN, "tasks.database", "tasks wait until the database answers again",
                      LOG_ERROR(error));
        told = true;
        wait_for_work(workers, RECONNECT_US);
    }
    return NULL;
}

Workers *
workers_start(const WorkersSpec *spec)
{
    Workers *workers = g_new0(Workers, 1);

    g_assert(spec->kind_count > 0 && spec->kind_count <= KINDS_LIMIT && spec->lease_us > 0);
    workers->spec = *spec;
    g_mutex_init(&workers->mutex);
    g_cond_init(&workers->wake);
    for (size_t i = 0; i < spec->kind_count; i++)
        workers->kind_names[i] = spec->kinds[i].name;
    workers->threads = g_new0(GThread *, spec->threads);
    for (unsigned i = 0; i < spec->threads; i++)
        workers->threads[i] = g_thread_new("worker", worker_thread, workers);
    return workers;
}

void
workers_wake(Workers *workers)
{
    g_mutex_lock(&workers->mutex);
    g_cond_broadcast(&workers->wake);
    g_mutex_unlock(&workers->mutex);
}

void
workers_stop(Workers *workers)
{
    if (workers == NULL)
        return;
    g_mutex_lock(&workers->mutex);
    workers->stopping = true;
    g_cond_broadcast(&workers->wake);
    g_mutex_unlock(&workers->mutex);
    for (unsigned i = 0; i < workers->spec.threads; i++)
        g_thread_join(workers->threads[i]);
    g_mutex_clear(&workers->mutex);
    g_cond_clear(&workers->wake);
    g_free(workers->threads);
    g_free(workers);
}

const Task *
task_run_task(const TaskRun *run)
{
    return &run->task;
}

Db *
task_run_db(const TaskRun *run)
{
    return run->db;
}

void
task_run_wait(TaskRun *run, int64_t wait_us)
{
    run->wait_us = MIN(wait_us, WAIT_LIMIT_US);
}

bool
task_run_is_lost(TaskRun *run)
{
    bool lost;

    g_mutex_lock(&run->mutex);
    lost = run->lost;
    g_mutex_unlock(&run->mutex);
    return lost || is_stopping(run->workers);
}
