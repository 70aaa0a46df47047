/* The queue: states, leases and fences, on both engines. */
#include "tasks/task_test.h"

#define LEASE_US (30 * US_PER_SECOND)

static void
a_task_goes_from_ready_over_running_to_done(DbTest *test)
{
    g_auto(Queue) q;
    Id id;
    Task task;

    queue_init(&q, test);
    id = queue_add(&q, "feed.pull", "acme");
    g_assert_cmpint(queue_state(&q, id), ==, TASK_READY);
    task = queue_claim(&q, "feed.pull", LEASE_US);
    g_assert_cmpint(task.id, ==, id);
    g_assert_true(str_is(task.kind, "feed.pull") && str_is(task.key, "acme") && str_is(task.payload, "p"));
    g_assert_cmpint(task.attempt, ==, 1);
    g_assert_cmpint(queue_state(&q, id), ==, TASK_RUNNING);
    queue_assert_idle(&q, "feed.pull");
    queue_finish(&q, &task);
    g_assert_cmpint(queue_state(&q, id), ==, TASK_DONE);
    fake_clock_advance_us(&q.clock, US_PER_DAY);
    queue_assert_idle(&q, "feed.pull");
}

static void
a_task_exists_only_when_its_transaction_commits(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    DbTx *tx;

    queue_init(&q, test);
    tx = db_begin(q.db, DB_WRITE, &error);
    g_assert_true(task_add(tx, &(TaskSpec){"k", "x", "", q.clock.now, NULL, 0}, &q.mint, NULL, &error));
    db_rollback(tx);
    queue_assert_idle(&q, "k");
}

static void
a_live_task_is_unique_by_kind_and_key(DbTest *test)
{
    g_auto(Queue) q;
    Task task;

    queue_init(&q, test);
    g_assert_cmpint(queue_add(&q, "k", "x"), !=, ID_NONE);
    g_assert_cmpint(queue_add(&q, "k", "x"), ==, ID_NONE);
    g_assert_cmpint(queue_add(&q, "k", "y"), !=, ID_NONE);
    g_assert_cmpint(queue_add(&q, "other", "x"), !=, ID_NONE);
    task = queue_claim(&q, "k", LEASE_US);
    g_assert_true(str_is(task.key, "x"));
    g_assert_cmpint(queue_add(&q, "k", "x"), ==, ID_NONE); /* running is live as well */
    queue_finish(&q, &task);
    g_assert_cmpint(queue_add(&q, "k", "x"), !=, ID_NONE);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task"), ==, 4);
}

static void
a_task_waits_for_its_moment_and_the_most_urgent_goes_first(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    const int64_t waits_us[] = {20 * US_PER_SECOND, 10 * US_PER_SECOND, 30 * US_PER_SECOND};
    const char *const keys[] = {"second", "first", "third"};

    queue_init(&q, test);
    for (int i = 0; i < 3; i++) {
        DbTx *tx = db_begin(q.db, DB_WRITE, &error);

        g_assert_true(
            task_add(tx, &(TaskSpec){"k", keys[i], "", q.clock.now + waits_us[i], NULL, 0}, &q.mint, NULL, &error));
        g_assert_true(db_commit(tx, &error));
    }
    fake_clock_advance_us(&q.clock, 10 * US_PER_SECOND - 1);
    queue_assert_idle(&q, "k");
    fake_clock_advance_us(&q.clock, 1);
    g_assert_true(str_is(queue_claim(&q, "k", US_PER_DAY).key, "first"));
    queue_assert_idle(&q, "k");
    fake_clock_advance_us(&q.clock, US_PER_MINUTE);
    g_assert_true(str_is(queue_claim(&q, "k", US_PER_DAY).key, "second"));
    g_assert_true(str_is(queue_claim(&q, "k", US_PER_DAY).key, "third"));
}

static void
assert_refused(Queue *q, const Task *old, bool (*change)(DbTx *, const Task *, int64_t, GError **))
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(q->db, DB_WRITE, &error);

    g_assert_no_error(error);
    g_assert_false(change(tx, old, q->clock.now, &error));
    assert_error_code(&error, WEIR_ERROR_CONFLICT);
}

