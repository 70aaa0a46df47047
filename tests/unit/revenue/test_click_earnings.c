#include "revenue/click_earnings.h"

#include "store/migrate.h"
#include "support/db_test.h"

#define ROW(hour, source, currency, clicks, attributed, unattributed)                                                  \
    "INSERT INTO rollup VALUES (" hour ", '" source "', '" currency "', 0, 900, " clicks ", " attributed               \
    ", " unattributed ", 1, 1)"

static void
clicks_and_what_they_earned_are_summed_by_source_since_a_moment(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) all = NULL;
    const SourceEarnings *acme, *bolt;

    FakeClock clock;

    fake_clock_init(&clock, 0);
    g_assert_true(migrate(test->db, &clock.clock, NULL, &error));
    db_test_exec(test->db, ROW("3600000000", "acme", "", "1000", "0", "0"));
    db_test_exec(test->db, ROW("7200000000", "acme", "", "30", "0", "0"));
    db_test_exec(test->db, ROW("10800000000", "acme", "", "20", "0", "0"));
    db_test_exec(test->db, ROW("7200000000", "acme", "USD", "0", "5000000", "1000000"));
    db_test_exec(test->db, ROW("7200000000", "acme", "EUR", "0", "2000000", "0"));
    db_test_exec(test->db, ROW("7200000000", "bolt", "", "7", "0", "0"));
    all = click_earnings_read(test->db, INT64_C(7200000000), &error);
    g_assert_no_error(error);
    g_assert_cmpuint(all->len, ==, 2);
    acme = &g_array_index(all, SourceEarnings, 0);
    bolt = &g_array_index(all, SourceEarnings, 1);
    g_assert_cmpstr(acme->source, ==, "acme");
    g_assert_cmpint(acme->clicks, ==, 50);
    g_assert_cmpint(acme->earned, ==, 6000000 + 2200000);
    g_assert_cmpstr(bolt->source, ==, "bolt");
    g_assert_cmpint(bolt->clicks, ==, 7);
    g_assert_cmpint(bolt->earned, ==, 0);
}

static void
without_tables_it_fails(DbTest *test)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(click_earnings_read(test->db, 0, &error));
    g_assert_nonnull(error);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", clicks_and_what_they_earned_are_summed_by_source_since_a_moment);
    DB_TEST("revenue", without_tables_it_fails);
    return db_test_run();
}
