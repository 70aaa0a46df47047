/* Schedules: slots that fire once, whoever looks and however late. */
#include "base/timestamp.h"
#include "tasks/schedule.h"
#include "tasks/task_test.h"

static const ScheduleSpec HOURLY = {
    .name = "hourly", .kind = "k", .key = "acme", .payload = "p", .every_us = US_PER_HOUR};
/* 06:30 in Berlin; the queue's time begins at 2026-09-21T14:13:20Z. */
static const ScheduleSpec MORNING = {
    .name = "morning", .kind = "k", .key = "acme", .payload = "p", .cron = "30 6 * * *", .zone = "Europe/Berlin"};

static void
put(Queue *q, const ScheduleSpec *spec)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(q->db, DB_WRITE, &error);

    if (!schedule_put(tx, spec, q->clock.now, &error) || !db_commit_auto(&tx, &error))
        g_assert_no_error(error);
}

static void
set_paused(Queue *q, const char *name, bool paused)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(q->db, DB_WRITE, &error);

    if (!schedule_pause(tx, str_of(name), paused, &error) || !db_commit_auto(&tx, &error))
        g_assert_no_error(error);
}

/* How many tasks a tick makes; they are finished, so that the next are not in their way. */
static int64_t
tick(Queue *q)
{
    g_autoptr(GError) error = NULL;
    int64_t made, next_us;

    if (!schedule_tick(q->db, &q->clock.clock, &q->mint, &made, &next_us, &error))
        g_assert_no_error(error);
    g_assert_cmpint(next_us, >, q->clock.now);
    for (int64_t i = 0; i < made; i++) {
        Task task = queue_claim(q, "k", US_PER_MINUTE);

        queue_finish(q, &task);
    }
    return made;
}

static void
move_to(Queue *q, const char *moment)
{
    int64_t us;

    g_assert_true(timestamp_parse(str_of(moment), NULL, &us, NULL));
    g_assert_cmpint(us, >=, q->clock.now);
    fake_clock_advance_us(&q->clock, us - q->clock.now);
}

static void
assert_last_slot(Queue *q, const char *moment)
{
    char text[TIMESTAMP_TEXT_SIZE];

    g_assert_cmpstr(timestamp_format(db_test_int(q->db, "SELECT MAX(slot_us) FROM task"), text), ==, moment);
}

static void
a_new_interval_ticks_at_once_and_then_at_each_multiple(DbTest *test)
{
    g_auto(Queue) q;
    int64_t first_us;

    queue_init(&q, test);
    g_assert_cmpint(tick(&q), ==, 0);
    put(&q, &HOURLY);
    g_assert_cmpint(tick(&q), ==, 1);
    g_assert_cmpint(tick(&q), ==, 0);
    first_us = db_test_int(q.db, "SELECT slot_us FROM task");
    fake_clock_advance_us(&q.clock, first_us + US_PER_HOUR - q.clock.now - 1);
    g_assert_cmpint(tick(&q), ==, 0);
    fake_clock_advance_us(&q.clock, 1);
    g_assert_cmpint(tick(&q), ==, 1);
    g_assert_cmpint(db_test_int(q.db, "SELECT MAX(slot_us) FROM task"), ==, first_us + US_PER_HOUR);
    put(&q, &HOURLY); /* putting it again changes nothing */
    g_assert_cmpint(tick(&q), ==, 0);
}

static void
a_rule_ticks_by_the_clock_of_its_zone(DbTest *test)
{
    g_auto(Queue) q;

    queue_init(&q, test);
    put(&q, &MORNING);
    g_assert_cmpint(tick(&q), ==, 0);
    move_to(&q, "2026-09-22T04:29:59Z");
    g_assert_cmpint(tick(&q), ==, 0);
    move_to(&q, "2026-09-22T04:30:00Z");
    g_assert_cmpint(tick(&q), ==, 1);
    g_assert_cmpint(tick(&q), ==, 0);
    assert_last_slot(&q, "2026-09-22T04:30:00Z");
    move_to(&q, "2026-10-25T04:30:00Z"); /* winter: an hour to go */
    g_assert_cmpint(tick(&q), ==, 1);
    assert_last_slot(&q, "2026-10-24T04:30:00Z");
    move_to(&q, "2026-10-25T05:30:00Z");
    g_assert_cmpint(tick(&q), ==, 1);
    assert_last_slot(&q, "2026-10-25T05:30:00Z");
}

static void
missed_ticks_make_one_task_for_the_last_of_them(DbTest *test)
{
    static const char *const RULES[] = {"* * * * *", "7 3 * * *", "0 0 1 * *", "0 0 1 3 *", "*/20 5 2 11 *"};
    static const char *const LAST[] = {"2028-01-10T12:34:00Z", "2028-01-10T03:07:00Z", "2028-01-01T00:00:00Z",
                                       "2027-03-01T00:00:00Z", "2027-11-02T05:40:00Z"};

    for (size_t i = 0; i < G_N_ELEMENTS(RULES); i++) {
        ScheduleSpec spec = {.name = "late", .kind = "k", .key = "x", .payload = "", .cron = RULES[i]};
        g_auto(Queue) q;

        queue_init(&q, test);
        db_test_exec(q.db, "DELETE FROM schedule; DELETE FROM schedule_slot; DELETE FROM task");
        put(&q, &HOURLY);
        put(&q, &spec);
        g_assert_cmpint(tick(&q), ==, 1);
        move_to(&q, "2028-01-10T12:34:56.789Z");
        g_assert_cmpint(tick(&q), ==, 2);
        g_assert_cmpint(tick(&q), ==, 0);
        g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM schedule_slot"), ==, 3);
        db_test_exec(q.db, "DELETE FROM task WHERE schedule = 'hourly'");
        assert_last_slot(&q, LAST[i]);
    }
}

