#include "revenue_test.h"

#include "revenue/attribution.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENT "1795478500"

static void
a_report_is_kept_as_lines_revisions_and_balanced_entries(DbTest *test)
{
    ReportSummary summary;

    revenue_test_migrate(test);
    revenue_test_click(test, 7, TEST_DAY_S, 3, "acme", "AAAAAAAAAAAA7", 0);
    summary = revenue_test_import(test, "import",
                                  "t1|AAAAAAAAAAAA7|approved|1.50|USD|" EVENT "|1||\n"
                                  "t2||pending|0.000001|USD|" EVENT "|1||\n"
                                  "t3||reversed|9|EUR|" EVENT "|1||\n");
    g_assert_cmpint(summary.new_lines, ==, 3);
    g_assert_cmpint(summary.attributed_lines, ==, 1);
    g_assert_cmpuint(summary.change_count, ==, 1);
    g_assert_cmpint(summary.changes[0].earned_micros, ==, 1500001);
    g_assert_cmpint(revenue_test_earned(test, "attributed"), ==, 1500000);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 1);
    g_assert_cmpint(revenue_test_earned(test, "receivable"), ==, -1500001);
    g_assert_cmpint(db_test_int(test->db, "SELECT search_id FROM entry WHERE rung = 'exact'"), ==, 3);
    revenue_test_check_invariants(test);
}

static void
the_same_file_twice_changes_nothing_but_is_noted(DbTest *test)
{
    const char *text = "t1||approved|1.50|USD|" EVENT "|1||\n";
    ReportSummary first, second;

    revenue_test_migrate(test);
    first = revenue_test_import(test, "import", text);
    revenue_test_import(test, "import", "t1||approved|2|USD|" EVENT "|2||\n");
    second = revenue_test_import(test, "import", text);
    g_assert_false(first.repeated);
    g_assert_true(second.repeated);
    g_assert_cmpint(second.report_id, ==, first.report_id);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report_sighting"), ==, 1);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 2000000);
}

static void
a_pull_that_changes_a_line_back_is_no_repetition(DbTest *test)
{
    const char *one = "t1||approved|1|USD|" EVENT "|||\n", *two = "t1||approved|2|USD|" EVENT "|||\n";

    revenue_test_migrate(test);
    revenue_test_import(test, "pull", one);
    g_assert_true(revenue_test_import(test, "pull", one).repeated);
    revenue_test_import(test, "pull", two);
    g_assert_cmpint(revenue_test_import(test, "pull", one).changed_lines, ==, 1);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 1000000);
    revenue_test_check_invariants(test);
}

static void
a_changed_line_posts_the_difference_and_why(DbTest *test)
{
    revenue_test_migrate(test);
    revenue_test_import(test, "pull", "t1||pending|1|USD|" EVENT "|1||\n");
    revenue_test_import(test, "pull", "t1||approved|1.25|USD|" EVENT "|2||\n");
    revenue_test_import(test, "pull", "t1||reversed|1.25|USD|" EVENT "|3||\n");
    revenue_test_import(test, "pull", "t1||approved|1.25|USD|" EVENT "|4||\n");
    revenue_test_import(test, "pull", "c1||approved|-0.25|USD|" EVENT "|4||t1\n");
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 1000000);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM txn WHERE reason IN ('new', 'approve', 'reverse', "
                                          "'reopen', 'clawback')"),
                    ==, 5);
    g_assert_cmpint(db_test_int(test->db, "SELECT amount_micros FROM entry e JOIN txn t ON t.id = e.txn_id WHERE "
                                          "t.reason = 'approve' AND account = 'receivable'"),
                    ==, 250000);
    revenue_test_check_invariants(test);
}

static void
an_older_version_that_comes_later_changes_nothing(DbTest *test)
{
    revenue_test_migrate(test);
    revenue_test_import(test, "pull", "t1||approved|2|USD|" EVENT "|20||\n");
    g_assert_cmpint(revenue_test_import(test, "pull", "t1||pending|1|USD|" EVENT "|10||\n").stale_lines, ==, 1);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 2000000);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM revision"), ==, 1);
}

static void
a_change_of_currency_or_day_moves_the_whole_amount(DbTest *test)
{
    revenue_test_migrate(test);
    revenue_test_import(test, "pull", "t1||approved|2|USD|" EVENT "|1||\n");
    revenue_test_import(test, "pull", "t1||approved|2|EUR|" EVENT "|2||\n");
    revenue_test_import(test, "pull", "t1||approved|2|EUR|1795578500|3||\n");
    g_assert_cmpint(db_test_int(test->db, "SELECT CAST(SUM(amount_micros) AS BIGINT) FROM entry WHERE "
                                          "account = 'receivable' AND currency = 'USD'"),
                    ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT CAST(SUM(amount_micros) AS BIGINT) FROM entry WHERE "
                                          "account = 'receivable' AND effective_at_us = 1795578500000000"),
                    ==, 2000000);
    revenue_test_check_invariants(test);
}

