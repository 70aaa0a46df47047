#include "support.h"

#define HEAD "source: x\npartner: X\nsecrets: [KEY]\n"
#define SEARCH                                                                                                         \
    HEAD "search:\n"                                                                                                   \
         "  get: https://x.example/\n"                                                                                 \
         "  query: {key: '${KEY}'}\n"                                                                                  \
         "  unsupported: [keywords, country]\n"                                                                        \
         "  pages: {by: page, size: 2, limit: 3}\n"                                                                    \
         "  answer:\n"                                                                                                 \
         "    json: jobs[*]\n"                                                                                         \
         "    total: total\n"                                                                                          \
         "    errors:\n"                                                                                               \
         "      - {path: error, is: quota, message: error}\n"                                                          \
         "      - {status: 404, is: empty}\n"                                                                          \
         "      - {path: type, not_equals: JOBS, is: permanent, message: type}\n"                                      \
         "  listing: {id: id, title: title, url: url, country: country, posted_at: date | time, salary: {min: pay}}\n"

static Collected
search(const Question *question, int status, const char *body, bool complete)
{
    g_autoptr(SourceSet) set = load_text("x", SEARCH);
    Question none = QUESTION_NONE;

    return collect(source_search(source_set_at(set, 0)), question != NULL ? question : &none, status, str_of(body),
                   complete, NULL);
}

static void
assert_status(int status, const char *body, bool complete, AnswerStatus expected, const char *message)
{
    g_auto(Collected) c = search(NULL, status, body, complete);
    g_autofree char *said = str_dup(c.message);

    g_assert_cmpint(c.status, ==, expected);
    if (strstr(said, message) == NULL)
        g_error("\"%s\" does not mention \"%s\"", said, message);
}

static void
status_and_body_decide_what_an_answer_means(void)
{
    assert_status(200, "{\"jobs\": [{\"title\": \"A\", \"url\": \"https://a/\"}]}", true, ANSWER_OK, "");
    assert_status(200, "{\"jobs\": []}", true, ANSWER_EMPTY, "");
    assert_status(204, "", true, ANSWER_EMPTY, "");
    assert_status(404, "{}", true, ANSWER_EMPTY, "");
    assert_status(401, "{}", true, ANSWER_CREDENTIAL, "HTTP 401");
    assert_status(429, "slow down", true, ANSWER_QUOTA, "HTTP 429: slow down");
    assert_status(503, "<html><body><h1>Sorry</h1></body></html>", true, ANSWER_TRANSIENT, "HTTP 503: Sorry");
    assert_status(400, "{}", true, ANSWER_PERMANENT, "HTTP 400");
    assert_status(200, "{\"error\": \"too many\"}", true, ANSWER_QUOTA, "too many");
    assert_status(200, "{\"type\": \"LOCATIONS\"}", true, ANSWER_PERMANENT, "LOCATIONS");
    assert_status(200, "{\"type\": \"JOBS\", \"jobs\": []}", true, ANSWER_EMPTY, "");
    assert_status(200, "<html>", true, ANSWER_MALFORMED, "");
    assert_status(200, "{\"jobs\": [{\"title\": \"A\"", true, ANSWER_MALFORMED, "");
    assert_status(200, "{\"jobs\": [{\"title\": \"A\"", false, ANSWER_MALFORMED, "cut off");
}

static void
the_partner_never_echoes_our_secret_to_a_screen(void)
{
    assert_status(400, "bad key SECRET-KEY", true, ANSWER_PERMANENT, "bad key ***");
    assert_status(200, "{\"error\": \"key SECRET-KEY is used up\"}", true, ANSWER_QUOTA, "key *** is used up");
}

static void
a_record_without_title_or_url_is_dropped_and_a_bad_field_is_only_lost(void)
{
    g_auto(Collected) c = search(NULL, 200,
                                 "{\"jobs\": [{\"url\": \"https://a/\"}, {\"title\": \"B\"},"
                                 "{\"title\": \"C\", \"url\": \"javascript:alert(1)\"},"
                                 "{\"title\": \"D\", \"url\": \"https://d/\", \"date\": \"soon\", \"pay\": \"lots\"}]}",
                                 true);
    const Listing *listing = &g_array_index(c.listings, Listing, 0);

    g_assert_cmpuint(c.listings->len, ==, 1);
    g_assert_cmpuint(c.dropped, ==, 3);
    g_assert_cmpuint(c.rejected->len, ==, 5);
    g_assert_cmpstr(c.rejected->pdata[0], ==, "title missing dropped: record 1: title: there is none");
    g_assert_cmpstr(c.rejected->pdata[1], ==, "url missing dropped: record 2: url: there is none");
    g_assert_true(g_str_has_prefix(c.rejected->pdata[2], "url invalid dropped: record 3"));
    g_assert_cmpint(listing->posted_at_us, ==, TIMESTAMP_NONE);
    g_assert_false(listing->salary.has_min);
    g_assert_cmpuint(listing->id.size, ==, 26);
}

