#include "tasks/task_list.h"

#include "base/timestamp.h"
#include "tasks/task_test.h"

static void
note_task(void *data, const TaskRow *row)
{
    g_string_append_printf(data, "%.*s %s %d\n", STR_FORMAT(row->key), task_state_name(row->state), (int)row->attempts);
}

/* "KEY STATE ATTEMPTS" of each task. */
static char *
list(Queue *queue, const TaskFilter *filter)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(queue->db, DB_READ, &error);
    GString *text = g_string_new(NULL);

    if (tx == NULL || !task_list(tx, filter, note_task, text, &error))
        g_assert_no_error(error);
    return g_string_free(text, FALSE);
}

static const TaskFilter ALL = {.any_state = true, .limit = TASK_LIST_LIMIT};

static void
add_one_of_each_state(Queue *queue)
{
    static const char *const KEYS[] = {"finished", "buried", "claimed"};
    Task tasks[3];

    for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++) {
        queue_add(queue, "k", KEYS[i]);
        tasks[i] = queue_claim(queue, "k", US_PER_HOUR);
    }
    queue_finish(queue, &tasks[0]);
    queue_bury(queue, &tasks[1], "the partner sent nonsense");
    queue_add(queue, "k", "waiting");
}

static void
tasks_are_listed_newest_first_with_their_states(DbTest *test)
{
    g_auto(Queue) q = {0};
    g_autofree char *text = NULL;

    queue_init(&q, test);
    add_one_of_each_state(&q);
    text = list(&q, &ALL);
    g_assert_cmpstr(text, ==, "waiting ready 0\nclaimed running 1\nburied dead 1\nfinished done 1\n");
}

static void
a_state_and_a_limit_narrow_the_list(DbTest *test)
{
    g_auto(Queue) q = {0};
    g_autofree char *dead = NULL, *newest = NULL;

    queue_init(&q, test);
    add_one_of_each_state(&q);
    dead = list(&q, &(TaskFilter){.state = TASK_DEAD, .limit = 10});
    newest = list(&q, &(TaskFilter){.any_state = true, .limit = 1});
    g_assert_cmpstr(dead, ==, "buried dead 1\n");
    g_assert_cmpstr(newest, ==, "waiting ready 0\n");
}

static void
failing_tasks_are_those_whose_last_attempt_failed(DbTest *test)
{
    g_auto(Queue) q = {0};
    g_autofree char *failing = NULL;
    Task task;

    queue_init(&q, test);
    add_one_of_each_state(&q);
    task = queue_claim(&q, "k", US_PER_HOUR);
    queue_retry(&q, &task, 0, "the partner was silent");
    queue_add(&q, "k", "recovered");
    failing = list(&q, &(TaskFilter){.any_state = true, .failing_only = true, .limit = 10});
    g_assert_cmpstr(failing, ==, "waiting ready 1\nburied dead 1\n");
    task = queue_claim(&q, "k", US_PER_HOUR);
    queue_finish(&q, &task);
    g_free(failing);
    failing = list(&q, &(TaskFilter){.any_state = true, .failing_only = true, .limit = 10});
    g_assert_cmpstr(failing, ==, "buried dead 1\n");
}

static void
a_dead_task_whose_work_was_done_since_fails_no_more(DbTest *test)
{
    g_auto(Queue) q = {0};
    g_autofree char *failing = NULL, *after = NULL;
    const TaskFilter filter = {.any_state = true, .failing_only = true, .limit = 10};
    Task task;

    queue_init(&q, test);
    queue_add(&q, "k", "elm");
    task = queue_claim(&q, "k", US_PER_HOUR);
    queue_bury(&q, &task, "the partner was silent");
    queue_add(&q, "other", "elm");
    task = queue_claim(&q, "other", US_PER_HOUR);
    queue_finish(&q, &task);
    queue_add(&q, "k", "elm");
    failing = list(&q, &filter);
    g_assert_cmpstr(failing, ==, "elm dead 1\n");
    task = queue_claim(&q, "k", US_PER_HOUR);
    queue_finish(&q, &task);
    after = list(&q, &filter);
    g_assert_cmpstr(after, ==, "");
}

static void
a_kind_narrows_the_list(DbTest *test)
{
    g_auto(Queue) q = {0};
    g_autofree char *of_kind = NULL, *of_none = NULL;

    queue_init(&q, test);
    queue_add(&q, "feed.pull", "elm");
    queue_add(&q, "reconcile", "elm");
    of_kind = list(&q, &(TaskFilter){.any_state = true, .kind = "reconcile", .limit = 10});
    of_none = list(&q, &(TaskFilter){.any_state = true, .kind = "recon", .limit = 10});
    g_assert_cmpstr(of_kind, ==, "elm ready 0\n");
    g_assert_cmpstr(of_none, ==, "");
}

static void
check_buried(void *data, const TaskRow *row)
{
    const Queue *queue = data;

    g_assert_true(str_is(row->message, "the partner sent nonsense"));
    g_assert_true(str_is(row->worker, "w"));
    g_assert_true(row->schedule.at == NULL);
    g_assert_cmpint(row->finished_at_us, ==, queue->clock.now);
    g_assert_cmpint(row->started_at_us, ==, TIMESTAMP_NONE);
    g_assert_cmpint(row->lease_until_us, ==, TIMESTAMP_NONE);
}

