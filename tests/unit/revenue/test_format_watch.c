/* A format that changes opens an alert for each field that it took away, which resolve themselves. */
#include "revenue/format_watch.h"
#include "watch_test.h"

static void
see(WatchTest *f, const char *field, int64_t seen, int64_t filled)
{
    int64_t now_us = clock_now_us(&f->clock.clock);
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO mapping_fill (source, operation, field, hour_us, seen, filled) VALUES ('acme', 'search', '%s', "
        "%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")",
        field, now_us - now_us % US_PER_HOUR, seen, filled);

    db_test_exec(f->db, sql);
}

static void
a_field_that_goes_opens_an_alert_and_its_return_resolves_it(DbTest *test)
{
    WatchTest f;

    watch_test_init(&f, test, format_watch);
    see(&f, "salary.min", 400, 328);
    see(&f, "title", 400, 400);
    ASSERT_WATCH(&f, "");
    fake_clock_advance_us(&f.clock, 4 * US_PER_HOUR);
    see(&f, "salary.min", 60, 0);
    see(&f, "title", 60, 60);
    ASSERT_WATCH(
        &f, "open format:acme/search/salary.min: acme search: salary.min was there in 82 % of 400 records, and is in "
            "0 % of the last 60: the partner's format may have changed; see weir source quarantine acme | ");
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice"), ==, 1);

    /* While nothing new is seen it stands, and is told once. */
    fake_clock_advance_us(&f.clock, 10 * US_PER_MINUTE);
    g_free(watch_test_look(&f));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE state = 'open'"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice"), ==, 1);

    fake_clock_advance_us(&f.clock, 3 * US_PER_HOUR);
    see(&f, "salary.min", 100, 80);
    g_free(watch_test_look(&f));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE state = 'resolved'"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice"), ==, 2);
}

static void
a_source_that_is_not_asked_resolves_nothing(DbTest *test)
{
    WatchTest f;

    watch_test_init(&f, test, format_watch);
    see(&f, "record", 100, 90);
    fake_clock_advance_us(&f.clock, 4 * US_PER_HOUR);
    see(&f, "record", 20, 0);
    g_free(watch_test_look(&f));
    fake_clock_advance_us(&f.clock, 40 * US_PER_HOUR);
    g_free(watch_test_look(&f));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE state = 'open'"), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", a_field_that_goes_opens_an_alert_and_its_return_resolves_it);
    DB_TEST("revenue", a_source_that_is_not_asked_resolves_nothing);
    return db_test_run();
}