static bool
check(DbTx *tx, const Task *task, int64_t now_us G_GNUC_UNUSED, GError **error)
{
    return task_check(tx, task, error);
}

static void
assert_own(Queue *q, const Task *task)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(q->db, DB_WRITE, &error);

    g_assert_true(task_check(tx, task, &error) && db_commit_auto(&tx, &error));
}

static bool
retry(DbTx *tx, const Task *task, int64_t now_us, GError **error)
{
    return task_retry(tx, task, now_us, "m", error);
}

static bool
bury(DbTx *tx, const Task *task, int64_t now_us, GError **error)
{
    return task_bury(tx, task, now_us, "m", error);
}

static void
assert_refused_everywhere(Queue *q, const Task *old)
{
    g_autoptr(GError) error = NULL;

    assert_refused(q, old, check);
    assert_refused(q, old, task_finish);
    assert_refused(q, old, retry);
    assert_refused(q, old, bury);
    assert_refused(q, old, task_release);
    g_assert_false(task_renew(q->db, old, &q->clock.clock, LEASE_US, &error));
    assert_error_code(&error, WEIR_ERROR_CONFLICT);
}

static void
a_task_whose_lease_ended_is_given_to_another_and_the_old_one_is_refused_everywhere(DbTest *test)
{
    g_auto(Queue) q;
    Task first, second;

    queue_init(&q, test);
    queue_add(&q, "k", "x");
    first = queue_claim(&q, "k", LEASE_US);
    fake_clock_advance_us(&q.clock, LEASE_US - 1);
    queue_assert_idle(&q, "k");
    fake_clock_advance_us(&q.clock, 1);
    second = queue_claim(&q, "k", LEASE_US);
    g_assert_cmpint(second.id, ==, first.id);
    g_assert_cmpint(second.fence, >, first.fence);
    g_assert_cmpint(second.attempt, ==, 2);
    assert_refused_everywhere(&q, &first);
    queue_finish(&q, &second);
    assert_refused_everywhere(&q, &first);
    g_assert_cmpint(queue_state(&q, first.id), ==, TASK_DONE);
}

static void
a_renewed_lease_keeps_the_task(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    Task task;

    queue_init(&q, test);
    queue_add(&q, "k", "x");
    task = queue_claim(&q, "k", LEASE_US);
    for (int i = 0; i < 5; i++) {
        fake_clock_advance_us(&q.clock, LEASE_US - 1);
        queue_assert_idle(&q, "k");
        g_assert_true(task_renew(q.db, &task, &q.clock.clock, LEASE_US, &error));
    }
    assert_own(&q, &task);
    queue_finish(&q, &task);
}

static void
finishing_the_same_grant_again_is_no_error(DbTest *test)
{
    g_auto(Queue) q;
    Task task;

    queue_init(&q, test);
    queue_add(&q, "k", "x");
    task = queue_claim(&q, "k", LEASE_US);
    queue_finish(&q, &task);
    fake_clock_advance_us(&q.clock, US_PER_SECOND);
    queue_finish(&q, &task);
    g_assert_cmpint(queue_int(&q, task.id, "finished_at_us"), ==, QUEUE_BEGINS_US);
    assert_refused(&q, &task, retry);
    assert_own(&q, &task);
}

static void
a_failed_task_comes_back_at_its_time_with_a_higher_fence(DbTest *test)
{
    g_auto(Queue) q;
    Task first, second;

    queue_init(&q, test);
    queue_add(&q, "k", "x");
    first = queue_claim(&q, "k", LEASE_US);
    queue_retry(&q, &first, US_PER_MINUTE, "no answer");
    queue_assert_message(&q, first.id, "no answer");
    g_assert_cmpint(queue_state(&q, first.id), ==, TASK_READY);
    fake_clock_advance_us(&q.clock, US_PER_MINUTE - 1);
    queue_assert_idle(&q, "k");
    fake_clock_advance_us(&q.clock, 1);
    second = queue_claim(&q, "k", LEASE_US);
    g_assert_cmpint(second.attempt, ==, 2);
    g_assert_cmpint(second.fence, >, first.fence);
    assert_refused_everywhere(&q, &first);
    queue_finish(&q, &second);
    queue_assert_message(&q, first.id, NULL);
}

