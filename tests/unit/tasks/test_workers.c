/* Workers: handlers, leases that are kept, stopping, and processes that die or freeze. */
#include "tasks/workers.h"

#include "tasks/task_test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What handlers and the test tell each other. */
typedef struct {
    GMutex mutex;
    GCond changed;
    int started, open; /* runs that began, and that may end */
    bool saw_lost;
    WeirError failure;
} Stage;

static void
stage_init(Stage *stage)
{
    *stage = (Stage){.failure = WEIR_ERROR_UNAVAILABLE};
    g_mutex_init(&stage->mutex);
    g_cond_init(&stage->changed);
}

static void
stage_begin(Stage *stage)
{
    g_mutex_lock(&stage->mutex);
    stage->started++;
    g_cond_broadcast(&stage->changed);
    g_mutex_unlock(&stage->mutex);
}

static void
stage_wait_started(Stage *stage, int count)
{
    g_mutex_lock(&stage->mutex);
    while (stage->started < count)
        g_cond_wait(&stage->changed, &stage->mutex);
    g_mutex_unlock(&stage->mutex);
}

static void
stage_open(Stage *stage)
{
    g_mutex_lock(&stage->mutex);
    stage->open++;
    g_cond_broadcast(&stage->changed);
    g_mutex_unlock(&stage->mutex);
}

static bool
succeed(TaskRun *run, void *data, GError **error G_GNUC_UNUSED)
{
    stage_begin(data);
    g_assert_true(str_is(task_run_task(run)->payload, "p"));
    return true;
}

static bool
fail(TaskRun *run G_GNUC_UNUSED, void *data, GError **error)
{
    Stage *stage = data;

    stage_begin(stage);
    return weir_fail(error, stage->failure, "the partner is away");
}

/* The partner has said when to come back. */
static bool
fail_and_wait(TaskRun *run, void *data, GError **error)
{
    task_run_wait(run, US_PER_HOUR);
    return fail(run, data, error);
}

/* Runs until the test lets it go. */
static bool
wait_for_leave(TaskRun *run G_GNUC_UNUSED, void *data, GError **error G_GNUC_UNUSED)
{
    Stage *stage = data;

    stage_begin(stage);
    g_mutex_lock(&stage->mutex);
    while (stage->open == 0)
        g_cond_wait(&stage->changed, &stage->mutex);
    stage->open--;
    g_mutex_unlock(&stage->mutex);
    return true;
}

/* Runs until it hears that it should end. */
static bool
run_until_lost(TaskRun *run, void *data, GError **error)
{
    Stage *stage = data;

    stage_begin(stage);
    while (!task_run_is_lost(run))
        g_usleep(1000);
    g_mutex_lock(&stage->mutex);
    stage->saw_lost = true;
    g_cond_broadcast(&stage->changed);
    g_mutex_unlock(&stage->mutex);
    return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "ended early");
}

/* The effect and the end of the task are one transaction. */
static bool
finish_with_effect(TaskRun *run, void *data, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(task_run_db(run), DB_WRITE, error);

    stage_begin(data);
    return tx != NULL &&
           db_exec(tx, SQL("INSERT INTO effect (task_id) VALUES ($1)"), DB_ARGS(db_int(task_run_task(run)->id)), NULL,
                   error) &&
           task_finish(tx, task_run_task(run), QUEUE_BEGINS_US, error) && db_commit_auto(&tx, error);
}

/* Writes something, twice, and knows nothing of fences. Between the two it waits for the test. */
static bool
write_twice(TaskRun *run, void *data, GError **error)
{
    for (int i = 1; i <= 2; i++) {
        g_autoptr(DbTx) tx = db_begin(task_run_db(run), DB_WRITE, error);

        if (tx == NULL ||
            !db_exec(tx, SQL("INSERT INTO effect (task_id) VALUES ($1)"), DB_ARGS(db_int(i)), NULL, error) ||
            !db_commit_auto(&tx, error))
            return false;
        if (i == 1 && !wait_for_leave(run, data, error))
            return false;
    }
    return true;
}

