#include "tasks/workers.h"

#include "ops/log.h"

#define POLL_US      (US_PER_SECOND / 2)
#define RECONNECT_US (2 * US_PER_SECOND)
#define KINDS_LIMIT  32
#define TASK_ARENA   4096

struct Workers {
    WorkersSpec spec;
    const char *kind_names[KINDS_LIMIT + 1];
    GThread **threads;
    GMutex mutex;
    GCond wake;
    bool stopping;
    int64_t next_tick_us; /* no thread asks the schedules before */
};

struct TaskRun {
    Workers *workers;
    const TaskKind *kind;
    Db *db;
    Task task;
    /* shared with the thread that renews the lease */
    GMutex mutex;
    GCond changed;
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
    g_autoptr(GError) error = NULL;

    if (*db == NULL)
        *db = db_open(spec->database_url, NULL);
    return *db == NULL || task_renew(*db, &run->task, spec->clock, spec->lease_us, &error) ||
           weir_error_code(error) != WEIR_ERROR_CONFLICT;
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
run_handler(TaskRun *run, GError **error)
{
    GThread *renewer;
    bool done;

    g_mutex_init(&run->mutex);
    g_cond_init(&run->changed);
    renewer = g_thread_new("lease", renewing_thread, run);
    done = run->kind->run(run, run->workers->spec.data, error);
    g_mutex_lock(&run->mutex);
    run->ended = true;
    g_cond_signal(&run->changed);
    g_mutex_unlock(&run->mutex);
    g_thread_join(renewer);
    g_mutex_clear(&run->mutex);
    g_cond_clear(&run->changed);
    return done;
}

/* Writes what became of it; "lost" when the task passed to another worker meanwhile, or nothing could be written. */
static const char *
settle(TaskRun *run, const GError *failure, GError **error)
{
    const WorkersSpec *spec = &run->workers->spec;
    int64_t now_us = clock_now_us(spec->clock);
    g_autoptr(DbTx) tx = db_begin(run->db, DB_WRITE, error);
    const char *outcome;
    bool settled;

    if (tx == NULL)
        return "lost";
    if (failure == NULL) {
        outcome = "done";
        settled = task_finish(tx, &run->task, now_us, error);
    } else if (task_is_hopeless(failure) || run->task.attempt >= run->kind->attempts) {
        outcome = "dead";
        settled = task_bury(tx, &run->task, now_us, failure->message, error);
    } else {
        outcome = "retry";
        settled = task_retry(tx, &run->task, now_us + task_backoff_us(run->task.attempt, spec->random),
                             failure->message, error);
    }
    return settled && db_commit_auto(&tx, error) ? outcome : "lost";
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
log_failure(const TaskRun *run, const char *outcome, const GError *failure)
{
    bool again = strcmp(outcome, "retry") == 0;

    log_event(again ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, "task.failed",
              again                          ? "a task failed and will be tried again"
              : strcmp(outcome, "dead") == 0 ? "a task failed and was buried: see weir task list"
                                             : "a task's outcome could not be written; another worker will run it",
              LOG_STR("kind", run->task.kind), LOG_STR("key", run->task.key), LOG_INT("attempt", run->task.attempt),
              LOG_ERROR(failure));
}

static void
run_task(Workers *workers, Db *db, const Task *task)
{
    TaskRun run = {.workers = workers, .kind = kind_find(workers, task->kind), .db = db, .task = *task};
    int64_t started_us = clock_monotonic_us(workers->spec.clock);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GError) error = NULL;
    const char *outcome;

    if (!run_handler(&run, &failure))
        g_assert(failure != NULL);
    outcome = settle(&run, failure, &error);
    metric_add(workers->spec.metrics, METRIC_TASKS, run.kind->name, outcome, 1);
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
    int64_t now_us = clock_now_us(workers->spec.clock), made, next_us;
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
                        &task, &failure)) {
            if (weir_error_code(failure) == WEIR_ERROR_NOT_FOUND)
                return true;
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
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

bool
task_run_is_lost(TaskRun *run)
{
    bool lost;

    g_mutex_lock(&run->mutex);
    lost = run->lost;
    g_mutex_unlock(&run->mutex);
    return lost || is_stopping(run->workers);
}
