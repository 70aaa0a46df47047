#include "revenue_test.h"

#include "revenue/attribution.h"
#include "revenue/audit.h"
#include "revenue/postback.h"

#define EVENT "1795478500"

static void
note(void *data, const char *rule, const char *text)
{
    g_string_append_printf(data, "%s %s\n", rule, text);
}

/* The rules that an audit finds broken, one word each, in order and once. */
static char *
audit(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) found = g_string_new(NULL);
    AuditResult result = {0};
    bool looked = revenue_audit(test->db, &TEST_FORMATS, note, found, &result, &error);

    g_assert_no_error(error);
    g_assert_true(looked);
    g_assert_cmpint(result.differences == 0, ==, found->len == 0);
    return g_string_free(g_steal_pointer(&found), FALSE);
}

static void
assert_sound(DbTest *test)
{
    g_autofree char *found = audit(test);

    g_assert_cmpstr(found, ==, "");
}

static void
make_books(DbTest *test)
{
    revenue_test_migrate(test);
    revenue_test_click(test, 7, TEST_DAY_S, 3, "acme", "AAAAAAAAAAAA7", 0);
    revenue_test_click(test, 8, TEST_DAY_S, 4, "acme", "AAAAAAAAAAAA8", 0);
    revenue_test_import(test, "pull",
                        "t1|AAAAAAAAAAAA7|pending|1|USD|" EVENT "|1||\nt2||approved|2|USD|" EVENT "|1||\n!odd\n"
                        "d||approved|2|USD|" EVENT "|||\nd||approved|3|USD|" EVENT "|||\n");
    revenue_test_import(test, "pull",
                        "t1|AAAAAAAAAAAA7|approved|1.5|USD|" EVENT "|2||\nt2||reversed|2|USD|" EVENT "|2||\n"
                        "|channel|approved|1|EUR|" EVENT "||2|\n|channel|approved|1|EUR|" EVENT "||2|\n");
    revenue_test_import(test, "pull", "t1|AAAAAAAAAAAA7|pending|1|USD|" EVENT "|1||\nt3||paid|4|USD||||\n");
}

/* Takes the guards away, as somebody with a database console could. */
static void
tamper(DbTest *test, const char *sql)
{
    static const char *const TABLES[] = {"report", "report_chunk", "line", "revision", "txn", "entry"};

    for (size_t i = 0; i < G_N_ELEMENTS(TABLES); i++) {
        g_autofree char *update = g_strdup_printf("DROP TRIGGER %s_refuses_update", TABLES[i]);
        g_autofree char *remove = g_strdup_printf("DROP TRIGGER %s_refuses_delete", TABLES[i]);
        g_autofree char *change = g_strdup_printf("DROP TRIGGER %s_refuses_change ON %s", TABLES[i], TABLES[i]);

        db_test_exec(test->db, test->engine == DB_ENGINE_SQLITE ? update : change);
        if (test->engine == DB_ENGINE_SQLITE)
            db_test_exec(test->db, remove);
    }
    db_test_exec(test->db, sql);
}

static void
assert_found(DbTest *test, const char *sql, const char *rule)
{
    g_autofree char *found = NULL;

    make_books(test);
    assert_sound(test);
    tamper(test, sql);
    found = audit(test);
    if (strstr(found, rule) == NULL)
        g_error("expected %s, found: %s", rule, found);
}

static void
sound_books_are_proved_and_counted(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    AuditResult result;

    make_books(test);
    g_assert_true(revenue_audit(test->db, &TEST_FORMATS, NULL, NULL, &result, &error));
    g_assert_no_error(error);
    g_assert_cmpint(result.differences, ==, 0);
    g_assert_cmpint(result.reports, ==, 3);
    g_assert_cmpint(result.revisions, ==, 7);
    g_assert_cmpint(result.lines, ==, 8);
}

static void
one_micro_more_in_an_entry_is_found(DbTest *test)
{
    assert_found(test, "UPDATE entry SET amount_micros = amount_micros + 1 WHERE id = 1",
                 "I1 txn 1 is off by 1 micros");
}

static void
a_pair_of_entries_that_balances_but_follows_no_revision_is_found(DbTest *test)
{
    assert_found(test,
                 "UPDATE entry SET amount_micros = amount_micros + CASE WHEN account = 'receivable' THEN 1 ELSE -1 END "
                 "WHERE txn_id = 1",
                 "I2 acme/default id:t1");
}

static void
an_altered_revision_is_found(DbTest *test)
{
    assert_found(test,
                 "UPDATE revision SET amount_micros = amount_micros + 1, earned_micros = earned_micros + 1 "
                 "WHERE id = 1",
                 "I8 acme/default id:t1: revision 1 of report 1, part 1, row 1");
}

static void
a_revision_that_was_removed_is_found(DbTest *test)
{
    assert_found(test, "UPDATE revision SET rev = 5 WHERE rev = 2", "I5 line 1");
}

static void
a_line_that_no_report_speaks_of_is_found(DbTest *test)
{
    assert_found(test, "INSERT INTO line VALUES (99, 'acme', 'default', 'id:made-up')", "I5 acme/default id:made-up");
}