static void
a_released_task_is_ready_at_once_and_its_attempt_does_not_count(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    Task first, second;
    DbTx *tx;

    queue_init(&q, test);
    queue_add(&q, "k", "x");
    first = queue_claim(&q, "k", LEASE_US);
    tx = db_begin(q.db, DB_WRITE, &error);
    g_assert_true(task_release(tx, &first, q.clock.now, &error));
    g_assert_true(db_commit(tx, &error));
    second = queue_claim(&q, "k", LEASE_US);
    g_assert_cmpint(second.attempt, ==, 1);
    g_assert_cmpint(second.fence, >, first.fence);
    assert_refused_everywhere(&q, &first);
}

static void
a_buried_task_is_dead_until_it_is_revived(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    Task task;
    DbTx *tx;

    queue_init(&q, test);
    queue_add(&q, "k", "x");
    task = queue_claim(&q, "k", LEASE_US);
    queue_bury(&q, &task, "hopeless");
    g_assert_cmpint(queue_state(&q, task.id), ==, TASK_DEAD);
    queue_assert_message(&q, task.id, "hopeless");
    fake_clock_advance_us(&q.clock, US_PER_DAY);
    queue_assert_idle(&q, "k");
    tx = db_begin(q.db, DB_WRITE, &error);
    g_assert_true(task_revive(tx, task.id, q.clock.now, &error));
    g_assert_true(db_commit(tx, &error));
    g_assert_cmpint(queue_claim(&q, "k", LEASE_US).attempt, ==, 1);
    assert_refused_everywhere(&q, &task);
}

static void
only_dead_tasks_are_revived_and_not_beside_a_live_one(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    Task task;
    DbTx *tx;

    queue_init(&q, test);
    queue_add(&q, "k", "x");
    task = queue_claim(&q, "k", LEASE_US);
    tx = db_begin(q.db, DB_WRITE, &error);
    g_assert_false(task_revive(tx, task.id, q.clock.now, &error));
    assert_error_code(&error, WEIR_ERROR_NOT_FOUND);
    db_rollback(tx);
    queue_bury(&q, &task, "m");
    queue_add(&q, "k", "x");
    tx = db_begin(q.db, DB_WRITE, &error);
    g_assert_false(task_revive(tx, task.id, q.clock.now, &error));
    assert_error_code(&error, WEIR_ERROR_CONFLICT);
    db_rollback(tx);
}

static void
any_message_can_be_stored(DbTest *test)
{
    g_autofree char *longer = g_strnfill(5000, 'a');
    g_auto(Queue) q;
    Task task;

    queue_init(&q, test);
    queue_add(&q, "k", "x");
    task = queue_claim(&q, "k", LEASE_US);
    queue_retry(&q, &task, 0, "partner said \xff\xfe!");
    queue_assert_message(&q, task.id, "partner said \xef\xbf\xbd\xef\xbf\xbd!");
    task = queue_claim(&q, "k", LEASE_US);
    memcpy(longer + 999, "\xc3\xa9", 2); /* the limit falls into a letter */
    queue_bury(&q, &task, longer);
    longer[999] = '\0';
    queue_assert_message(&q, task.id, longer);
}

static void
a_sweep_forgets_old_done_tasks_and_nothing_else(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    Task old, dead, young;
    int64_t removed;
    bool more;
    DbTx *tx;

    queue_init(&q, test);
    queue_add(&q, "k", "old");
    old = queue_claim(&q, "k", LEASE_US);
    queue_finish(&q, &old);
    queue_add(&q, "k", "dead");
    dead = queue_claim(&q, "k", LEASE_US);
    queue_bury(&q, &dead, "m");
    fake_clock_advance_us(&q.clock, US_PER_DAY);
    queue_add(&q, "k", "young");
    young = queue_claim(&q, "k", LEASE_US);
    queue_finish(&q, &young);
    queue_add(&q, "k", "ready");
    tx = db_begin(q.db, DB_WRITE, &error);
    g_assert_true(task_sweep(tx, QUEUE_BEGINS_US + 1, 100, &removed, &more, &error));
    g_assert_true(db_commit(tx, &error));
    g_assert_cmpint(removed, ==, 1);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task WHERE key = 'old'"), ==, 0);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task"), ==, 3);
}

