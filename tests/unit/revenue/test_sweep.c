/* What is forgotten after a time, and that the books still prove right. */
#include "revenue/sweep.h"

#include "revenue/audit.h"
#include "revenue/rollup.h"
#include "revenue_test.h"

#define OLD_S   (TEST_DAY_S - 400 * 86400)
#define OLD_US  (OLD_S * US_PER_SECOND)
#define LINE    "t1|AAAAAAAAAAAA1|%s|1.50|USD|%" G_GINT64_FORMAT "|%d||\n"
#define NOTHING 0

typedef bool (*Sweep)(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more, GError **error);

/* Until there is no more; each call in a transaction of its own. */
static int64_t
sweep_all(Db *db, Sweep sweep, int64_t before_us, int64_t limit)
{
    int64_t total = 0, removed;
    bool more = true;

    while (more) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, &error);

        if (!sweep(tx, before_us, limit, &removed, &more, &error) || !db_commit_auto(&tx, &error))
            g_assert_no_error(error);
        total += removed;
    }
    return total;
}

static void
roll_up(Db *db)
{
    g_autoptr(GError) error = NULL;
    RollupRun run;

    g_assert_true(rollup_update(db, &test_clock.clock, &run, &error));
}

static void
on_found(void *data G_GNUC_UNUSED, const char *rule, const char *text)
{
    g_error("%s: %s", rule, text);
}

static void
assert_books_prove_right(Db *db)
{
    g_autoptr(GError) error = NULL;
    AuditResult result;

    if (!revenue_audit(db, &TEST_FORMATS, on_found, NULL, &result, &error))
        g_assert_no_error(error);
    g_assert_cmpint(result.rollup_hours, >, 0);
}

static void
add_search(Db *db, int64_t id, int64_t at_s)
{
    g_autofree char *sql =
        g_strdup_printf("INSERT INTO search (id, at_us, took_us, partial, shown_count, shown) VALUES (%" G_GINT64_FORMAT
                        ", %" G_GINT64_FORMAT ", 1, 0, 1, '[{\"source\":\"acme\",\"listing_id\":\"L1\"}]')",
                        id, at_s * US_PER_SECOND);

    db_test_exec(db, sql);
}

/* Two searches and their clicks 400 days ago, of which the first earned; the same today, and none of them did. */
static void
record(DbTest *test)
{
    g_autofree char *line = g_strdup_printf(LINE, "approved", OLD_S + 60, 1);

    revenue_test_migrate(test);
    for (int64_t id = 1; id <= 4; id++) {
        int64_t at_s = id <= 2 ? OLD_S + id : TEST_DAY_S + id;
        g_autofree char *sub_id = g_strdup_printf("AAAAAAAAAAAA%d", (int)id);

        add_search(test->db, 10 + id, at_s);
        revenue_test_click(test, id, at_s, 10 + id, "acme", sub_id, 0);
    }
    add_search(test->db, 20, OLD_S); /* nobody clicked */
    revenue_test_import(test, "import", line);
}

static void
show_page(Db *db, int64_t page_id, int64_t made_at_s, int64_t search_id)
{
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO search_page (id, made_at_us, shown) VALUES (%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", '[]'); "
        "UPDATE search SET page_id = %" G_GINT64_FORMAT " WHERE id = %" G_GINT64_FORMAT,
        page_id, made_at_s * US_PER_SECOND, page_id, search_id);

    db_test_exec(db, sql);
}

static void
what_searches_showed_stays_as_long_as_one_of_them(DbTest *test)
{
    record(test);
    show_page(test->db, 100, OLD_S - 600, 11); /* its click earned */
    show_page(test->db, 101, OLD_S - 600, 12);
    show_page(test->db, 102, TEST_DAY_S, 13);
    roll_up(test->db);
    /* Searches first, and pages a day later. */
    sweep_all(test->db, event_sweep, OLD_US + SEARCH_SWEEP_LAG_US + US_PER_DAY, 10);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search WHERE id = 12"), ==, 0);
    sweep_all(test->db, event_sweep, OLD_US + SEARCH_SWEEP_LAG_US + 2 * US_PER_DAY, 10);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search_page WHERE id IN (100, 102)"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search_page"), ==, 2);
}

static void
old_events_go_but_for_those_that_earned_and_the_books_prove_right(DbTest *test)
{
    g_autofree char *correction = g_strdup_printf(LINE, "reversed", OLD_S + 60, 2);

    record(test);
    roll_up(test->db);
    g_assert_cmpint(sweep_all(test->db, event_sweep, OLD_US, 10), ==, NOTHING);
    g_assert_cmpint(sweep_all(test->db, event_sweep, OLD_US + US_PER_DAY, 10), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search"), ==, 5);
    g_assert_cmpint(sweep_all(test->db, event_sweep, OLD_US + SEARCH_SWEEP_LAG_US + US_PER_DAY, 10), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click WHERE id IN (1, 3, 4)"), ==, 3);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click"), ==, 3);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search WHERE id IN (11, 13, 14)"), ==, 3);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search"), ==, 3);
    assert_books_prove_right(test->db);
    /* Money that changes later is rolled up beside the counts that were. */
    revenue_test_import(test, "import", correction);
    roll_up(test->db);
    g_assert_cmpint(db_test_int(test->db, "SELECT CAST(SUM(clicks) AS BIGINT) FROM rollup"), ==, 4);
    g_assert_cmpint(db_test_int(test->db, "SELECT CAST(SUM(impressions) AS BIGINT) FROM rollup"), ==, 5);
    g_assert_cmpint(db_test_int(test->db, "SELECT CAST(SUM(attributed_micros) AS BIGINT) FROM rollup"), ==, 0);
    assert_books_prove_right(test->db);
    revenue_test_check_invariants(test);
}