static void
altered_bytes_of_a_report_are_found(DbTest *test)
{
    assert_found(test, "UPDATE report SET bytes = bytes + 1 WHERE id = 2", "I4 report 2");
}

static void
damaged_chunks_are_found(DbTest *test)
{
    assert_found(test, "UPDATE report_chunk SET size = size - 1 WHERE report_id = 2", "I8 report 2");
}

static void
a_changed_count_of_a_report_is_found(DbTest *test)
{
    assert_found(test, "UPDATE report SET quarantined = 2 WHERE id = 1", "I8 report 1");
}

static void
money_moved_to_another_click_is_found(DbTest *test)
{
    assert_found(test, "UPDATE entry SET click_id = 8, search_id = 4 WHERE click_id = 7 AND rung = 'exact'",
                 "I15 line 1 is booked on click 8");
}

static void
money_on_a_click_that_never_was_is_found(DbTest *test)
{
    assert_found(test, "UPDATE entry SET click_id = 99 WHERE click_id = 7", "is booked on a click that is not known");
}

static void
books_stay_sound_when_money_is_matched_later(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    RematchSummary summary;

    make_books(test);
    revenue_test_import(test, "pull", "t9|AAAAAAAAAAAA9|approved|9|USD|" EVENT "|1||\n");
    revenue_test_click(test, 9, TEST_DAY_S, 4, "acme", "AAAAAAAAAAAA9", 0);
    g_assert_true(attribution_rematch(test->db, &test_clock.clock, 0, &summary, &error));
    g_assert_no_error(error);
    g_assert_cmpint(summary.moved, ==, 1);
    assert_sound(test);
}

/* ---- postbacks ---- */

static ReportSummary
post(DbTest *test, const char *form)
{
    g_autoptr(GError) error = NULL;
    ReportSummary summary = {0};
    bool done =
        postback_record(test->db, &test_clock.clock, &TEST_FORMATS, "acme", "default", str_of(form), &summary, &error);

    g_assert_no_error(error);
    g_assert_true(done);
    return summary;
}

static void
a_postback_counts_once_and_its_report_confirms_it(DbTest *test)
{
    revenue_test_migrate(test);
    revenue_test_click(test, 7, TEST_DAY_S, 3, "acme", "AAAAAAAAAAAA7", 0);
    g_assert_cmpint(post(test, "key=T%201&sub_id=AAAAAAAAAAAA7&amount=1.25&currency=usd&x=y").new_lines, ==, 1);
    g_assert_true(post(test, "key=T%201&sub_id=AAAAAAAAAAAA7&amount=1.25&currency=usd&x=y").repeated);
    g_assert_cmpint(revenue_test_earned(test, "attributed"), ==, 1250000);
    g_assert_cmpint(
        revenue_test_import(test, "pull", "T 1|AAAAAAAAAAAA7|approved|1.20|USD|" EVENT "|||\n").changed_lines, ==, 1);
    g_assert_cmpint(revenue_test_earned(test, "attributed"), ==, 1200000);
    assert_sound(test);
}

static void
a_wrong_postback_is_refused_by_the_name_of_its_field(DbTest *test)
{
    static const struct {
        const char *form, *names;
    } WRONG[] = {
        {"amount=1&currency=USD", "key"},
        {"key=a&currency=USD", "amount"},
        {"key=a&amount=1,5&currency=USD", "amount"},
        {"key=a&amount=1.0000001&currency=USD", "amount"},
        {"key=a&amount=1&currency=dollars", "currency"},
        {"key=a&amount=1&currency=USD&status=maybe", "status"},
        {"key=a&amount=1&currency=USD&at=yesterday", "at"},
        {"key=a&key=b&amount=1&currency=USD", "key"},
        {"key=%zz&amount=1&currency=USD", "key"},
        {"key=%ff&amount=1&currency=USD", "key"},
    };

    revenue_test_migrate(test);
    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autoptr(GError) error = NULL;
        ReportSummary summary;

        g_assert_false(postback_record(test->db, &test_clock.clock, &TEST_FORMATS, "acme", NULL, str_of(WRONG[i].form),
                                       &summary, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, WRONG[i].names));
    }
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM report"), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("revenue", sound_books_are_proved_and_counted);
    DB_TEST("revenue", one_micro_more_in_an_entry_is_found);
    DB_TEST("revenue", a_pair_of_entries_that_balances_but_follows_no_revision_is_found);
    DB_TEST("revenue", an_altered_revision_is_found);
    DB_TEST("revenue", a_revision_that_was_removed_is_found);
    DB_TEST("revenue", a_line_that_no_report_speaks_of_is_found);
    DB_TEST("revenue", altered_bytes_of_a_report_are_found);
    DB_TEST("revenue", damaged_chunks_are_found);
    DB_TEST("revenue", a_changed_count_of_a_report_is_found);
    DB_TEST("revenue", money_moved_to_another_click_is_found);
    DB_TEST("revenue", money_on_a_click_that_never_was_is_found);
    DB_TEST("revenue", books_stay_sound_when_money_is_matched_later);
    DB_TEST("revenue", a_postback_counts_once_and_its_report_confirms_it);
    DB_TEST("revenue", a_wrong_postback_is_refused_by_the_name_of_its_field);
    return db_test_run();
}