static void
a_sweep_takes_no_more_than_its_limit_at_a_time(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    int64_t removed, left = 7;
    bool more = true;

    queue_init(&q, test);
    for (int i = 0; i < 7; i++) {
        Task task;

        queue_add(&q, "k", "x");
        task = queue_claim(&q, "k", LEASE_US);
        queue_finish(&q, &task);
    }
    while (more) {
        DbTx *tx = db_begin(q.db, DB_WRITE, &error);

        g_assert_true(task_sweep(tx, QUEUE_BEGINS_US + 1, 3, &removed, &more, &error) && db_commit(tx, &error));
        g_assert_cmpint(removed, ==, MIN(left, 3));
        left -= removed;
        g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task"), ==, left);
    }
    g_assert_cmpint(left, ==, 0);
}

static void
a_sweep_forgets_dead_tasks_with_what_did_their_work_later(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    int64_t removed;
    bool more;
    DbTx *tx;

    queue_init(&q, test);
    for (int i = 0; i < 3; i++) {
        Task task;

        queue_add(&q, "k", "elm");
        task = queue_claim(&q, "k", LEASE_US);
        if (i == 1)
            queue_finish(&q, &task);
        else
            queue_bury(&q, &task, i == 0 ? "overcome" : "stands");
        fake_clock_advance_us(&q.clock, US_PER_DAY);
    }
    tx = db_begin(q.db, DB_WRITE, &error);
    g_assert_true(task_sweep(tx, QUEUE_BEGINS_US + US_PER_DAY, 100, &removed, &more, &error));
    g_assert_true(db_commit(tx, &error));
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task"), ==, 3);
    tx = db_begin(q.db, DB_WRITE, &error);
    g_assert_true(task_sweep(tx, QUEUE_BEGINS_US + US_PER_DAY + 1, 100, &removed, &more, &error));
    g_assert_true(db_commit(tx, &error));
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task"), ==, 1);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task WHERE message = 'stands'"), ==, 1);
}

static void
tasks_of_other_kinds_are_left_to_others(DbTest *test)
{
    g_auto(Queue) q;
    const char *const both[] = {"a", "b", NULL};
    g_autoptr(GError) error = NULL;
    Task task;

    queue_init(&q, test);
    queue_add(&q, "b", "x");
    queue_assert_idle(&q, "a");
    g_assert_true(task_claim(q.db, both, &q.clock.clock, LEASE_US, "w", q.arena, &task, &error));
    g_assert_true(str_is(task.kind, "b"));
    fake_clock_advance_us(&q.clock, LEASE_US);
    queue_assert_idle(&q, "a"); /* nor taken over from a worker that is gone */
}

typedef struct {
    DbTest *test;
    FakeClock *clock;
    GMutex *mutex;
    GHashTable *taken;
} Claimer;

static gpointer
claim_all(gpointer data)
{
    Claimer *claimer = data;
    const char *const kinds[] = {"k", NULL};
    g_autoptr(Db) db = db_test_open(claimer->test);
    g_autoptr(Arena) arena = arena_new(4096);

    for (;;) {
        g_autoptr(GError) error = NULL;
        Task task;

        if (!task_claim(db, kinds, &claimer->clock->clock, US_PER_HOUR, "w", arena, &task, &error)) {
            assert_error_code(&error, WEIR_ERROR_NOT_FOUND);
            return NULL;
        }
        g_mutex_lock(claimer->mutex);
        g_assert_true(g_hash_table_add(claimer->taken, g_memdup2(&task.id, sizeof task.id)));
        g_mutex_unlock(claimer->mutex);
    }
}