static void
missed_ticks_are_skipped_where_that_is_the_policy(DbTest *test)
{
    ScheduleSpec spec = MORNING;
    g_auto(Queue) q;

    spec.missed = MISSED_SKIP;
    queue_init(&q, test);
    put(&q, &spec);
    move_to(&q, "2026-09-22T04:31:00.001Z");
    g_assert_cmpint(tick(&q), ==, 0);
    move_to(&q, "2026-09-23T04:31:00Z"); /* a minute is not late */
    g_assert_cmpint(tick(&q), ==, 1);
    assert_last_slot(&q, "2026-09-23T04:30:00Z");
    g_assert_cmpint(tick(&q), ==, 0);
}

static void
missed_ticks_are_all_made_up_for_within_bounds_where_that_is_the_policy(DbTest *test)
{
    ScheduleSpec spec = MORNING, often = HOURLY;
    g_auto(Queue) q;

    spec.missed = often.missed = MISSED_ALL;
    queue_init(&q, test);
    put(&q, &spec);
    move_to(&q, "2026-09-25T12:00:00Z");
    g_assert_cmpint(tick(&q), ==, 4);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task WHERE key = 'acme@2026-09-23T04:30:00Z'"), ==, 1);
    move_to(&q, "2026-10-25T12:00:00Z"); /* only a week of the month */
    g_assert_cmpint(tick(&q), ==, 7);
    g_assert_cmpint(tick(&q), ==, 0);
    put(&q, &often);
    g_assert_cmpint(tick(&q), ==, 1);
    move_to(&q, "2027-10-25T12:00:00Z"); /* and at most a hundred */
    g_assert_cmpint(tick(&q), ==, 100 + 7);
    g_assert_cmpint(tick(&q), ==, 0);
}

static void
a_tick_makes_no_second_task_while_the_one_before_is_live(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    int64_t made, next_us;

    queue_init(&q, test);
    put(&q, &HOURLY);
    for (int i = 0; i < 5; i++) {
        g_assert_true(schedule_tick(q.db, &q.clock.clock, &q.mint, &made, &next_us, &error));
        g_assert_cmpint(made, ==, i == 0);
        fake_clock_advance_us(&q.clock, US_PER_HOUR);
    }
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task"), ==, 1);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM schedule_slot WHERE task_id IS NULL"), ==, 4);
}

static void
a_paused_schedule_is_silent_and_stays_so_when_it_is_put_again(DbTest *test)
{
    g_auto(Queue) q;
    g_autoptr(GError) error = NULL;
    DbTx *tx;

    queue_init(&q, test);
    put(&q, &HOURLY);
    set_paused(&q, "hourly", true);
    g_assert_cmpint(tick(&q), ==, 0);
    put(&q, &HOURLY);
    fake_clock_advance_us(&q.clock, 10 * US_PER_HOUR);
    g_assert_cmpint(tick(&q), ==, 0);
    set_paused(&q, "hourly", false);
    g_assert_cmpint(tick(&q), ==, 1);
    tx = db_begin(q.db, DB_WRITE, &error);
    g_assert_false(schedule_pause(tx, STR("nobody"), true, &error));
    assert_error_code(&error, WEIR_ERROR_NOT_FOUND);
    db_rollback(tx);
}

static void
a_changed_interval_or_rule_ticks_at_its_own_next_moment(DbTest *test)
{
    ScheduleSpec spec = HOURLY;
    g_auto(Queue) q;
    int64_t next_us;

    queue_init(&q, test);
    put(&q, &spec);
    g_assert_cmpint(tick(&q), ==, 1);
    spec.every_us = 10 * US_PER_MINUTE;
    put(&q, &spec);
    g_assert_cmpint(tick(&q), ==, 0);
    next_us = db_test_int(q.db, "SELECT next_slot_us FROM schedule");
    g_assert_cmpint(next_us - q.clock.now, >, 0);
    g_assert_cmpint(next_us - q.clock.now, <=, 10 * US_PER_MINUTE);
    fake_clock_advance_us(&q.clock, 10 * US_PER_MINUTE);
    g_assert_cmpint(tick(&q), ==, 1);
    spec = MORNING;
    spec.name = "hourly";
    put(&q, &spec);
    g_assert_cmpint(tick(&q), ==, 0);
    spec.zone = "America/New_York";
    put(&q, &spec);
    move_to(&q, "2026-09-22T10:29:00Z");
    g_assert_cmpint(tick(&q), ==, 0);
    move_to(&q, "2026-09-22T10:30:00Z");
    g_assert_cmpint(tick(&q), ==, 1);
}