static void
no_event_goes_before_its_hour_was_rolled_up(DbTest *test)
{
    record(test);
    g_assert_cmpint(sweep_all(test->db, event_sweep, OLD_US + 100 * US_PER_DAY, 10), ==, NOTHING);
    roll_up(test->db);
    g_assert_cmpint(sweep_all(test->db, event_sweep, OLD_US + 100 * US_PER_DAY, 10), ==, 3);
    assert_books_prove_right(test->db);
}

/* ---- what stands beside the books ---- */

static void
assert_refused(Db *db, Sql sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, &error);

    g_assert_false(db_exec(tx, sql, DB_NO_ARGS, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
}

static void
what_a_partner_said_goes_but_for_what_was_compared_last(DbTest *test)
{
    revenue_test_migrate(test);
    for (int id = 1; id <= 5; id++) {
        g_autofree char *fetch = g_strdup_printf("INSERT INTO totals_fetch (id, source, first_day, last_day, "
                                                 "fetched_at_us) VALUES (%d, 'acme', '2026-11-20', '2026-11-21', %d)",
                                                 id, id);
        g_autofree char *total = g_strdup_printf("INSERT INTO partner_total (fetch_id, day, currency, amount_micros) "
                                                 "VALUES (%d, '2026-11-20', 'USD', 5)",
                                                 id);

        db_test_exec(test->db, fetch);
        db_test_exec(test->db, total);
    }
    db_test_exec(test->db,
                 "INSERT INTO reconciliation (source, day, currency, ours_micros, theirs_micros, our_clicks, "
                 "state, fetch_id, compared_at_us) VALUES ('acme', '2026-11-20', 'USD', 5, 5, 1, 'agrees', 3, 9)");
    g_assert_cmpint(sweep_all(test->db, totals_sweep, 5, 2), ==, 3);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM totals_fetch WHERE id IN (3, 5)"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM partner_total"), ==, 2);
    /* The tables themselves keep what counts, whoever asks. */
    assert_refused(test->db, SQL("DELETE FROM partner_total WHERE fetch_id = 3"));
    assert_refused(test->db, SQL("UPDATE partner_total SET amount_micros = 6"));
}

static void
that_a_report_came_again_goes_but_for_the_last_time(DbTest *test)
{
    static const char *const SIGHTINGS[] = {"1, 1, 'pull', 10", "2, 1, 'import', 20", "3, 1, 'pull', 30",
                                            "4, 2, 'pull', 40", "5, 1, 'pull', 50",   "6, 2, 'pull', 60"};

    revenue_test_migrate(test);
    revenue_test_import(test, "import", "t1|AAAAAAAAAAAA1|pending|1.50|USD|1790000000|1||\n");
    revenue_test_import(test, "import", "t2|AAAAAAAAAAAA1|pending|1.50|USD|1790000000|1||\n");
    for (size_t i = 0; i < G_N_ELEMENTS(SIGHTINGS); i++) {
        g_autofree char *sql = g_strdup_printf(
            "INSERT INTO report_sighting (id, report_id, origin, seen_at_us) VALUES (%s)", SIGHTINGS[i]);

        db_test_exec(test->db, sql);
    }
    g_assert_cmpint(sweep_all(test->db, sighting_sweep, 30, 1), ==, 1);
    g_assert_cmpint(sweep_all(test->db, sighting_sweep, 100, 1), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report_sighting WHERE id IN (2, 5, 6)"), ==, 3);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report_sighting"), ==, 3);
    assert_refused(test->db, SQL("DELETE FROM report_sighting WHERE id = 5"));
    assert_refused(test->db, SQL("UPDATE report_sighting SET seen_at_us = 1"));
}

static void
resolved_alerts_go_with_their_notices_and_others_stay(DbTest *test)
{
    revenue_test_migrate(test);
    for (int id = 1; id <= 4; id++) {
        const char *resolved[] = {"NULL", "10", "11", "20"};
        g_autofree char *alert = g_strdup_printf(
            "INSERT INTO alert (id, key, kind, message, details, state, opened_at_us, last_seen_at_us, resolved_at_us) "
            "VALUES (%d, 'k%d', 'reconcile', 'm', '{}', '%s', 1, 1, %s)",
            id, id, id == 1 ? "open" : "resolved", resolved[id - 1]);
        g_autofree char *notice = g_strdup_printf("INSERT INTO alert_notice (alert_id, event, channel, message, "
                                                  "made_at_us) VALUES (%d, 'opened', 'log', 'm', 1)",
                                                  id);

        db_test_exec(test->db, alert);
        db_test_exec(test->db, notice);
    }
    g_assert_cmpint(sweep_all(test->db, alert_sweep, 20, 1), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert WHERE id IN (1, 4)"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice WHERE alert_id IN (1, 4)"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM alert_notice"), ==, 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", old_events_go_but_for_those_that_earned_and_the_books_prove_right);
    DB_TEST("revenue", what_searches_showed_stays_as_long_as_one_of_them);
    DB_TEST("revenue", no_event_goes_before_its_hour_was_rolled_up);
    DB_TEST("revenue", what_a_partner_said_goes_but_for_what_was_compared_last);
    DB_TEST("revenue", that_a_report_came_again_goes_but_for_the_last_time);
    DB_TEST("revenue", resolved_alerts_go_with_their_notices_and_others_stay);
    return db_test_run();
}