/* What holds for a whole answer is worked out once, but a mistake in it is told for each record. */
static void
a_field_without_paths_is_the_same_for_each_record_and_so_is_its_mistake(void)
{
    g_autoptr(SourceSet) set =
        load_text("x", HEAD "search:\n  get: https://x.example/\n  unsupported: [country]\n  answer: {json: '[*]'}\n"
                            "  listing:\n    title: t\n    url: u\n    country: '{country} | upper'\n"
                            "    category: '= [{country}]'\n"
                            "    salary: {min: s, currency: {by: '{country}', gb: GBP}, period: = YEAR}\n");
    const char *body =
        "[{\"t\": \"A\", \"u\": \"https://a/\", \"s\": 1}, {\"t\": \"B\", \"u\": \"https://b/\", \"s\": 2}]";
    const Operation *operation = source_search(source_set_at(set, 0));
    Question question = QUESTION_NONE;
    g_auto(Collected) british = {0}, french = {0};

    question.country = STR("GB");
    british = collect(operation, &question, 200, str_of(body), true, NULL);
    question.country = STR("FR");
    french = collect(operation, &question, 200, str_of(body), true, NULL);
    g_assert_cmpuint(british.listings->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
        const Listing *listing = &g_array_index(british.listings, Listing, i);

        g_assert_true(str_is(listing->country, "GB"));
        g_assert_true(str_is(listing->category, "[gb]"));
        g_assert_cmpstr(listing->salary.currency.code, ==, "GBP");
        g_assert_cmpint(listing->salary.period, ==, PERIOD_YEAR);
    }
    g_assert_cmpuint(british.rejected->len, ==, 0);
    g_assert_cmpuint(french.listings->len, ==, 2);
    g_assert_cmpuint(french.rejected->len, ==, 2);
    g_assert_nonnull(strstr(french.rejected->pdata[0], "record 1: salary.currency: \"fr\" is no value of the map"));
    g_assert_nonnull(strstr(french.rejected->pdata[1], "record 2: salary.currency: \"fr\" is no value of the map"));
}

static void
words_that_the_partner_ignores_are_filtered_here(void)
{
    const char *body = "{\"jobs\": [{\"title\": \"Registered Nurses\", \"url\": \"https://a/\", \"country\": \"GB\"},"
                       "{\"title\": \"Nurse\", \"url\": \"https://b/\", \"country\": \"FR\"},"
                       "{\"title\": \"Driver\", \"url\": \"https://c/\"}]}";
    Question question = QUESTION_NONE;
    g_auto(Collected) keywords = {0}, both = {0};

    question.keywords = STR("NURSE");
    keywords = search(&question, 200, body, true);
    g_assert_cmpuint(keywords.listings->len, ==, 2);
    question.country = STR("GB");
    both = search(&question, 200, body, true);
    g_assert_cmpuint(both.listings->len, ==, 1);
}

static bool
goes_on(int64_t page, const char *body)
{
    Question question = QUESTION_NONE;
    g_auto(Collected) c = {0};

    question.page = page;
    c = search(&question, 200, body, true);
    if (c.has_next)
        g_assert_cmpint(c.next.page, ==, page + 1);
    return c.has_next;
}

static void
pages_go_on_until_a_short_page_the_total_or_the_bound(void)
{
    const char *full = "{\"total\": 5, \"jobs\": [{\"title\": \"A\", \"url\": \"https://a/\"}, {\"title\": \"B\", "
                       "\"url\": \"https://b/\"}]}";
    const char *lying = "{\"total\": 0, \"jobs\": [{\"title\": \"A\", \"url\": \"https://a/\"}, {\"title\": \"B\", "
                        "\"url\": \"https://b/\"}]}";
    const char *last = "{\"total\": 2, \"jobs\": [{\"title\": \"A\", \"url\": \"https://a/\"}, {\"title\": \"B\", "
                       "\"url\": \"https://b/\"}]}";

    g_assert_true(goes_on(1, full));
    g_assert_true(goes_on(2, full));
    g_assert_false(goes_on(3, full));
    g_assert_true(goes_on(1, lying));
    g_assert_false(goes_on(1, last));
    g_assert_false(goes_on(1, "{\"jobs\": [{\"title\": \"A\", \"url\": \"https://a/\"}]}"));
    g_assert_false(goes_on(1, "{\"error\": \"x\", \"jobs\": []}"));
}