static const TaskKind KINDS[] = {
    {.name = "succeed", .run = succeed, .attempts = 3},
    {.name = "fail", .run = fail, .attempts = 3},
    {.name = "throttled", .run = fail_and_wait, .attempts = 3},
    {.name = "wait", .run = wait_for_leave, .attempts = 1},
    {.name = "lost", .run = run_until_lost, .attempts = 1},
    {.name = "effect", .run = finish_with_effect, .attempts = 3},
    {.name = "write", .run = write_twice, .attempts = 3},
};

static Workers *
start(Queue *q, Stage *stage, unsigned threads, int64_t lease_us)
{
    static WorkersSpec spec;

    spec = (WorkersSpec){.database_url = q->test->url,
                         .kinds = KINDS,
                         .kind_count = G_N_ELEMENTS(KINDS),
                         .threads = threads,
                         .lease_us = lease_us,
                         .name = "test",
                         .clock = clock_system(),
                         .random = random_system(),
                         .mint = &q->mint,
                         .data = stage};
    return workers_start(&spec);
}

/* Waits until the number is right; the test's own limit of time says when it never will be. */
static void
wait_for_int(Queue *q, const char *sql, int64_t wanted)
{
    while (db_test_int(q->db, sql) != wanted)
        g_usleep(5000);
}

static void
a_task_is_run_and_done(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;

    queue_init(&q, test);
    stage_init(&stage);
    queue_add(&q, "succeed", "x");
    workers = start(&q, &stage, 2, US_PER_MINUTE);
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 2", 1);
    queue_add(&q, "succeed", "y");
    workers_wake(workers);
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 2", 2);
    workers_stop(workers);
    g_assert_cmpint(stage.started, ==, 2);
}

static void
a_failed_task_waits_and_is_buried_when_its_attempts_are_used_up(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;
    Id id;

    queue_init(&q, test);
    stage_init(&stage);
    id = queue_add(&q, "fail", "x");
    workers = start(&q, &stage, 2, US_PER_MINUTE);
    for (int attempt = 1; attempt <= 2; attempt++) {
        g_autofree char *sql = g_strdup_printf("SELECT COUNT(*) FROM task WHERE state = 0 AND attempts = %d", attempt);

        wait_for_int(&q, sql, 1);
        g_assert_cmpint(queue_int(&q, id, "run_at_us") - clock_now_us(clock_system()), <=, 4 * US_PER_SECOND);
        db_test_exec(q.db, "UPDATE task SET run_at_us = 0 WHERE state = 0");
        workers_wake(workers);
    }
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 3", 1);
    workers_stop(workers);
    g_assert_cmpint(stage.started, ==, 3);
    queue_assert_message(&q, id, "the partner is away");
}

static void
a_failed_task_waits_for_as_long_as_its_handler_was_told(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;
    Id id;

    queue_init(&q, test);
    stage_init(&stage);
    id = queue_add(&q, "throttled", "x");
    workers = start(&q, &stage, 2, US_PER_MINUTE);
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 0 AND attempts = 1", 1);
    workers_stop(workers);
    g_assert_cmpint(queue_int(&q, id, "run_at_us") - clock_now_us(clock_system()), >, 59 * US_PER_MINUTE);
    g_assert_cmpint(stage.started, ==, 1);
}

static void
a_hopeless_task_is_buried_at_once(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;

    queue_init(&q, test);
    stage_init(&stage);
    stage.failure = WEIR_ERROR_INVALID;
    queue_add(&q, "fail", "x");
    workers = start(&q, &stage, 2, US_PER_MINUTE);
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 3", 1);
    workers_stop(workers);
    g_assert_cmpint(stage.started, ==, 1);
}

