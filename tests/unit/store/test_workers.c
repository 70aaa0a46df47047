/* Database workers: bounded, each with a connection of its own, nothing queued is dropped. */
#include "store/db_workers.h"

#include "support/db_test.h"

typedef struct {
    GMutex lock;
    GCond changed;
    bool open;
    int waiting, failed;
} Gate;

static void
add_one(Db *db, const GError *error, void *data)
{
    g_assert_no_error(error);
    db_test_exec(db, data);
}

static void
wait_at_gate(Db *db G_GNUC_UNUSED, const GError *error, void *data)
{
    Gate *gate = data;

    g_mutex_lock(&gate->lock);
    gate->failed += error != NULL;
    gate->waiting++;
    g_cond_broadcast(&gate->changed);
    while (!gate->open)
        g_cond_wait(&gate->changed, &gate->lock);
    g_mutex_unlock(&gate->lock);
}

static void
what_was_queued_is_done_before_the_workers_end(DbTest *test)
{
    DbWorkers *workers = db_workers_new(test->url, 3, 1000);

    db_test_exec(test->db, "CREATE TABLE counter (n INTEGER NOT NULL); INSERT INTO counter VALUES (0)");
    for (int i = 0; i < 100; i++)
        g_assert_true(db_workers_run(workers, add_one, (char *)"UPDATE counter SET n = n + 1"));
    db_workers_free(workers);
    g_assert_cmpint(db_test_int(test->db, "SELECT n FROM counter"), ==, 100);
}

static void
a_full_queue_refuses_more(void)
{
    Gate gate = {.open = false};
    DbWorkers *workers = db_workers_new("sqlite::memory:", 2, 3);

    /* Two are at work ... */
    for (int i = 0; i < 2; i++)
        g_assert_true(db_workers_run(workers, wait_at_gate, &gate));
    g_mutex_lock(&gate.lock);
    while (gate.waiting < 2)
        g_cond_wait(&gate.changed, &gate.lock);
    g_mutex_unlock(&gate.lock);
    /* ... three may wait, and the next is sent away. */
    for (int i = 0; i < 3; i++)
        g_assert_true(db_workers_run(workers, wait_at_gate, &gate));
    g_assert_false(db_workers_run(workers, wait_at_gate, &gate));

    g_mutex_lock(&gate.lock);
    gate.open = true;
    g_cond_broadcast(&gate.changed);
    g_mutex_unlock(&gate.lock);
    db_workers_free(workers);
    g_assert_cmpint(gate.waiting, ==, 5);
}

static void
work_is_told_when_there_is_no_database(void)
{
    Gate gate = {.open = true};
    DbWorkers *workers = db_workers_new("sqlite:/nowhere/at/all.db", 1, 10);

    g_assert_true(db_workers_run(workers, wait_at_gate, &gate));
    g_assert_true(db_workers_run(workers, wait_at_gate, &gate));
    db_workers_free(workers);
    g_assert_cmpint(gate.failed, ==, 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/a full queue refuses more", a_full_queue_refuses_more);
    g_test_add_func("/store/work is told when there is no database", work_is_told_when_there_is_no_database);
    DB_TEST("store", what_was_queued_is_done_before_the_workers_end);
    return db_test_run();
}
