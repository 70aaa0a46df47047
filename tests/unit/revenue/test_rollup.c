/*
 * Rollups against a model: searches, clicks and reports come in any order and late, runs overlap and die; after each
 * whole run the table must say what the model says.
 */
#include "revenue_test.h"

#include "base/random.h"
#include "revenue/attribution.h"
#include "revenue/audit.h"
#include "revenue/rollup.h"

#define HOURS   30
#define SOURCES 3
#define STEPS   150

static const char *const NAMES[SOURCES] = {"acme", "birch", "cedar"};

/* ---- shorthands that fail the test ---- */

static RollupRun
update(Db *db)
{
    g_autoptr(GError) error = NULL;
    RollupRun run = {0};

    if (!rollup_update(db, &test_clock.clock, &run, &error))
        g_assert_no_error(error);
    return run;
}

static RollupRun
begin(Db *db)
{
    g_autoptr(GError) error = NULL;
    RollupRun run = {0};

    if (!rollup_begin(db, &run, &error))
        g_assert_no_error(error);
    return run;
}

static bool
step(Db *db, RollupRun *run)
{
    g_autoptr(GError) error = NULL;
    bool more = false;

    if (!rollup_step(db, &test_clock.clock, run, &more, &error))
        g_assert_no_error(error);
    return more;
}

/* shown: of each source, how many listings. Every other search has it in a page. */
static char *
search_sql(Id id, int64_t at_us, const int shown[SOURCES])
{
    g_autoptr(GString) json = g_string_new("[");
    int count = 0;

    for (int source = 0; source < SOURCES; source++)
        for (int i = 0; i < shown[source]; i++, count++)
            g_string_append_printf(json, "%s{\"source\":\"%s\",\"listing_id\":\"L%d\"}", count > 0 ? "," : "",
                                   NAMES[source], i);
    if (id % 2 == 0)
        return g_strdup_printf("INSERT INTO search_page (id, made_at_us, shown) VALUES (%1$" G_GINT64_FORMAT
                               ", %2$" G_GINT64_FORMAT ", '%4$s]') ON CONFLICT (id) DO NOTHING; "
                               "INSERT INTO search (id, at_us, took_us, partial, shown_count, shown, page_id) VALUES "
                               "(%1$" G_GINT64_FORMAT ", %2$" G_GINT64_FORMAT ", 1, 0, %3$d, '[]', %1$" G_GINT64_FORMAT
                               ") ON CONFLICT (id) DO NOTHING",
                               id, at_us, count, json->str);
    return g_strdup_printf("INSERT INTO search (id, at_us, took_us, partial, shown_count, shown) VALUES "
                           "(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", 1, 0, %d, '%s]') "
                           "ON CONFLICT (id) DO NOTHING",
                           id, at_us, count, json->str);
}

static char *
click_sql(Id id, int64_t at_us, int source, int flags)
{
    return g_strdup_printf(
        "INSERT INTO click (id, at_us, search_id, position, source, bid_micros, bid_currency, flags, "
        "sub_id) VALUES (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", 1, 1, '%s', 1, 'USD', %d, "
        "'S%" G_GINT64_FORMAT "') ON CONFLICT (id) DO NOTHING",
        id, at_us, NAMES[source], flags, id);
}

static void
add_search(Db *db, Id id, int64_t at_us, const int shown[SOURCES])
{
    g_autofree char *sql = search_sql(id, at_us, shown);

    db_test_exec(db, sql);
}

static void
add_click(Db *db, Id id, int64_t at_us, int source, int flags)
{
    g_autofree char *sql = click_sql(id, at_us, source, flags);

    db_test_exec(db, sql);
}

static int64_t
stored(Db *db, int64_t hour_us, int source, const char *column)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT CAST(COALESCE(SUM(%s), 0) AS BIGINT) FROM rollup WHERE hour_us = %" G_GINT64_FORMAT
                        " AND source = '%s'",
                        column, hour_us, NAMES[source]);

    return db_test_int(db, sql);
}