static void
two_identical_rows_without_key_are_two(DbTest *test)
{
    ReportSummary again;

    revenue_test_migrate(test);
    revenue_test_import(test, "pull", "|coffee|approved|1|USD|" EVENT "|||\n|coffee|approved|1|USD|" EVENT "|||\n");
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 2000000);
    again = revenue_test_import(test, "pull",
                                "|coffee|approved|1|USD|" EVENT "|||\n|coffee|approved|3|USD|" EVENT
                                "|||\n|tea|approved|1|USD|" EVENT "|||\n");
    g_assert_cmpint(again.same_lines, ==, 1);
    g_assert_cmpint(again.changed_lines, ==, 1);
    g_assert_cmpint(again.new_lines, ==, 1);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 5000000);
}

static void
a_key_that_contradicts_itself_is_not_believed(DbTest *test)
{
    ReportSummary summary;

    revenue_test_migrate(test);
    summary = revenue_test_import(test, "pull",
                                  "a||approved|1|USD|" EVENT "|||\n"
                                  "b||approved|1|USD|" EVENT "|5||\n"
                                  "a||approved|2|USD|" EVENT "|||\n"
                                  "b||approved|7|USD|" EVENT "|6||\n"
                                  "c||approved|4|USD|" EVENT "|||\n"
                                  "c||approved|4|USD|" EVENT "|||\n");
    g_assert_cmpint(summary.quarantined, ==, 2);
    g_assert_cmpint(summary.new_lines, ==, 2);
    g_assert_cmpint(summary.stale_lines, ==, 1);
    g_assert_cmpint(summary.same_lines, ==, 1);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 11000000);
    g_assert_cmpint(db_test_int(test->db, "SELECT MAX(row_number) FROM report_quarantine WHERE reason = 'disputed'"),
                    ==, 3);
}

static void
what_is_no_line_is_kept_in_quarantine_with_its_row(DbTest *test)
{
    ReportSummary summary;

    revenue_test_migrate(test);
    summary = revenue_test_import(test, "pull",
                                  "a||approved|1|USD|" EVENT "|||\n!1.0000001 has seven decimals\n"
                                  "b||approved|1||" EVENT "|||\nc||odd|1|USD|" EVENT "|||\n"
                                  "d||approved|1000000001|USD|" EVENT "|||\n");
    g_assert_cmpint(summary.quarantined, ==, 4);
    g_assert_cmpint(summary.lines, ==, 1);
    g_assert_true(summary.has_reject);
    g_assert_cmpint(summary.reject_row, ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report_quarantine WHERE row_number = 3 AND "
                                          "field = 'currency'"),
                    ==, 1);
}

static void
a_malformed_report_leaves_nothing(DbTest *test)
{
    g_autoptr(GError) error = NULL, cut = NULL;
    ReportSummary summary;

    revenue_test_migrate(test);
    g_assert_false(revenue_test_try_import(test, "import", "a||approved|1|USD|" EVENT "|||\n?\n", &summary, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_false(revenue_test_try_import(test, "import", "a||approved|1|USD|" EVENT "|||", &summary, &cut));
    g_assert_error(cut, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_cmpint(db_test_int(test->db, "SELECT (SELECT COUNT(*) FROM report) + (SELECT COUNT(*) FROM revision) + "
                                          "(SELECT COUNT(*) FROM report_chunk)"),
                    ==, 0);
}

static void
a_click_that_comes_after_its_report_takes_the_money(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    RematchSummary summary;

    revenue_test_migrate(test);
    revenue_test_import(test, "pull",
                        "t1|AAAAAAAAAAAA7|approved|1|USD|" EVENT "|1||\nt2|unknown|approved|2|USD|" EVENT "|1||\n"
                        "c1||approved|-0.4|USD|" EVENT "|1||t1\n");
    g_assert_cmpint(revenue_test_earned(test, "attributed"), ==, 0);
    revenue_test_click(test, 7, TEST_DAY_S, 3, "acme", "AAAAAAAAAAAA7", 0);
    g_assert_true(attribution_rematch(test->db, &test_clock.clock, 0, &summary, &error));
    g_assert_no_error(error);
    g_assert_cmpint(summary.looked_at, ==, 3);
    g_assert_cmpint(summary.moved, ==, 2);
    g_assert_cmpint(revenue_test_earned(test, "attributed"), ==, 600000);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 2000000);
    g_assert_cmpint(revenue_test_earned(test, "receivable"), ==, -2600000);
    revenue_test_check_invariants(test);
}

static void
a_sub_id_that_was_mangled_is_repaired(DbTest *test)
{
    revenue_test_migrate(test);
    revenue_test_click(test, 7, TEST_DAY_S, 3, "acme", "0A1BCDEFGHJK7", 0);
    revenue_test_import(test, "pull",
                        "t1|oalbcdefghjk7|approved|1|USD|" EVENT "|1||\nt2|%30A1BCDEFGHJK7 |approved|1|USD|" EVENT
                        "|1||\nt3|0A1BCDEFGHJK8|approved|1|USD|" EVENT "|1||\n");
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM entry WHERE rung = 'repaired' AND click_id = 7"), ==,
                    2);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 1000000);
}

