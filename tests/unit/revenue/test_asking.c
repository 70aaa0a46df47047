#include "revenue_test.h"

#include "revenue/summary.h"
#include "revenue/trace.h"
#include "tracking/event.h"
#include "tracking/search_store.h"

#define EVENT  "1795478500"
#define SEARCH INT64_C(4611686018427387905)
#define CLICK  INT64_C(4611686018427387906)

static void
add_search(DbTest *test, Id id, const char *keywords, const char *country, size_t shown)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(test->db, DB_WRITE, &error);
    ShownListing listings[] = {{STR("acme"), STR("L1"), STR("Cook"), {0}},
                               {STR("acme"), STR("L2"), STR("Baker"), {0}},
                               {STR("zeta"), STR("L3"), STR("Smith"), {0}}};
    SearchEvent event = {.id = id,
                         .at_us = TEST_DAY_S * US_PER_SECOND,
                         .keywords = str_of(keywords),
                         .country = str_of(country),
                         .mode = STR("balanced"),
                         .client = STR("site"),
                         .shown = listings,
                         .shown_count = shown,
                         .sources = STR("[]")};

    g_assert_no_error(error);
    g_assert_true(search_add(tx, &event, &error));
    g_assert_true(db_commit_auto(&tx, &error));
}

static void
make_books(DbTest *test)
{
    char sub_id[ID_TEXT_SIZE];
    g_autofree char *report = NULL;

    revenue_test_migrate(test);
    add_search(test, SEARCH, "cook", "US", 3);
    add_search(test, SEARCH + 10, "smith", NULL, 1);
    revenue_test_click(test, CLICK, TEST_DAY_S + 60, SEARCH, "acme", id_format(CLICK, sub_id), 0);
    revenue_test_click(test, CLICK + 1, TEST_DAY_S + 61, SEARCH, "acme", "other", 1);
    revenue_test_click(test, CLICK + 2, TEST_DAY_S + 3700, SEARCH + 10, "acme", "third", 0);
    report = g_strdup_printf("t1|%s|approved|1|USD|" EVENT "|1||\nt2||approved|0.000001|USD|" EVENT "|1||\n"
                             "t3||approved|-3|EUR|" EVENT "|1||\nt4|third|reversed|3|EUR|" EVENT "|1||\n",
                             sub_id);
    revenue_test_import(test, "pull", report);
    g_clear_pointer(&report, g_free);
    report = g_strdup_printf("t1|%s|approved|0.9|USD|" EVENT "|2||\n", sub_id);
    revenue_test_import(test, "pull", report);
}

static void
write_row(void *data, const SummaryRow *row)
{
    g_string_append_printf(data, "%.*s: %d searches, %d shown, %d/%d clicks, ctr %s", STR_FORMAT(row->group),
                           (int)row->searches, (int)row->shown, (int)row->counted_clicks, (int)row->clicks, row->ctr);
    for (size_t i = 0; i < row->amount_count; i++)
        g_string_append_printf(data, ", %s %d+%d rpc %s", row->amounts[i].currency.code,
                               (int)row->amounts[i].attributed_micros, (int)row->amounts[i].unattributed_micros,
                               row->amounts[i].rpc);
    g_string_append(data, "\n");
}

static char *
summarise(DbTest *test, const char *dimension)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(test->db, DB_READ, &error);
    g_autoptr(GString) text = g_string_new(NULL);
    SummaryBy by;

    g_assert_no_error(error);
    g_assert_true(summary_by_parse(str_of(dimension), &by));
    g_assert_true(revenue_summary(tx, by, TEST_DAY_S * US_PER_SECOND, (TEST_DAY_S + 86400) * US_PER_SECOND, write_row,
                                  text, &error));
    g_assert_no_error(error);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
assert_summary(DbTest *test, const char *dimension, const char *expected)
{
    g_autofree char *text = summarise(test, dimension);

    g_assert_cmpstr(text, ==, expected);
}

static void
a_summary_counts_and_divides_exactly(DbTest *test)
{
    make_books(test);
    assert_summary(test, "source",
                   "acme: 2 searches, 3 shown, 2/3 clicks, ctr 0.666667, EUR 0+-3000000 rpc -1.500000, "
                   "USD 900000+1 rpc 0.450001\n"
                   "zeta: 1 searches, 1 shown, 0/0 clicks, ctr 0.000000\n");
    assert_summary(test, "day",
                   "2026-11-24: 2 searches, 4 shown, 2/3 clicks, ctr 0.500000, EUR 0+-3000000 rpc -1.500000, "
                   "USD 900000+1 rpc 0.450001\n");
    assert_summary(test, "hour",
                   "2026-11-24T00: 2 searches, 4 shown, 1/2 clicks, ctr 0.250000, EUR 0+-3000000 rpc -3.000000, "
                   "USD 900000+1 rpc 0.900001\n"
                   "2026-11-24T01: 0 searches, 0 shown, 1/1 clicks, ctr \n");
    assert_summary(test, "query",
                   ": 0 searches, 0 shown, 0/0 clicks, ctr , EUR 0+-3000000 rpc , USD 0+1 rpc \n"
                   "cook: 1 searches, 3 shown, 1/2 clicks, ctr 0.333333, USD 900000+0 rpc 0.900000\n"
                   "smith: 1 searches, 1 shown, 1/1 clicks, ctr 1.000000\n");
    assert_summary(test, "country",
                   ": 1 searches, 1 shown, 1/1 clicks, ctr 1.000000, EUR 0+-3000000 rpc -3.000000, "
                   "USD 0+1 rpc 0.000001\n"
                   "US: 1 searches, 3 shown, 1/2 clicks, ctr 0.333333, USD 900000+0 rpc 0.900000\n");
}