/* Money is compared by the database itself, in one sweep over all hours. */
#define BOOKED_SQL                                                                                                     \
    "SELECT effective_at_us - (effective_at_us % 3600000000 + 3600000000) % 3600000000, source, currency, "            \
    "CAST(-SUM(CASE account WHEN 'attributed' THEN amount_micros ELSE 0 END) AS BIGINT), "                             \
    "CAST(-SUM(CASE account WHEN 'unattributed' THEN amount_micros ELSE 0 END) AS BIGINT) FROM entry GROUP BY 1, 2, 3"
#define ROLLED_SQL                                                                                                     \
    "SELECT hour_us, source, currency, attributed_micros, unattributed_micros FROM rollup WHERE currency <> ''"

static void
assert_money_equals_the_ledger(Db *db)
{
    g_assert_cmpint(
        db_test_int(db, "SELECT COUNT(*) FROM (SELECT * FROM (" BOOKED_SQL ") AS a EXCEPT " ROLLED_SQL ") AS b"), ==,
        0);
    g_assert_cmpint(
        db_test_int(db, "SELECT COUNT(*) FROM (" ROLLED_SQL " EXCEPT SELECT * FROM (" BOOKED_SQL ") AS a) AS b"), ==,
        0);
}

static void
note(void *data, const char *rule, const char *text)
{
    g_string_append_printf(data, "%s %s\n", rule, text);
}

static char *
audit(DbTest *test, int64_t *ret_hours)
{
    g_autoptr(GError) error = NULL;
    GString *found = g_string_new(NULL);
    AuditResult result = {0};

    if (!revenue_audit(test->db, &TEST_FORMATS, note, found, &result, &error))
        g_assert_no_error(error);
    *ret_hours = result.rollup_hours;
    return g_string_free(found, FALSE);
}

static void
assert_audit(DbTest *test, const char *expected, int64_t expected_hours)
{
    int64_t hours;
    g_autofree char *found = audit(test, &hours);

    g_assert_cmpstr(found, ==, expected);
    g_assert_cmpint(hours, ==, expected_hours);
}

/* ---- the property ---- */

typedef struct {
    int64_t impressions, clicks, counted;
} Totals;

typedef struct {
    DbTest *test;
    SeededRandom random;
    Totals totals[HOURS][SOURCES];
    int64_t last_id;
    int reports;
} Model;

static int
below(Model *model, int bound)
{
    return (int)random_below(&model->random.random, (uint64_t)bound);
}

/* Any moment of the hour, its first and its last among them. */
static int64_t
moment_in(Model *model, int hour)
{
    static const int64_t WITHIN_US[] = {0, 1, US_PER_HOUR / 2, US_PER_HOUR - 1};

    return TEST_DAY_S * US_PER_SECOND + hour * US_PER_HOUR + WITHIN_US[below(model, G_N_ELEMENTS(WITHIN_US))];
}

static void
record_search(Model *model)
{
    int hour = below(model, HOURS), shown[SOURCES];

    for (int source = 0; source < SOURCES; source++) {
        shown[source] = below(model, 4);
        model->totals[hour][source].impressions += shown[source];
    }
    add_search(model->test->db, ++model->last_id, moment_in(model, hour), shown);
    /* Events are shipped at least once: the second time changes nothing. */
    if (below(model, 3) == 0)
        add_search(model->test->db, model->last_id, moment_in(model, below(model, HOURS)), shown);
}

static void
record_click(Model *model)
{
    int hour = below(model, HOURS), source = below(model, SOURCES), flags = below(model, 3);

    model->totals[hour][source].clicks++;
    model->totals[hour][source].counted += flags == 0;
    add_click(model->test->db, ++model->last_id, moment_in(model, hour), source, flags);
}

/* Transactions in random states, again and again; their clicks may come before or after. */
static void
record_report(Model *model)
{
    static const char *const STATUSES[] = {"pending", "approved", "reversed", "paid"};
    g_autoptr(GString) text = g_string_new(NULL);
    int first = below(model, 40), number = ++model->reports;

    for (int i = first; i < first + 5; i++)
        g_string_append_printf(text, "t%d|S%d|%s|%d.%06d|%s|%" G_GINT64_FORMAT "|%d||\n", i, 1 + i * 3,
                               STATUSES[below(model, G_N_ELEMENTS(STATUSES))], below(model, 3), below(model, 1000000),
                               i % 5 == 0 ? "EUR" : "USD",
                               TEST_DAY_S + below(model, HOURS) * INT64_C(3600) + below(model, 3600), number);
    revenue_test_import(model->test, "pull", text->str);
}