#define REPORT                                                                                                         \
    HEAD "reports:\n"                                                                                                  \
         "  default:\n"                                                                                                \
         "    upload: true\n"                                                                                          \
         "    mode: mutable\n"                                                                                         \
         "    zone: America/New_York\n"                                                                                \
         "    numbers: '1.234,56'\n"                                                                                   \
         "    answer: {csv: {delimiter: ';'}}\n"                                                                       \
         "    line:\n"                                                                                                 \
         "      key: \"[id, part] | join('/')\"\n"                                                                     \
         "      sub_id: sub\n"                                                                                         \
         "      status: {by: state, P: pending, A: approved, D: reversed}\n"                                           \
         "      amount: amount\n"                                                                                      \
         "      currency: currency\n"                                                                                  \
         "      event_at: day | time('%m/%d/%Y')\n"                                                                    \
         "      clicks: clicks\n"                                                                                      \
         "      skip_if: id | is('Total')\n"

static void
lines_of_a_report_are_mapped_and_doubtful_money_is_rejected(void)
{
    g_autoptr(SourceSet) set = load_text("x", REPORT);
    const Operation *report = source_report_find(source_set_at(set, 0), STR("default"));
    Question question = QUESTION_NONE;
    g_auto(Collected) c = collect(report, &question, 0,
                                  STR("id;part;sub;state;amount;currency;day;clicks\n"
                                      "T1;1;abc;A;1.234,56;EUR;11/24/2026;1.000\n"
                                      "T1;2;abc;D;-0,50;€;11/24/2026;\n"
                                      "T2;1;;X;1,00;EUR;11/24/2026;\n"
                                      "T3;1;;A;1,0000001;EUR;11/24/2026;\n"
                                      "T4;1;;A;;EUR;11/24/2026;\n"
                                      "T5;1;;A;1,00;pounds;11/24/2026;\n"
                                      "T6;1;;P;1,00;EUR;13/24/2026;\n"
                                      "Total;;;;9,99;EUR;;\n"),
                                  true, NULL);
    const ReportLine *first = &g_array_index(c.lines, ReportLine, 0), *second = &g_array_index(c.lines, ReportLine, 1),
                     *third = &g_array_index(c.lines, ReportLine, 2);
    char text[TIMESTAMP_TEXT_SIZE];

    g_assert_cmpint(c.status, ==, ANSWER_OK);
    g_assert_cmpuint(c.lines->len, ==, 3);
    g_assert_cmpuint(c.dropped, ==, 4);
    g_assert_true(str_is(first->key, "T1/1"));
    g_assert_true(str_is(first->status, "approved"));
    g_assert_cmpint(first->amount_micros, ==, 1234560000);
    g_assert_cmpint(first->clicks, ==, 1000);
    g_assert_cmpstr(timestamp_format(first->event_at_us, text), ==, "2026-11-24T05:00:00Z");
    g_assert_cmpuint(first->row, ==, 1);
    g_assert_cmpint(second->amount_micros, ==, -500000);
    g_assert_cmpstr(second->currency.code, ==, "EUR");
    g_assert_cmpint(second->clicks, ==, -1);
    g_assert_cmpint(third->event_at_us, ==, TIMESTAMP_NONE);
    g_assert_false(str_equal(first->canonical, second->canonical));
}

static void
equal_lines_have_equal_canonical_text_wherever_they_stand(void)
{
    g_autoptr(SourceSet) set = load_text("x", REPORT);
    const Operation *report = source_report(source_set_at(set, 0), 0);
    Question question = QUESTION_NONE;
    g_auto(Collected) c = collect(report, &question, 0,
                                  STR("id;part;sub;state;amount;currency;day;clicks\n"
                                      "T1;1;abc;A;1,5;EUR;11/24/2026;1\n"
                                      "T1;1; abc ;A;1,50;eur;11/24/2026;1\n"
                                      "T1;1;abc;A;1,51;EUR;11/24/2026;1\n"),
                                  true, NULL);

    g_assert_cmpuint(c.lines->len, ==, 3);
    g_assert_true(
        str_equal(g_array_index(c.lines, ReportLine, 0).canonical, g_array_index(c.lines, ReportLine, 1).canonical));
    g_assert_false(
        str_equal(g_array_index(c.lines, ReportLine, 0).canonical, g_array_index(c.lines, ReportLine, 2).canonical));
}