static void
a_ratio_is_rounded_half_away_from_zero(void)
{
    char text[SUMMARY_RATIO_SIZE];

    g_assert_cmpstr(summary_ratio(1, 2, text), ==, "0.000001");
    g_assert_cmpstr(summary_ratio(-1, 2, text), ==, "-0.000001");
    g_assert_cmpstr(summary_ratio(-1, 3, text), ==, "0.000000");
    g_assert_cmpstr(summary_ratio(5, 0, text), ==, "");
    g_assert_cmpstr(summary_ratio(INT64_MAX, 1, text), ==, "9223372036854.775807");
    g_assert_cmpstr(summary_ratio(INT64_MIN, 1, text), ==, "-9223372036854.775808");
}

static void
find(DbTest *test, const char *id, Arena *arena, Trace *ret_trace)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(test->db, DB_READ, &error);

    g_assert_no_error(error);
    g_assert_true(trace_find(tx, str_of(id), arena, ret_trace, &error));
    g_assert_no_error(error);
}

static void
a_cent_is_traced_from_either_end(DbTest *test)
{
    g_autoptr(Arena) arena = arena_new(4096);
    char search[ID_TEXT_SIZE], click[ID_TEXT_SIZE];
    const char *starts[] = {id_format(SEARCH, search), id_format(CLICK, click), "t1"};
    const char *names[] = {"search", "click", "transaction"};

    make_books(test);
    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
        Trace trace;

        find(test, starts[i], arena, &trace);
        g_assert_cmpstr(trace.start, ==, names[i]);
        g_assert_false(trace.truncated);
        g_assert_cmpuint(trace.search_count, ==, 1);
        g_assert_true(str_is(trace.searches[0].keywords, "cook"));
        g_assert_cmpuint(trace.click_count, ==, i == 0 ? 2 : 1);
        g_assert_cmpint(trace.clicks[0].id, ==, CLICK);
        g_assert_cmpuint(trace.line_count, ==, 1);
        g_assert_true(str_is(trace.lines[0].key, "t1"));
        g_assert_cmpuint(trace.lines[0].revision_count, ==, 2);
        g_assert_cmpint(trace.lines[0].revisions[1].amount_micros, ==, 900000);
        g_assert_cmpint(trace.lines[0].revisions[1].report_id, ==, 2);
        g_assert_cmpint(trace.lines[0].revisions[0].row, ==, 1);
        g_assert_cmpuint(trace.lines[0].entry_count, ==, 4);
    }
}

static void
a_line_of_no_amount_is_found_by_its_sub_id(DbTest *test)
{
    g_autoptr(Arena) arena = arena_new(4096);
    char search[ID_TEXT_SIZE];
    Trace trace;

    make_books(test);
    find(test, id_format(SEARCH + 10, search), arena, &trace);
    g_assert_cmpuint(trace.line_count, ==, 1);
    g_assert_true(str_is(trace.lines[0].key, "t4"));
    g_assert_cmpuint(trace.lines[0].entry_count, ==, 0);
}

static void
what_nobody_knows_is_not_found(DbTest *test)
{
    g_autoptr(Arena) arena = arena_new(4096);
    static const char *const UNKNOWN[] = {"t99", "0000000000001", "", "id:"};

    make_books(test);
    for (size_t i = 0; i < G_N_ELEMENTS(UNKNOWN); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DbTx) tx = db_begin(test->db, DB_READ, NULL);
        Trace trace;

        g_assert_false(trace_find(tx, str_of(UNKNOWN[i]), arena, &trace, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/revenue/a ratio is rounded half away from zero", a_ratio_is_rounded_half_away_from_zero);
    DB_TEST("revenue", a_summary_counts_and_divides_exactly);
    DB_TEST("revenue", a_cent_is_traced_from_either_end);
    DB_TEST("revenue", a_line_of_no_amount_is_found_by_its_sub_id);
    DB_TEST("revenue", what_nobody_knows_is_not_found);
    return db_test_run();
}