static void
a_task_that_ends_its_workers_is_buried_without_being_run_again(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;

    queue_init(&q, test);
    stage_init(&stage);
    queue_add(&q, "succeed", "x");
    /* Three times given to workers that were never heard of again. */
    db_test_exec(q.db, "UPDATE task SET state = 1, attempts = 3, fence = 3, lease_until_us = 1");
    workers = start(&q, &stage, 1, US_PER_MINUTE);
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 3", 1);
    workers_stop(workers);
    g_assert_cmpint(stage.started, ==, 0);
}

static void
renewals_keep_a_task_that_takes_longer_than_its_lease(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;
    int64_t first_end_us;
    Id id;

    queue_init(&q, test);
    stage_init(&stage);
    id = queue_add(&q, "wait", "x");
    workers = start(&q, &stage, 3, US_PER_SECOND);
    stage_wait_started(&stage, 1);
    first_end_us = queue_int(&q, id, "lease_until_us");
    while (clock_now_us(clock_system()) < first_end_us + US_PER_SECOND)
        g_usleep(10000);
    g_assert_cmpint(queue_int(&q, id, "lease_until_us"), >, first_end_us);
    stage_open(&stage);
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 2", 1);
    workers_stop(workers);
    g_assert_cmpint(stage.started, ==, 1);
    g_assert_cmpint(queue_int(&q, id, "attempts"), ==, 1);
}

static void
a_handler_hears_that_its_task_passed_to_another(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;
    Id id;

    queue_init(&q, test);
    stage_init(&stage);
    id = queue_add(&q, "lost", "x");
    workers = start(&q, &stage, 1, US_PER_SECOND);
    stage_wait_started(&stage, 1);
    db_test_exec(q.db, "UPDATE task SET fence = fence + 1, lease_until_us = 9000000000000000");
    g_mutex_lock(&stage.mutex);
    while (!stage.saw_lost)
        g_cond_wait(&stage.changed, &stage.mutex);
    g_mutex_unlock(&stage.mutex);
    workers_stop(workers);
    g_assert_cmpint(queue_state(&q, id), ==, TASK_RUNNING); /* the other's, untouched */
    queue_assert_message(&q, id, NULL);
}

static void
stopping_ends_a_handler_and_puts_its_task_back(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Id id;
    Workers *workers;

    queue_init(&q, test);
    stage_init(&stage);
    id = queue_add(&q, "lost", "x");
    workers = start(&q, &stage, 2, US_PER_MINUTE);
    stage_wait_started(&stage, 1);
    workers_stop(workers);
    g_assert_true(stage.saw_lost);
    g_assert_cmpint(queue_state(&q, id), ==, TASK_READY);
    g_assert_cmpint(queue_int(&q, id, "attempts"), ==, 0);
    g_assert_cmpint(queue_int(&q, id, "run_at_us"), <=, clock_now_us(clock_system()));
}

static void
a_handler_may_finish_its_task_with_its_effect(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;

    queue_init(&q, test);
    stage_init(&stage);
    db_test_exec(q.db, "CREATE TABLE effect (task_id BIGINT PRIMARY KEY)");
    for (int i = 0; i < 20; i++) {
        g_autofree char *key = g_strdup_printf("%d", i);

        queue_add(&q, "effect", key);
    }
    workers = start(&q, &stage, 3, US_PER_MINUTE);
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 2", 20);
    workers_stop(workers);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM effect"), ==, 20);
    g_assert_cmpint(stage.started, ==, 20);
}

