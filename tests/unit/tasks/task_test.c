#include "tasks/task_test.h"

#include "store/migrate.h"

void
queue_init(Queue *queue, DbTest *test)
{
    g_autoptr(GError) error = NULL;

    *queue = (Queue){.test = test, .db = test->db, .arena = arena_new(4096)};
    fake_clock_init(&queue->clock, QUEUE_BEGINS_US);
    seeded_random_init(&queue->random, 7);
    id_mint_init(&queue->mint, &queue->clock.clock, 1);
    g_assert_true(migrate(test->db, &queue->clock.clock, NULL, &error));
    g_assert_no_error(error);
}

void
queue_clear(Queue *queue)
{
    arena_free(queue->arena);
}

static void
commit(DbTx *tx)
{
    g_autoptr(GError) error = NULL;

    if (!db_commit(tx, &error))
        g_assert_no_error(error);
}

static DbTx *
begin(Queue *queue)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx = db_begin(queue->db, DB_WRITE, &error);

    g_assert_no_error(error);
    return tx;
}

Id
queue_add(Queue *queue, const char *kind, const char *key)
{
    const TaskSpec spec = {.kind = kind, .key = key, .payload = "p", .run_at_us = queue->clock.now};
    g_autoptr(GError) error = NULL;
    DbTx *tx = begin(queue);
    Id id = ID_NONE;

    if (!task_add(tx, &spec, &queue->mint, &id, &error))
        g_assert_no_error(error);
    commit(tx);
    return id;
}

Task
queue_claim(Queue *queue, const char *kind, int64_t lease_us)
{
    const char *const kinds[] = {kind, NULL};
    g_autoptr(GError) error = NULL;
    Task task = {0};

    if (!task_claim(queue->db, kinds, &queue->clock.clock, lease_us, "w", queue->arena, &task, &error))
        g_assert_no_error(error);
    return task;
}

void
queue_finish(Queue *queue, const Task *task)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx = begin(queue);

    if (!task_finish(tx, task, queue->clock.now, &error))
        g_assert_no_error(error);
    commit(tx);
}

void
queue_retry(Queue *queue, const Task *task, int64_t after_us, const char *message)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx = begin(queue);

    if (!task_retry(tx, task, queue->clock.now + after_us, message, &error))
        g_assert_no_error(error);
    commit(tx);
}

void
queue_bury(Queue *queue, const Task *task, const char *message)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx = begin(queue);

    if (!task_bury(tx, task, queue->clock.now, message, &error))
        g_assert_no_error(error);
    commit(tx);
}

void
queue_assert_idle(Queue *queue, const char *kind)
{
    const char *const kinds[] = {kind, NULL};
    g_autoptr(GError) error = NULL;
    Task task;

    g_assert_false(task_claim(queue->db, kinds, &queue->clock.clock, US_PER_MINUTE, "w", queue->arena, &task, &error));
    assert_error_code(&error, WEIR_ERROR_NOT_FOUND);
}

int64_t
queue_int(Queue *queue, Id id, const char *column)
{
    g_autofree char *sql = g_strdup_printf("SELECT %s FROM task WHERE id = %" G_GINT64_FORMAT, column, id);

    return db_test_int(queue->db, sql);
}

TaskState
queue_state(Queue *queue, Id id)
{
    return (TaskState)queue_int(queue, id, "state");
}

void
queue_assert_message(Queue *queue, Id id, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(queue->db, DB_READ, &error);
    g_autoptr(DbRows) rows = NULL;
    g_autofree char *stored = NULL;

    g_assert_no_error(error);
    rows = db_query(tx, SQL("SELECT message FROM task WHERE id = $1"), DB_ARGS(db_int(id)), &error);
    g_assert_no_error(error);
    g_assert_true(db_next(rows, &error));
    stored = str_dup(db_get_text(rows, 0));
    g_assert_cmpstr(stored, ==, message);
}

void
assert_error_code(GError **error, WeirError code)
{
    g_assert_nonnull(*error);
    g_assert_cmpstr(weir_error_name(weir_error_code(*error)), ==, weir_error_name(code));
    g_clear_error(error);
}