static void
a_click_of_another_source_or_time_earns_nothing(DbTest *test)
{
    revenue_test_migrate(test);
    revenue_test_click(test, 7, TEST_DAY_S, 3, "other", "AAAAAAAAAAAA7", 0);
    revenue_test_click(test, 8, TEST_DAY_S + 3 * 86400 + 200, 3, "acme", "AAAAAAAAAAAA8", 0);
    revenue_test_import(
        test, "pull", "t1|AAAAAAAAAAAA7|approved|1|USD|" EVENT "|1||\nt2|AAAAAAAAAAAA8|approved|1|USD|" EVENT "|1||\n");
    g_assert_cmpint(revenue_test_earned(test, "attributed"), ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM entry WHERE rung = 'implausible'"), ==, 1);
}

static void
an_aggregate_is_shared_exactly_among_the_counted_clicks_of_its_day(DbTest *test)
{
    revenue_test_migrate(test);
    for (Id id = 1; id <= 7; id++)
        revenue_test_click(test, id, TEST_DAY_S + id, 100 + id, "acme", "x", id == 7 ? 1 : 0);
    revenue_test_click(test, 8, TEST_DAY_S + 86400, 108, "acme", "x", 0);
    revenue_test_import(test, "pull", "||approved|1|USD|1795478400|||0|\n");
    revenue_test_import(test, "pull", "||approved|1|USD|1795478400||6|\n");
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(DISTINCT click_id) FROM entry WHERE rung = 'allocated'"), ==,
                    6);
    g_assert_cmpint(revenue_test_earned(test, "attributed"), ==, 1000000);
    g_assert_cmpint(db_test_int(test->db, "SELECT MAX(-amount_micros) + MIN(-amount_micros) FROM entry WHERE "
                                          "rung = 'allocated'"),
                    ==, 333333);
    revenue_test_check_invariants(test);
}

static void
no_layer_can_be_changed_or_unbalanced(DbTest *test)
{
    static const char *const FORBIDDEN[] = {
        "UPDATE entry SET amount_micros = amount_micros + 1",
        "DELETE FROM entry",
        "UPDATE revision SET amount_micros = 0",
        "DELETE FROM revision",
        "UPDATE report SET lines = 0",
        "DELETE FROM report",
        "DELETE FROM report_chunk",
        "UPDATE txn SET reason = 'x'",
        "DELETE FROM line",
        "DELETE FROM report_quarantine",
        "INSERT INTO txn VALUES (99, 1, 'new', 0)",
        "INSERT INTO entry VALUES (99, 1, 'receivable', 'acme', 1, 5, 'USD', 0, '', NULL, NULL)",
        "INSERT INTO entry VALUES (99, 99, 'receivable', 'acme', 1, 5, 'USD', 0, '', NULL, NULL)",
    };

    revenue_test_migrate(test);
    revenue_test_import(test, "pull", "a||approved|1|USD|" EVENT "|||\n!bad\n");
    for (size_t i = 0; i < G_N_ELEMENTS(FORBIDDEN); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DbTx) tx = db_begin(test->db, DB_WRITE, &error);

        g_assert_no_error(error);
        g_assert_false(db_exec(tx, SQL(FORBIDDEN[i]), DB_NO_ARGS, NULL, &error) && db_commit_auto(&tx, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    }
    revenue_test_check_invariants(test);
}

static void
a_process_killed_in_the_middle_leaves_all_or_nothing(DbTest *test)
{
    g_autoptr(GString) text = g_string_new(NULL);
    ReportSummary summary;

    revenue_test_migrate(test);
    for (int i = 0; i < 3000; i++)
        g_string_append_printf(text, "t%d||approved|0.01|USD|" EVENT "|1||\n", i);
    for (int i = 0; i < 6; i++) {
        pid_t child = fork();

        if (child == 0) {
            test->db = db_test_open(test);
            _exit(revenue_test_try_import(test, "import", text->str, &summary, NULL) ? 0 : 1);
        }
        g_usleep((gulong)(5000 + i * 15000)); /* where it is hit does not matter: any moment must do */
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM revision") % 3000, ==, 0);
        g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM revision"), ==,
                        3000 * db_test_int(test->db, "SELECT COUNT(*) FROM report"));
        revenue_test_check_invariants(test);
    }
    revenue_test_import(test, "import", text->str);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 30000000);
}