static void
check_claimed(void *data, const TaskRow *row)
{
    const Queue *queue = data;

    g_assert_cmpint(row->started_at_us, ==, queue->clock.now);
    g_assert_cmpint(row->lease_until_us, ==, queue->clock.now + US_PER_HOUR);
    g_assert_cmpint(row->finished_at_us, ==, TIMESTAMP_NONE);
    g_assert_true(row->message.at == NULL);
}

static void
a_task_tells_who_had_it_and_why_it_failed(DbTest *test)
{
    g_auto(Queue) q = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;

    queue_init(&q, test);
    add_one_of_each_state(&q);
    tx = db_begin(q.db, DB_READ, &error);
    g_assert_true(task_list(tx, &(TaskFilter){.state = TASK_DEAD, .limit = 1}, check_buried, &q, &error));
    g_assert_true(task_list(tx, &(TaskFilter){.state = TASK_RUNNING, .limit = 1}, check_claimed, &q, &error));
    g_assert_no_error(error);
}

static void
tasks_are_counted_by_state(DbTest *test)
{
    g_auto(Queue) q = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    TaskCounts counts;

    queue_init(&q, test);
    add_one_of_each_state(&q);
    queue_add(&q, "k", "waiting too");
    tx = db_begin(q.db, DB_READ, &error);
    g_assert_true(task_count(tx, &counts, &error));
    g_assert_cmpint(counts.of[TASK_READY], ==, 2);
    g_assert_cmpint(counts.of[TASK_RUNNING], ==, 1);
    g_assert_cmpint(counts.of[TASK_DONE], ==, 1);
    g_assert_cmpint(counts.of[TASK_DEAD], ==, 1);
}

static void
note_schedule(void *data, const ScheduleRow *row)
{
    char next[TIMESTAMP_TEXT_SIZE], last[TIMESTAMP_TEXT_SIZE];

    g_string_append_printf(data, "%.*s %" G_GINT64_FORMAT " [%.*s] [%.*s] next %s last %s%s\n", STR_FORMAT(row->name),
                           row->every_us / US_PER_SECOND, STR_FORMAT(row->cron), STR_FORMAT(row->zone),
                           timestamp_format(row->next_slot_us, next),
                           row->last_slot_us == TIMESTAMP_NONE ? "-" : timestamp_format(row->last_slot_us, last),
                           row->paused ? " paused" : "");
}

static void
put_schedules(Queue *queue)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(queue->db, DB_WRITE, &error);
    const ScheduleSpec specs[] = {
        {.name = "a day", .kind = "k", .key = "a", .payload = "", .cron = "0 6 * * *", .zone = "Europe/Berlin"},
        {.name = "b utc", .kind = "k", .key = "b", .payload = "", .cron = "30 0 * * *"},
        {.name = "c often", .kind = "k", .key = "c", .payload = "", .every_us = US_PER_MINUTE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(specs); i++)
        g_assert_true(schedule_put(tx, &specs[i], queue->clock.now, &error));
    g_assert_true(schedule_pause(tx, STR("b utc"), true, &error));
    g_assert_true(db_commit_auto(&tx, &error));
}

static void
schedules_tell_their_rule_their_next_slot_and_the_last_that_fired(DbTest *test)
{
    g_auto(Queue) q = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(DbTx) tx = NULL;
    g_autofree char *expected = NULL;
    int64_t made, next_us, last_us;
    char last[TIMESTAMP_TEXT_SIZE], next[TIMESTAMP_TEXT_SIZE];

    queue_init(&q, test);
    put_schedules(&q);
    g_assert_true(schedule_tick(q.db, &q.clock.clock, &q.mint, &made, &next_us, &error));
    g_assert_cmpint(made, ==, 1);
    last_us = db_test_int(q.db, "SELECT MAX(slot_us) FROM schedule_slot");
    tx = db_begin(q.db, DB_READ, &error);
    g_assert_true(schedule_list(tx, note_schedule, text, &error));
    /* The queue begins on 2026-09-21 at 14:13:20 UTC. */
    expected = g_strdup_printf("a day 0 [0 6 * * *] [Europe/Berlin] next 2026-09-22T04:00:00Z last -\n"
                               "b utc 0 [30 0 * * *] [] next 2026-09-22T00:30:00Z last - paused\n"
                               "c often 60 [] [] next %s last %s\n",
                               timestamp_format(last_us + US_PER_MINUTE, next), timestamp_format(last_us, last));
    g_assert_cmpstr(text->str, ==, expected);
}

static void
states_are_read_by_the_names_they_are_written_with(void)
{
    for (TaskState state = TASK_READY; state <= TASK_DEAD; state++) {
        TaskState read;

        g_assert_true(task_state_parse(str_of(task_state_name(state)), &read));
        g_assert_cmpint(read, ==, state);
        g_assert_false(task_state_parse(STR("deceased"), &read));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tasks/states are read by the names they are written with",
                    states_are_read_by_the_names_they_are_written_with);
    DB_TEST("tasks", tasks_are_listed_newest_first_with_their_states);
    DB_TEST("tasks", a_state_and_a_limit_narrow_the_list);
    DB_TEST("tasks", failing_tasks_are_those_whose_last_attempt_failed);
    DB_TEST("tasks", a_dead_task_whose_work_was_done_since_fails_no_more);
    DB_TEST("tasks", a_kind_narrows_the_list);
    DB_TEST("tasks", a_task_tells_who_had_it_and_why_it_failed);
    DB_TEST("tasks", tasks_are_counted_by_state);
    DB_TEST("tasks", schedules_tell_their_rule_their_next_slot_and_the_last_that_fired);
    return db_test_run();
}