static bool
stop(void *data, const Listing *listing)
{
    (void)listing;
    ++*(int *)data;
    return false;
}

static void
a_listener_may_stop_and_that_is_no_error(void)
{
    g_autoptr(SourceSet) set = load_text("x", SEARCH);
    static const AnswerEvents EVENTS = {.listing = stop};
    Question question = QUESTION_NONE;
    FakeClock clock;
    int count = 0;
    g_autoptr(Answer) answer = NULL;

    fake_clock_init(&clock, 0);
    answer = answer_new(source_search(source_set_at(set, 0)), &question, &clock.clock, &EVENTS, &count);
    g_assert_false(answer_push(
        answer,
        STR("{\"jobs\": [{\"title\": \"A\", \"url\": \"https://a/\"}, {\"title\": \"B\", \"url\": \"https://b/\"}]}")));
    g_assert_false(answer_push(answer, STR("more")));
    g_assert_cmpint(count, ==, 1);
    g_assert_cmpint(answer_finish(answer, false, NULL), ==, ANSWER_OK);
}

static void
retry_after_is_read_in_seconds_and_as_a_date(void)
{
    static const struct {
        const char *header;
        int64_t seconds;
    } CASES[] = {{"120", 120}, {"Thu, 01 Jan 1970 00:01:00 GMT", 50}, {"-5", 0}, {"soon", 0}, {"99999999999", 604800}};
    g_autoptr(SourceSet) set = load_text("x", SEARCH);
    static const AnswerEvents EVENTS = {0};
    Question question = QUESTION_NONE;
    FakeClock clock;

    fake_clock_init(&clock, 10 * US_PER_SECOND);
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        HttpHeader header = {STR("retry-after"), str_of(CASES[i].header)};
        g_autoptr(Answer) answer =
            answer_new(source_search(source_set_at(set, 0)), &question, &clock.clock, &EVENTS, NULL);

        answer_head(answer, 429, (HttpHeaders){&header, 1});
        g_assert_cmpint(answer_retry_after_us(answer), ==, CASES[i].seconds * US_PER_SECOND);
        g_assert_cmpint(answer_finish(answer, true, NULL), ==, ANSWER_QUOTA);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/status_and_body_decide_what_an_answer_means",
                    status_and_body_decide_what_an_answer_means);
    g_test_add_func("/sources/the_partner_never_echoes_our_secret_to_a_screen",
                    the_partner_never_echoes_our_secret_to_a_screen);
    g_test_add_func("/sources/a_record_without_title_or_url_is_dropped_and_a_bad_field_is_only_lost",
                    a_record_without_title_or_url_is_dropped_and_a_bad_field_is_only_lost);
    g_test_add_func("/sources/a_field_without_paths_is_the_same_for_each_record_and_so_is_its_mistake",
                    a_field_without_paths_is_the_same_for_each_record_and_so_is_its_mistake);
    g_test_add_func("/sources/words_that_the_partner_ignores_are_filtered_here",
                    words_that_the_partner_ignores_are_filtered_here);
    g_test_add_func("/sources/pages_go_on_until_a_short_page_the_total_or_the_bound",
                    pages_go_on_until_a_short_page_the_total_or_the_bound);
    g_test_add_func("/sources/lines_of_a_report_are_mapped_and_doubtful_money_is_rejected",
                    lines_of_a_report_are_mapped_and_doubtful_money_is_rejected);
    g_test_add_func("/sources/equal_lines_have_equal_canonical_text_wherever_they_stand",
                    equal_lines_have_equal_canonical_text_wherever_they_stand);
    g_test_add_func("/sources/a_listener_may_stop_and_that_is_no_error", a_listener_may_stop_and_that_is_no_error);
    g_test_add_func("/sources/retry_after_is_read_in_seconds_and_as_a_date",
                    retry_after_is_read_in_seconds_and_as_a_date);
    return g_test_run();
}