static void
a_worker_whose_task_passed_to_another_changes_nothing_more(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;
    Id id;

    queue_init(&q, test);
    stage_init(&stage);
    db_test_exec(q.db, "CREATE TABLE effect (task_id BIGINT PRIMARY KEY)");
    id = queue_add(&q, "write", "x");
    workers = start(&q, &stage, 1, US_PER_MINUTE);
    stage_wait_started(&stage, 1);
    /* The lease is long: nothing but the fence in the transaction itself can tell. */
    db_test_exec(q.db, "UPDATE task SET fence = fence + 1, worker = 'another', lease_until_us = 9000000000000000");
    stage_open(&stage);
    queue_add(&q, "succeed", "y"); /* done next by the same thread, whose connection is free again */
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 2", 1);
    workers_stop(workers);
    g_assert_cmpint(db_test_int(q.db, "SELECT CAST(SUM(task_id) AS BIGINT) FROM effect"), ==, 1);
    g_assert_cmpint(queue_state(&q, id), ==, TASK_RUNNING);
    queue_assert_message(&q, id, NULL);
}

static void
work_goes_on_when_the_database_comes_back(DbTest *test)
{
    g_auto(Queue) q;
    Stage stage;
    Workers *workers;

    queue_init(&q, test);
    stage_init(&stage);
    db_test_exec(q.db, "ALTER TABLE task RENAME TO away");
    workers = start(&q, &stage, 2, US_PER_MINUTE);
    g_usleep(300000); /* the workers meet the trouble; how often does not matter */
    db_test_exec(q.db, "ALTER TABLE away RENAME TO task");
    queue_add(&q, "succeed", "x");
    workers_wake(workers);
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 2", 1);
    if (test->engine == DB_ENGINE_POSTGRES) { /* every connection but ours is cut */
        db_test_exec(q.db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                           "datname = current_database()");
        queue_add(&q, "succeed", "y");
        wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state = 2", 2);
    }
    workers_stop(workers);
}

/* ---- processes ---- */

#define TICKS          300
#define PROCESSES      3
#define PROCESS_LEASE  (300 * US_PER_MS)
#define SCHEDULE_COUNT 10

/* Each slot of a schedule may have one effect: a second is refused by the table and would be seen. */
static bool
book_slot(TaskRun *run, void *data G_GNUC_UNUSED, GError **error)
{
    const Task *task = task_run_task(run);
    g_autoptr(DbTx) tx = db_begin(task_run_db(run), DB_WRITE, error);

    g_usleep(100000); /* so that a death finds tasks at work */
    return tx != NULL &&
           db_exec(tx, SQL("INSERT INTO effect (task_id, fence) VALUES ($1, $2)"),
                   DB_ARGS(db_int(task->id), db_int(task->fence)), NULL, error) &&
           task_finish(tx, task, clock_now_us(clock_system()), error) && db_commit_auto(&tx, error);
}

static const TaskKind BOOK[] = {{.name = "book", .run = book_slot, .attempts = 1000}};

/* Runs in a process of its own until it is killed. */
G_GNUC_NORETURN static void
work_for_ever(const char *url, unsigned node)
{
    IdMint mint;
    WorkersSpec spec = {.database_url = url,
                        .kinds = BOOK,
                        .kind_count = 1,
                        .threads = 2,
                        .lease_us = PROCESS_LEASE,
                        .name = "process",
                        .clock = clock_system(),
                        .random = random_system(),
                        .mint = &mint};

    id_mint_init(&mint, clock_system(), node);
    workers_start(&spec);
    for (;;)
        pause();
}

/* Forks again and again from a process without threads: the test's own, before GLib starts any in it. */
static pid_t
fork_worker(const char *url, unsigned node)
{
    pid_t pid = fork();

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0)
        work_for_ever(url, node);
    return pid;
}

static void
put_schedules(Queue *q)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(q->db, DB_WRITE, &error);

    for (int i = 0; i < SCHEDULE_COUNT; i++) {
        g_autofree char *name = g_strdup_printf("s%d", i);
        const ScheduleSpec spec = {.name = name,
                                   .kind = "book",
                                   .key = name,
                                   .payload = "",
                                   .every_us = 500 * US_PER_MS,
                                   .missed = MISSED_ALL};

        g_assert_true(schedule_put(tx, &spec, clock_now_us(clock_system()), &error));
    }
    g_assert_true(db_commit_auto(&tx, &error));
}