static void
rematch(Model *model)
{
    g_autoptr(GError) error = NULL;
    RematchSummary summary;

    if (!attribution_rematch(model->test->db, &test_clock.clock, 0, &summary, &error))
        g_assert_no_error(error);
}

static void
check(Model *model)
{
    for (int hour = 0; hour < HOURS; hour++) {
        int64_t hour_us = TEST_DAY_S * US_PER_SECOND + hour * US_PER_HOUR;

        for (int source = 0; source < SOURCES; source++) {
            const Totals *expected = &model->totals[hour][source];

            g_assert_cmpint(stored(model->test->db, hour_us, source, "impressions"), ==, expected->impressions);
            g_assert_cmpint(stored(model->test->db, hour_us, source, "clicks"), ==, expected->clicks);
            g_assert_cmpint(stored(model->test->db, hour_us, source, "counted_clicks"), ==, expected->counted);
        }
    }
    assert_money_equals_the_ledger(model->test->db);
}

/* A run that dies after some of its hours. */
static void
run_partly(Model *model)
{
    RollupRun run = begin(model->test->db);

    for (int i = below(model, 4); i > 0; i--)
        step(model->test->db, &run);
}

static void
rollups_equal_a_recompute_whatever_the_order_of_arrival(DbTest *test)
{
    Model model = {.test = test};
    int64_t hours;
    g_autofree char *found = NULL;

    revenue_test_migrate(test);
    seeded_random_init(&model.random, 20261124);
    for (int i = 0; i < STEPS; i++) {
        switch (below(&model, 8)) {
        case 0:
        case 1:
        case 2:
            record_search(&model);
            break;
        case 3:
        case 4:
            record_click(&model);
            break;
        case 5:
            record_report(&model);
            break;
        case 6:
            rematch(&model);
            break;
        default:
            run_partly(&model);
        }
        if (i % 30 == 29) {
            update(test->db);
            check(&model);
        }
    }
    g_assert_cmpint(model.reports, >, 5);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM rollup WHERE attributed_micros <> 0"), >, 0);
    found = audit(test, &hours);
    g_assert_cmpstr(found, ==, "");
    g_assert_cmpint(hours, >, HOURS / 2);
}

/* ---- one by one ---- */

#define HOUR_US (TEST_DAY_S * US_PER_SECOND)

static void
a_run_looks_only_at_hours_with_something_new(DbTest *test)
{
    RollupRun run;

    revenue_test_migrate(test);
    add_click(test->db, 1, HOUR_US, 0, 0);
    add_click(test->db, 2, HOUR_US + 5 * US_PER_HOUR, 0, 0);
    g_assert_cmpint(update(test->db).hours, ==, 2);
    g_assert_cmpint(update(test->db).hours, ==, 0);
    add_click(test->db, 3, HOUR_US + 1, 1, 0);
    run = update(test->db);
    g_assert_cmpint(run.hours, ==, 1);
    g_assert_cmpint(run.changed, ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM rollup WHERE run = 1"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT complete_run FROM rollup_state"), ==, 3);
}

static void
what_comes_while_a_run_works_is_counted_once(DbTest *test)
{
    RollupRun run;

    revenue_test_migrate(test);
    add_click(test->db, 1, HOUR_US, 0, 0);
    run = begin(test->db);
    add_click(test->db, 2, HOUR_US, 0, 0);
    while (step(test->db, &run))
        add_click(test->db, 3, HOUR_US, 0, 0);
    update(test->db);
    g_assert_cmpint(stored(test->db, HOUR_US, 0, "clicks"), ==, 3);
}