static bool
import_for_task(DbTest *test, const Task *task, const char *text, ReportSummary *ret_summary, GError **error)
{
    const ReportImportSpec spec = {.db = test->db,
                                   .clock = &test_clock.clock,
                                   .formats = &TEST_FORMATS,
                                   .source = "acme",
                                   .kind = "default",
                                   .origin = "pull",
                                   .since_us = TIMESTAMP_NONE,
                                   .until_us = TIMESTAMP_NONE,
                                   .task = task};
    g_autoptr(ReportImport) import = report_import_begin(&spec, error);

    return import != NULL && report_import_push(import, str_of(text), error) &&
           report_import_finish(import, ret_summary, error);
}

static void
add_task(DbTest *test, int64_t id)
{
    g_autofree char *sql =
        g_strdup_printf("INSERT INTO task (id, kind, key, payload, state, attempts, run_at_us, fence, "
                        "lease_until_us, created_at_us) VALUES (%" G_GINT64_FORMAT
                        ", 'revenue.pull', '%" G_GINT64_FORMAT "', '', 1, 1, 0, 5, 0, 0)",
                        id, id);

    db_test_exec(test->db, sql);
}

static void
a_report_is_booked_and_its_task_finished_in_one_transaction(DbTest *test)
{
    const char *text = "t1||approved|1.50|USD|" EVENT "|1||\n";
    const Task first = {.id = 1, .fence = 5}, repeated = {.id = 2, .fence = 5}, lost = {.id = 3, .fence = 4};
    g_autoptr(GError) error = NULL;
    ReportSummary summary;

    revenue_test_migrate(test);
    for (int64_t id = 1; id <= 3; id++)
        add_task(test, id);
    /* Whose fence is too low has lost its task: what it brings is not even noted. */
    g_assert_false(import_for_task(test, &lost, text, &summary, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report"), ==, 0);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 0);
    g_assert_true(import_for_task(test, &first, text, &summary, &error));
    g_assert_cmpint(db_test_int(test->db, "SELECT id FROM task WHERE state = 2"), ==, 1);
    g_assert_false(import_for_task(test, &lost, text, &summary, &error));
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report_sighting"), ==, 0);
    g_clear_error(&error);
    g_assert_true(import_for_task(test, &repeated, text, &summary, &error));
    g_assert_true(summary.repeated);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM task WHERE state = 2"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report_sighting"), ==, 1);
    g_assert_cmpint(revenue_test_earned(test, "unattributed"), ==, 1500000);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", a_report_is_kept_as_lines_revisions_and_balanced_entries);
    DB_TEST("revenue", the_same_file_twice_changes_nothing_but_is_noted);
    DB_TEST("revenue", a_pull_that_changes_a_line_back_is_no_repetition);
    DB_TEST("revenue", a_changed_line_posts_the_difference_and_why);
    DB_TEST("revenue", an_older_version_that_comes_later_changes_nothing);
    DB_TEST("revenue", a_change_of_currency_or_day_moves_the_whole_amount);
    DB_TEST("revenue", two_identical_rows_without_key_are_two);
    DB_TEST("revenue", a_key_that_contradicts_itself_is_not_believed);
    DB_TEST("revenue", what_is_no_line_is_kept_in_quarantine_with_its_row);
    DB_TEST("revenue", a_malformed_report_leaves_nothing);
    DB_TEST("revenue", a_click_that_comes_after_its_report_takes_the_money);
    DB_TEST("revenue", a_sub_id_that_was_mangled_is_repaired);
    DB_TEST("revenue", a_click_of_another_source_or_time_earns_nothing);
    DB_TEST("revenue", an_aggregate_is_shared_exactly_among_the_counted_clicks_of_its_day);
    DB_TEST("revenue", no_layer_can_be_changed_or_unbalanced);
    DB_TEST("revenue", a_report_is_booked_and_its_task_finished_in_one_transaction);
    DB_TEST("revenue", a_process_killed_in_the_middle_leaves_all_or_nothing);
    return db_test_run();
}