static void
a_rule_or_zone_that_can_not_be_is_refused_with_its_name(DbTest *test)
{
    g_auto(Queue) q;

    queue_init(&q, test);
    for (int i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DbTx) tx = db_begin(q.db, DB_WRITE, &error);
        ScheduleSpec spec = MORNING;

        if (i == 0)
            spec.cron = "0 0 30 2 *";
        else
            spec.zone = "Mars/Base";
        g_assert_false(schedule_put(tx, &spec, q.clock.now, &error));
        g_assert_nonnull(strstr(error->message, "schedule morning"));
        assert_error_code(&error, WEIR_ERROR_INVALID);
    }
}

static void
schedules_that_are_not_kept_are_taken_away(DbTest *test)
{
    static const char *const SOME[] = {"b", "d", NULL}, *const NONE[] = {NULL};
    g_auto(Queue) q;

    queue_init(&q, test);
    for (const char *name = "abcd"; *name != '\0'; name++)
        put(&q,
            &(ScheduleSpec){
                .name = (const char[]){*name, '\0'}, .kind = "k", .key = "x", .payload = "", .every_us = US_PER_HOUR});
    for (int i = 0; i < 2; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DbTx) tx = db_begin(q.db, DB_WRITE, &error);

        g_assert_true(schedule_keep_only(tx, i == 0 ? SOME : NONE, &error));
        g_assert_true(db_commit_auto(&tx, &error));
        g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM schedule"), ==, i == 0 ? 2 : 0);
        g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM schedule WHERE name IN ('b', 'd')"), ==,
                        i == 0 ? 2 : 0);
    }
}

typedef struct {
    DbTest *test;
    const FakeClock *clock;
    IdMint *mint;
    gint *made;
} Ticker;

static gpointer
tick_once(gpointer data)
{
    Ticker *ticker = data;
    g_autoptr(Db) db = db_test_open(ticker->test);
    g_autoptr(GError) error = NULL;
    int64_t made, next_us;

    if (!schedule_tick(db, &ticker->clock->clock, ticker->mint, &made, &next_us, &error))
        g_assert_no_error(error);
    g_atomic_int_add(ticker->made, (gint)made);
    return NULL;
}

static void
a_slot_fires_once_when_eight_threads_look_at_once(DbTest *test)
{
    g_auto(Queue) q;
    gint made = 0;
    Ticker ticker = {test, &q.clock, &q.mint, &made};

    queue_init(&q, test);
    for (int i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("s%02d", i);

        put(&q, &(ScheduleSpec){.name = name, .kind = "k", .key = name, .payload = "", .every_us = US_PER_HOUR});
    }
    for (int round = 0; round < 6; round++) {
        GThread *threads[8];

        db_test_exec(q.db, "UPDATE task SET state = 2, finished_at_us = 1");
        for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
            threads[i] = g_thread_new("ticker", tick_once, &ticker);
        for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
            g_thread_join(threads[i]);
        g_assert_cmpint(made, ==, (round + 1) * 20);
        fake_clock_advance_us(&q.clock, US_PER_HOUR);
    }
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM task"), ==, 120);
    g_assert_cmpint(db_test_int(q.db, "SELECT COUNT(*) FROM schedule_slot WHERE task_id IS NOT NULL"), ==, 120);
}

static void
slots_are_multiples_of_the_interval_moved_by_the_offset(void)
{
    g_assert_cmpint(schedule_slot_at(10, 3, 23), ==, 23);
    g_assert_cmpint(schedule_slot_at(10, 3, 22), ==, 13);
    g_assert_cmpint(schedule_slot_at(10, 3, 3), ==, 3);
    g_assert_cmpint(schedule_slot_at(10, 3, 2), ==, -7);
    g_assert_cmpint(schedule_slot_at(10, 0, -1), ==, -10);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tasks/slots are multiples of the interval moved by the offset",
                    slots_are_multiples_of_the_interval_moved_by_the_offset);
    DB_TEST("tasks", a_new_interval_ticks_at_once_and_then_at_each_multiple);
    DB_TEST("tasks", a_rule_ticks_by_the_clock_of_its_zone);
    DB_TEST("tasks", missed_ticks_make_one_task_for_the_last_of_them);
    DB_TEST("tasks", missed_ticks_are_skipped_where_that_is_the_policy);
    DB_TEST("tasks", missed_ticks_are_all_made_up_for_within_bounds_where_that_is_the_policy);
    DB_TEST("tasks", a_tick_makes_no_second_task_while_the_one_before_is_live);
    DB_TEST("tasks", a_paused_schedule_is_silent_and_stays_so_when_it_is_put_again);
    DB_TEST("tasks", a_changed_interval_or_rule_ticks_at_its_own_next_moment);
    DB_TEST("tasks", a_rule_or_zone_that_can_not_be_is_refused_with_its_name);
    DB_TEST("tasks", schedules_that_are_not_kept_are_taken_away);
    DB_TEST("tasks", a_slot_fires_once_when_eight_threads_look_at_once);
    return db_test_run();
}