static void
a_run_that_was_overtaken_stores_nothing_and_its_hours_are_not_lost(DbTest *test)
{
    RollupRun slow, fast;

    revenue_test_migrate(test);
    add_click(test->db, 1, HOUR_US, 0, 0);
    slow = begin(test->db);
    fast = begin(test->db);
    g_assert_false(step(test->db, &slow));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM rollup"), ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT complete_run FROM rollup_state"), ==, 0);
    while (step(test->db, &fast))
        ;
    g_assert_cmpint(stored(test->db, HOUR_US, 0, "clicks"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT complete_run FROM rollup_state"), ==, fast.number);
}

static void
money_of_before_1970_falls_into_its_hour(DbTest *test)
{
    revenue_test_migrate(test);
    revenue_test_import(test, "pull", "t1||approved|1.25|USD|-1|||\n");
    update(test->db);
    g_assert_cmpint(stored(test->db, -US_PER_HOUR, 0, "unattributed_micros"), ==, 1250000);
    assert_money_equals_the_ledger(test->db);
    assert_audit(test, "", 1);
}

/* Statements in a transaction that stays open. */
static DbTx *
begin_with(Db *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx = db_begin(db, DB_WRITE, &error);

    if (tx == NULL || !db_exec(tx, SQL(sql), DB_NO_ARGS, NULL, &error))
        g_assert_no_error(error);
    return tx;
}

static void
a_writer_that_commits_after_a_later_one_is_not_missed(DbTest *test)
{
    g_autoptr(Db) other = db_test_open(test);
    g_autoptr(GError) error = NULL;
    g_autofree char *late = click_sql(1, HOUR_US, 0, 0);
    g_autoptr(DbTx) tx = NULL;

    revenue_test_migrate(test);
    tx = begin_with(other, late);
    /* The same hour is marked already by whom the run sees. */
    add_click(test->db, 2, HOUR_US, 0, 0);
    update(test->db);
    g_assert_cmpint(stored(test->db, HOUR_US, 0, "clicks"), ==, 1);
    g_assert_true(db_commit_auto(&tx, &error));
    g_assert_no_error(error);
    update(test->db);
    g_assert_cmpint(stored(test->db, HOUR_US, 0, "clicks"), ==, 2);
}

typedef struct {
    DbTest *test;
    RollupRun run;
} Slow;

static gpointer
step_slowly(gpointer data)
{
    Slow *slow = data;

    step(slow->test->db, &slow->run);
    return NULL;
}

static void
a_run_that_is_overtaken_while_it_computes_stores_nothing(DbTest *test)
{
    g_autoptr(Db) other = db_test_open(test), watcher = db_test_open(test);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    Slow slow = {.test = test};
    GThread *thread;

    revenue_test_migrate(test);
    add_click(test->db, 1, HOUR_US, 0, 0);
    slow.run = begin(test->db);
    tx = begin_with(other, "UPDATE rollup_due SET run = run + 1");
    thread = g_thread_new("slow", step_slowly, &slow);
    /* It has computed the hour and waits for the row that says whose it is. */
    while (db_test_int(watcher, "SELECT COUNT(*) FROM pg_locks WHERE NOT granted") == 0)
        g_thread_yield();
    g_assert_true(db_commit_auto(&tx, &error));
    g_assert_no_error(error);
    g_thread_join(thread);
    g_assert_cmpint(db_test_int(watcher, "SELECT COUNT(*) FROM rollup"), ==, 0);
    g_assert_cmpint(slow.run.changed, ==, 0);
    update(test->db);
    g_assert_cmpint(stored(test->db, HOUR_US, 0, "clicks"), ==, 1);
}

/* ---- many at once ---- */

#define WRITERS 3
#define CLICKS  90

typedef struct {
    DbTest *test;
    int number;
} Writer;

/* Several clicks a transaction, some of them in hours that others write to as well. */
static gpointer
write_clicks(gpointer data)
{
    const Writer *writer = data;
    g_autoptr(Db) db = db_test_open(writer->test);

    for (int i = 0; i < CLICKS; i += 3) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DbTx) tx = NULL;

        for (int j = i; j < i + 3; j++) {
            g_autofree char *sql =
                click_sql(writer->number * 1000 + j + 1, HOUR_US + (j % 4) * US_PER_HOUR, writer->number, j % 2);

            if (tx == NULL)
                tx = begin_with(db, sql);
            else if (!db_exec(tx, SQL(sql), DB_NO_ARGS, NULL, &error))
                g_assert_no_error(error);
        }
        if (!db_commit_auto(&tx, &error))
            g_assert_no_error(error);
    }
    return NULL;
}