static void
many_threads_share_the_tasks_without_taking_one_twice(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GHashTable) taken = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    GMutex mutex;
    GThread *threads[6];
    Claimer claimer = {test, &q.clock, &mutex, taken};

    queue_init(&q, test);
    g_mutex_init(&mutex);
    for (int i = 0; i < 60; i++) {
        g_autofree char *key = g_strdup_printf("%d", i);

        queue_add(&q, "k", key);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("claimer", claim_all, &claimer);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(g_hash_table_size(taken), ==, 60);
    g_mutex_clear(&mutex);
}

static void
waiting_doubles_from_two_seconds_to_an_hour_and_half_of_it_is_chance(void)
{
    SeededRandom random;
    int64_t whole_us = 2 * US_PER_SECOND;

    seeded_random_init(&random, 3);
    for (int64_t attempts = 1; attempts < 80; attempts++) {
        int64_t least_us = INT64_MAX, most_us = 0;

        for (int i = 0; i < 500; i++) {
            int64_t wait_us = task_backoff_us(attempts, &random.random);

            least_us = MIN(least_us, wait_us);
            most_us = MAX(most_us, wait_us);
        }
        g_assert_cmpint(least_us, >=, whole_us / 2);
        g_assert_cmpint(most_us, <=, whole_us);
        g_assert_cmpint(most_us - least_us, >, whole_us / 4);
        whole_us = MIN(whole_us * 2, US_PER_HOUR);
    }
    g_assert_cmpint(task_backoff_us(0, &random.random), <=, 2 * US_PER_SECOND);
}

static void
what_can_not_get_better_by_itself_is_hopeless(void)
{
    static const bool HOPELESS[] = {[WEIR_ERROR_INVALID] = true,
                                    [WEIR_ERROR_NOT_FOUND] = true,
                                    [WEIR_ERROR_BROKEN] = true,
                                    [WEIR_ERROR_UNAVAILABLE] = false,
                                    [WEIR_ERROR_CONFLICT] = false};

    for (int code = 0; code < (int)G_N_ELEMENTS(HOPELESS); code++) {
        g_autoptr(GError) error = g_error_new_literal(WEIR_ERROR, code, "m");

        g_assert_true(task_is_hopeless(error) == HOPELESS[code]);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tasks/waiting doubles from two seconds to an hour and half of it is chance",
                    waiting_doubles_from_two_seconds_to_an_hour_and_half_of_it_is_chance);
    g_test_add_func("/tasks/what can not get better by itself is hopeless",
                    what_can_not_get_better_by_itself_is_hopeless);
    DB_TEST("tasks", a_task_goes_from_ready_over_running_to_done);
    DB_TEST("tasks", a_task_exists_only_when_its_transaction_commits);
    DB_TEST("tasks", a_live_task_is_unique_by_kind_and_key);
    DB_TEST("tasks", a_task_waits_for_its_moment_and_the_most_urgent_goes_first);
    DB_TEST("tasks", a_task_whose_lease_ended_is_given_to_another_and_the_old_one_is_refused_everywhere);
    DB_TEST("tasks", a_renewed_lease_keeps_the_task);
    DB_TEST("tasks", finishing_the_same_grant_again_is_no_error);
    DB_TEST("tasks", a_failed_task_comes_back_at_its_time_with_a_higher_fence);
    DB_TEST("tasks", a_released_task_is_ready_at_once_and_its_attempt_does_not_count);
    DB_TEST("tasks", a_buried_task_is_dead_until_it_is_revived);
    DB_TEST("tasks", only_dead_tasks_are_revived_and_not_beside_a_live_one);
    DB_TEST("tasks", any_message_can_be_stored);
    DB_TEST("tasks", a_sweep_takes_no_more_than_its_limit_at_a_time);
    DB_TEST("tasks", a_sweep_forgets_old_done_tasks_and_nothing_else);
    DB_TEST("tasks", a_sweep_forgets_dead_tasks_with_what_did_their_work_later);
    DB_TEST("tasks", tasks_of_other_kinds_are_left_to_others);
    DB_TEST("tasks", many_threads_share_the_tasks_without_taking_one_twice);
    return db_test_run();
}
