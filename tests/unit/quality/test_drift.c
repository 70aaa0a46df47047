/* When a field's share has fallen by more than chance explains. */
#include "base/clock.h"
#include "base/random.h"
#include "quality/drift.h"
#include "store/migrate.h"
#include "support/db_test.h"

#define NOW_US (INT64_C(1795523696) * US_PER_SECOND)

static void
assert_drift(int64_t history_filled, int64_t history_seen, int64_t filled, int64_t seen, Drift expected)
{
    FillRate history = {history_seen, history_filled}, recent = {seen, filled};

    g_test_message("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " then %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                   history_filled, history_seen, filled, seen);
    g_assert_cmpint(drift_decide(history, recent, DRIFT_RECORDS), ==, expected);
}

static void
a_fall_below_half_is_drift_when_enough_was_seen(void)
{
    assert_drift(1000, 1000, 0, 50, DRIFT_DROPPED);
    assert_drift(1000, 1000, 40, 100, DRIFT_DROPPED);
    assert_drift(1000, 1000, 60, 100, DRIFT_NONE);
    assert_drift(300, 1000, 0, 200, DRIFT_DROPPED);
    assert_drift(1000, 1000, 0, 49, DRIFT_UNKNOWN);
    assert_drift(199, 199, 0, 50, DRIFT_UNKNOWN);
}

static void
a_field_that_was_always_rare_alarms_nobody(void)
{
    assert_drift(0, 1000, 0, 1000, DRIFT_NONE);
    assert_drift(20, 1000, 0, 100, DRIFT_NONE);
    assert_drift(50, 1000, 1, 60, DRIFT_NONE);
}

static void
a_field_that_comes_back_is_none(void)
{
    assert_drift(500, 1000, 500, 500, DRIFT_NONE);
    assert_drift(0, 1000, 500, 500, DRIFT_NONE);
}

/* Shares that only chance moves, looked at many times. */
static void
chance_alone_is_no_drift(void)
{
    SeededRandom random;

    seeded_random_init(&random, 11);
    for (unsigned i = 0; i < 50000; i++) {
        uint64_t percent = 1 + random_below(&random.random, 100);
        int64_t filled = 0, history = 0;

        for (unsigned j = 0; j < 50; j++)
            filled += random_below(&random.random, 100) < percent;
        for (unsigned j = 0; j < 200; j++)
            history += random_below(&random.random, 100) < percent;
        g_assert_cmpint(drift_decide((FillRate){200, history}, (FillRate){50, filled}, DRIFT_RECORDS), ==, DRIFT_NONE);
    }
}

static void
put(DbTest *test, const char *field, int64_t hours_ago, int64_t seen, int64_t filled)
{
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO mapping_fill (source, operation, field, hour_us, seen, filled) VALUES ('acme', 'search', '%s', "
        "%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")",
        field, NOW_US - hours_ago * US_PER_HOUR, seen, filled);

    db_test_exec(test->db, sql);
}

static void
on_field(void *data, const FieldDrift *field)
{
    static const char *const NAMES[] = {"unknown", "none", "dropped"};

    g_string_append_printf(data, "%.*s %s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " after %" G_GINT64_FORMAT "; ",
                           STR_FORMAT(field->field), NAMES[field->drift], field->recent.filled, field->recent.seen,
                           field->history.seen);
}

static void
the_shorter_span_decides_when_it_has_seen_enough(DbTest *test)
{
    g_autoptr(GString) found = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    FakeClock clock;
    int applied;

    fake_clock_init(&clock, NOW_US);
    g_assert_true(migrate(test->db, &clock.clock, &applied, &error));
    put(test, "company", 100, 1000, 1000); /* much asked, broke an hour ago */
    put(test, "company", 1, 80, 0);
    put(test, "location", 100, 1000, 1000); /* little asked, broke yesterday */
    put(test, "location", 20, 60, 0);
    put(test, "location", 1, 5, 0);
    put(test, "record", 100, 50, 45); /* of answers fewer are enough */
    put(test, "record", 1, 12, 0);
    put(test, "title", 400, 1000, 1000); /* too long ago */
    put(test, "title", 1, 100, 0);
    put(test, "url", 24 * 15, 100, 0);
    tx = db_begin(test->db, DB_READ, &error);
    g_assert_true(drift_check(tx, NOW_US, on_field, found, &error));
    g_assert_cmpstr(found->str, ==,
                    "company dropped 0/80 after 1000; location dropped 0/65 after 1000; record dropped 0/12 after 50; "
                    "title unknown 0/100 after 0; ");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/quality/a_fall_below_half_is_drift_when_enough_was_seen",
                    a_fall_below_half_is_drift_when_enough_was_seen);
    g_test_add_func("/quality/a_field_that_was_always_rare_alarms_nobody", a_field_that_was_always_rare_alarms_nobody);
    g_test_add_func("/quality/a_field_that_comes_back_is_none", a_field_that_comes_back_is_none);
    g_test_add_func("/quality/chance_alone_is_no_drift", chance_alone_is_no_drift);
    DB_TEST("quality", the_shorter_span_decides_when_it_has_seen_enough);
    return db_test_run();
}