static gpointer
run_rollups(gpointer data)
{
    DbTest *test = data;
    g_autoptr(Db) db = db_test_open(test);

    for (int i = 0; i < 8; i++)
        update(db);
    return NULL;
}

static void
writers_and_two_runs_at_once_lose_nothing_and_count_nothing_twice(DbTest *test)
{
    Writer writers[WRITERS];
    GThread *threads[WRITERS + 2];
    int64_t clicks = 0;

    revenue_test_migrate(test);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){test, i};
        threads[i] = g_thread_new("writer", write_clicks, &writers[i]);
    }
    threads[WRITERS] = g_thread_new("rollup", run_rollups, test);
    threads[WRITERS + 1] = g_thread_new("rollup", run_rollups, test);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    update(test->db);
    for (int source = 0; source < WRITERS; source++)
        for (int hour = 0; hour < 4; hour++)
            clicks += stored(test->db, HOUR_US + hour * US_PER_HOUR, source, "clicks");
    g_assert_cmpint(clicks, ==, WRITERS * CLICKS);
    assert_audit(test, "", 4);
}

/* ---- the audit ---- */

static void
make_rollups(DbTest *test)
{
    const int shown[SOURCES] = {2, 1, 0};

    revenue_test_migrate(test);
    add_search(test->db, 1, HOUR_US, shown);
    add_click(test->db, 2, HOUR_US + 1, 0, 0);
    revenue_test_import(test, "pull", "t1|S2|approved|1.25|USD|1795478500|||\n");
    update(test->db);
    assert_audit(test, "", 1);
}

static void
a_rollup_that_was_altered_is_found_by_the_audit(DbTest *test)
{
    make_rollups(test);
    db_test_exec(test->db, "UPDATE rollup SET impressions = 3 WHERE source = 'acme' AND currency = ''");
    assert_audit(
        test,
        "I7 rollup of acme at 2026-11-24T00:00:00Z says 3 shown, 1 clicks, 1 counted; the records say 2 shown, "
        "1 clicks, 1 counted\n",
        1);
}

static void
a_rollup_that_is_gone_or_made_up_is_found_by_the_audit(DbTest *test)
{
    make_rollups(test);
    db_test_exec(test->db, "DELETE FROM rollup WHERE currency = 'USD'");
    db_test_exec(test->db, "INSERT INTO rollup VALUES (0, 'dogwood', 'EUR', 0, 0, 0, 1000000, 0, 1, 0)");
    assert_audit(
        test,
        "I7 rollup of dogwood at 1970-01-01T00:00:00Z says 1.00 attributed, 0.00 unattributed in EUR; the records "
        "say nothing\n"
        "I7 rollup of acme at 2026-11-24T00:00:00Z says nothing; the records say 1.25 attributed, 0.00 "
        "unattributed in USD\n",
        2);
}

static void
an_hour_that_waits_for_its_run_is_no_difference(DbTest *test)
{
    make_rollups(test);
    add_click(test->db, 3, HOUR_US + 2, 0, 0);
    assert_audit(test, "", 0);
    begin(test->db);
    assert_audit(test, "", 0);
    update(test->db);
    assert_audit(test, "", 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", rollups_equal_a_recompute_whatever_the_order_of_arrival);
    DB_TEST("revenue", a_run_looks_only_at_hours_with_something_new);
    DB_TEST("revenue", what_comes_while_a_run_works_is_counted_once);
    DB_TEST("revenue", a_run_that_was_overtaken_stores_nothing_and_its_hours_are_not_lost);
    DB_TEST("revenue", money_of_before_1970_falls_into_its_hour);
    DB_TEST_ON(DB_ENGINE_POSTGRES, "revenue", a_writer_that_commits_after_a_later_one_is_not_missed);
    DB_TEST_ON(DB_ENGINE_POSTGRES, "revenue", a_run_that_is_overtaken_while_it_computes_stores_nothing);
    DB_TEST("revenue", writers_and_two_runs_at_once_lose_nothing_and_count_nothing_twice);
    DB_TEST("revenue", a_rollup_that_was_altered_is_found_by_the_audit);
    DB_TEST("revenue", a_rollup_that_is_gone_or_made_up_is_found_by_the_audit);
    DB_TEST("revenue", an_hour_that_waits_for_its_run_is_no_difference);
    return db_test_run();
}