static void
end_process(pid_t pid)
{
    int status;

    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
}

/* Kills one, or freezes it until another has taken over its tasks; then a new one or the thawed one goes on. */
static void
harm(const char *url, pid_t *processes, unsigned round)
{
    pid_t *victim = &processes[round % PROCESSES];

    if (round % 2 == 0) {
        end_process(*victim);
        *victim = fork_worker(url, 10 + round);
    } else {
        g_assert_cmpint(kill(*victim, SIGSTOP), ==, 0);
        g_usleep(2 * PROCESS_LEASE);
        g_assert_cmpint(kill(*victim, SIGCONT), ==, 0);
    }
}

static void
each_tick_has_its_effect_once_though_processes_die_and_freeze(DbTest *test)
{
    g_auto(Queue) q;
    pid_t processes[PROCESSES];

    queue_init(&q, test);
    db_test_exec(q.db, "CREATE TABLE effect (task_id BIGINT PRIMARY KEY, fence BIGINT NOT NULL)");
    put_schedules(&q);
    for (unsigned i = 0; i < PROCESSES; i++)
        processes[i] = fork_worker(test->url, i);
    for (unsigned round = 0; db_test_int(q.db, "SELECT COUNT(*) FROM schedule_slot") < TICKS; round++) {
        harm(test->url, processes, round);
        g_usleep(200000);
    }
    db_test_exec(q.db, "UPDATE schedule SET paused = 1");
    wait_for_int(&q, "SELECT COUNT(*) FROM task WHERE state IN (0, 1)", 0);
    for (unsigned i = 0; i < PROCESSES; i++)
        end_process(processes[i]);
    /* None lost: each slot has its task, each task its effect. None twice: the keys are unique, and no task failed. */
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM schedule_slot s WHERE NOT EXISTS "
                                      "(SELECT 1 FROM task t JOIN effect e ON e.task_id = t.id WHERE t.id = s.task_id "
                                      "AND t.state = 2 AND e.fence = t.fence)"),
                    ==, 0);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task"), ==,
                    db_test_int(q.db, "SELECT COUNT(*) FROM schedule_slot"));
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM effect"), ==,
                    db_test_int(q.db, "SELECT COUNT(*) FROM schedule_slot"));
    /* All slots between the first and the last were ticked. */
    g_assert_cmpint(db_test_int(q.db, "SELECT CAST(SUM(gaps) AS BIGINT) FROM (SELECT (MAX(slot_us) - MIN(slot_us)) / "
                                      "500000 + 1 - COUNT(*) AS gaps FROM schedule_slot GROUP BY schedule) AS g"),
                    ==, 0);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task WHERE attempts > 1"), >, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    /* First, while this process has no threads. */
    DB_TEST_ON(DB_ENGINE_POSTGRES, "tasks", each_tick_has_its_effect_once_though_processes_die_and_freeze);
    DB_TEST("tasks", a_task_is_run_and_done);
    DB_TEST("tasks", a_failed_task_waits_and_is_buried_when_its_attempts_are_used_up);
    DB_TEST("tasks", a_failed_task_waits_for_as_long_as_its_handler_was_told);
    DB_TEST("tasks", a_hopeless_task_is_buried_at_once);
    DB_TEST("tasks", a_task_that_ends_its_workers_is_buried_without_being_run_again);
    DB_TEST("tasks", renewals_keep_a_task_that_takes_longer_than_its_lease);
    DB_TEST("tasks", a_handler_hears_that_its_task_passed_to_another);
    DB_TEST("tasks", stopping_ends_a_handler_and_puts_its_task_back);
    DB_TEST("tasks", a_handler_may_finish_its_task_with_its_effect);
    DB_TEST("tasks", a_worker_whose_task_passed_to_another_changes_nothing_more);
    DB_TEST("tasks", work_goes_on_when_the_database_comes_back);
    return db_test_run();
}
