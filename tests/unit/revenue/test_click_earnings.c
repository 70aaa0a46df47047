#include "revenue/click_earnings.h"

#include "store/migrate.h"
#include "support/db_test.h"

#define ROW(hour, source, currency, clicks, attributed, unattributed)                                                  \
    "INSERT INTO rollup VALUES (" hour ", '" source "', '" currency "', 0, 900, " clicks ", " attributed               \
    ", " unattributed ", 1, 1)"

#define CLICK(id, at, source, bid, currency, flags)                                                                    \
    "INSERT INTO click (id, at_us, search_id, position, source, bid_micros, bid_currency, flags) VALUES (" id ", " at  \
    ", 1, 1, '" source "', " bid ", '" currency "', " flags ")"

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
    db_test_exec(test->db, CLICK("1", "7200000000", "acme", "100000", "USD", "0"));
    db_test_exec(test->db, CLICK("2", "7200000001", "acme", "200000", "EUR", "0"));
    db_test_exec(test->db, CLICK("3", "7200000002", "acme", "900000", "USD", "1"));
    db_test_exec(test->db, CLICK("4", "7199999999", "acme", "900000", "USD", "0"));
    db_test_exec(test->db, CLICK("5", "7200000003", "bolt", "0", "", "0"));
    db_test_exec(test->db, CLICK("6", "7200000004", "unknown", "500000", "USD", "0"));
    all = click_earnings_read(test->db, INT64_C(7200000000), &error);
    g_assert_no_error(error);
    g_assert_cmpuint(all->len, ==, 2);
    acme = &g_array_index(all, SourceEarnings, 0);
    bolt = &g_array_index(all, SourceEarnings, 1);
    g_assert_cmpstr(acme->source, ==, "acme");
    g_assert_cmpint(acme->clicks, ==, 50);
    g_assert_cmpint(acme->earned, ==, 6000000 + 2200000);
    g_assert_cmpint(acme->bids, ==, (100000 + 220000) / 2 * 50); /* of two clicks that count, for all */
    g_assert_cmpint(bolt->bids, ==, 0);
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
