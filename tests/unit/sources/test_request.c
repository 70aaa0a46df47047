#include "support.h"

#define ANSWER "  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n"
#define HEAD   "source: x\npartner: X\nsecrets: [KEY, PASS]\nparameters: {board: {default: acme, required: true}}\n"

static FakeClock the_clock;

static HttpRequest
request_of(const char *yaml, const Question *question, Arena *arena)
{
    g_autoptr(SourceSet) set = load_text("x", yaml);
    g_autoptr(GError) error = NULL;
    HttpRequest request;
    bool made = operation_request(source_search(source_set_at(set, 0)), question, NULL, &the_clock.clock, arena,
                                  &request, &error);

    g_assert_no_error(error);
    g_assert_true(made);
    return request;
}

static void
assert_refused(const char *yaml, const Question *question, const char *message)
{
    g_autoptr(SourceSet) set = load_text("x", yaml);
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    HttpRequest request = {.method = "untouched"};

    g_assert_false(operation_request(source_search(source_set_at(set, 0)), question, NULL, &the_clock.clock, arena,
                                     &request, &error));
    g_assert_cmpstr(error->message, ==, message);
    g_assert_cmpstr(request.method, ==, "untouched");
}

static void
each_place_encodes_in_its_own_way(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = QUESTION_NONE;
    HttpRequest request;

    question.keywords = STR("c++ & c#/go");
    question.location = STR("São Paulo?");
    request = request_of(HEAD "search:\n  get: https://{board}.x.example/a/{keywords}/b?l={location}\n"
                              "  query: {q: '{keywords}', e: '{cursor}', k: 'k {keywords|upper}'}\n" ANSWER,
                         &question, arena);
    g_assert_cmpstr(request.url, ==,
                    "https://acme.x.example/a/c++%20&%20c%23%2Fgo/b?l=S%C3%A3o%20Paulo%3F"
                    "&q=c%2B%2B%20%26%20c%23%2Fgo&k=k%20C%2B%2B%20%26%20C%23%2FGO");
}

static void
what_is_missing_in_a_path_or_demanded_is_named(void)
{
    Question question = QUESTION_NONE;

    assert_refused(HEAD "search:\n  get: https://x.example/{keywords}\n" ANSWER, &question,
                   "x: the URL needs keywords");
    assert_refused(HEAD "search:\n  get: https://x.example/\n  requires: [user_ip, user_agent]\n" ANSWER, &question,
                   "x demands user_ip");
    question.user_ip = STR("192.0.2.1");
    assert_refused(HEAD "search:\n  get: https://x.example/\n  requires: [user_ip, user_agent]\n" ANSWER, &question,
                   "x demands user_agent");
}

static void
a_value_cannot_change_the_host_or_add_a_header(void)
{
    Question question = QUESTION_NONE;

    question.location = STR("evil.example/");
    assert_refused("source: x\npartner: X\nsearch:\n  get: https://{location}.x.example/\n" ANSWER, &question,
                   "x: \"https://evil.example%2F.x.example/\" has no good host");
    question.page_url = STR("https://a/\r\nX-Evil: 1");
    assert_refused(HEAD "search:\n  get: https://x.example/\n  headers: {Referer: '{page_url}'}\n" ANSWER, &question,
                   "x: header Referer has a control character");
}

static void
a_whole_address_is_taken_as_it_is_and_must_have_a_host(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = QUESTION_NONE;
    HttpRequest request = request_of("source: x\npartner: X\n"
                                     "parameters: {file: {default: 'https://x.example/a.xml?key=1&x=%20'}}\n"
                                     "search:\n  get: '{file}'\n  query: {p: '{page0}'}\n" ANSWER,
                                     &question, arena);

    g_assert_cmpstr(request.url, ==, "https://x.example/a.xml?key=1&x=%20&p=0");
    assert_refused(HEAD "search:\n  get: '{board}'\n" ANSWER, &question, "x: \"acme\" has no good host");
}

static void
pages_are_counted_as_the_partner_counts(void)
{
    static const struct {
        const char *pages, *query, *expected;
    } CASES[] = {
        {"{by: page, first: 0, size: 20}", "{page}/{page0}/{per_page}", "2/2/20"},
        {"{by: page, size: 20}", "{page}/{page0}/{per_page}", "3/2/20"},
        {"{by: offset, size: 20}", "{offset}", "40"},
        {"{by: offset, first: 1, size: 20}", "{offset}", "41"},
        {"{by: part, first: 1}", "{part}", "4"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf(HEAD "search:\n  get: https://x.example/\n  pages: %s\n  query: {p: '%s'}\n" ANSWER,
                            CASES[i].pages, CASES[i].query);
        g_autofree char *expected = g_strdup_printf("p=%s", CASES[i].expected);
        g_autoptr(Arena) arena = arena_new(4096);
        Question question = QUESTION_NONE;
        g_autofree char *url = NULL;

        question.page = 3;
        question.part = 4;
        question.per_page = 100;
        url = g_uri_unescape_string(request_of(yaml, &question, arena).url, NULL);
        g_assert_cmpstr(strchr(url, '?') + 1, ==, expected);
    }
}

static void
windows_of_reports_are_written_in_the_report_s_zone(void)
{
    g_autoptr(SourceSet) set = load_text(
        "x", HEAD "reports:\n  default:\n    get: https://x.example/\n    mode: append\n    zone: America/New_York\n"
                  "    query: {a: '{since|date}', b: '{until|date %d/%m/%Y}', c: '{since|epoch_s}', d: "
                  "'{since|epoch_ms}', e: '{until|rfc3339}'}\n"
                  "    answer: {json: '[*]'}\n    line: {amount: a, currency: = USD}\n");
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    Question question = QUESTION_NONE;
    HttpRequest request;

    question.since_us = 1700000000 * US_PER_SECOND;
    question.until_us = 1700020000 * US_PER_SECOND;
    g_assert_true(operation_request(source_report(source_set_at(set, 0), 0), &question, NULL, &the_clock.clock, arena,
                                    &request, &error));
    g_assert_cmpstr(
        request.url, ==,
        "https://x.example/?a=2023-11-14&b=14%2F11%2F2023&c=1700000000&d=1700000000000&e=2023-11-15T03%3A46%3A40Z");
}

static void
bodies_leave_out_what_is_not_asked(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = QUESTION_NONE;
    HttpRequest json, form;

    question.keywords = STR("a \"b\"");
    json = request_of(
        HEAD "search:\n  post: https://x.example/\n  json: {q: '{keywords}', l: '{location}', n: 5, t: true, s: '5', "
             "list: [1, '{keywords}'], page: '{page|number}', type: {by: '{keywords}', other: z, else: y}}\n" ANSWER,
        &question, arena);
    g_assert_cmpstr(json.method, ==, "POST");
    g_assert_cmpstr(json.body.at, ==,
                    "{\"q\":\"a \\\"b\\\"\",\"n\":5,\"t\":true,\"s\":\"5\",\"list\":[1,\"a "
                    "\\\"b\\\"\"],\"page\":1,\"type\":\"y\"}");
    form = request_of(
        HEAD "search:\n  post: https://x.example/\n  form: {q: '{keywords}', l: '{location}', f: [a, b]}\n" ANSWER,
        &question, arena);
    g_assert_cmpstr(form.body.at, ==, "q=a%20%22b%22&f=a&f=b");
}

static void
a_part_of_a_body_that_asks_for_nothing_is_left_out(void)
{
    static const char YAML[] = HEAD "search:\n  post: https://x.example/\n  json:\n    limit: 5\n    facets: {}\n"
                                    "    filter:\n      operator: AND\n      conditions:\n"
                                    "        - {field: words, value: '{keywords}'}\n"
                                    "        - {field: place, value: {in: ['{location}', '{country}']}}\n" ANSWER;
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = QUESTION_NONE;

    g_assert_cmpstr(request_of(YAML, &question, arena).body.at, ==, "{\"limit\":5,\"facets\":{}}");
    question.location = STR("Oslo");
    g_assert_cmpstr(request_of(YAML, &question, arena).body.at, ==,
                    "{\"limit\":5,\"facets\":{},\"filter\":{\"operator\":\"AND\",\"conditions\":["
                    "{\"field\":\"place\",\"value\":{\"in\":[\"Oslo\"]}}]}}");
}

static void
values_in_a_body_of_xml_are_escaped(void)
{
    static const char SOAP[] =
        "  xml: |\n    <e:Body><Find key='${KEY}'><q>{keywords}</q><n>{page}</n></Find></e:Body>\n" ANSWER;
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = QUESTION_NONE;
    g_autofree char *plain = g_strconcat(HEAD "search:\n  post: https://x.example/\n", SOAP, NULL);
    g_autofree char *soap = g_strconcat(
        HEAD "search:\n  post: https://x.example/\n  headers: {Content-Type: application/soap+xml}\n", SOAP, NULL);
    HttpRequest request;

    question.keywords = STR("R&D <\"x\">");
    request = request_of(plain, &question, arena);
    g_assert_cmpstr(request.body.at, ==,
                    "<e:Body><Find key='SECRET-KEY'><q>R&amp;D &lt;&quot;x&quot;&gt;</q><n>1</n></Find></e:Body>\n");
    g_assert_true(str_is(http_header_find(request.headers, "Content-Type"), "text/xml; charset=utf-8"));
    question.keywords = STR_NONE;
    request = request_of(soap, &question, arena);
    g_assert_cmpstr(request.body.at, ==, "<e:Body><Find key='SECRET-KEY'><q></q><n>1</n></Find></e:Body>\n");
    g_assert_cmpuint(request.headers.count, ==, 1);
    g_assert_true(str_is(request.headers.items[0].value, "application/soap+xml"));
    assert_mistake(HEAD "search:\n  post: https://x.example/\n  form: {a: b}\n  xml: <a/>\n" ANSWER,
                   "exclude each other");
    assert_mistake(HEAD "search:\n  get: https://x.example/\n  xml: <a/>\n" ANSWER, "xml: needs post");
}

static void
a_detail_may_ask_for_the_page_of_the_listing_itself(void)
{
    g_autoptr(SourceSet) set = load_text("x", HEAD "feed:\n  get: https://jobs.example/sitemap.xml\n"
                                                   "  auth: {bearer: '${KEY}'}\n" ANSWER
                                                   "  detail:\n    get: '{item_url}'\n    auth: {bearer: '${KEY}'}\n"
                                                   "    hosts: [pages.example]\n    answer: {json: .}\n"
                                                   "    listing: {description: d}\n");
    const Operation *detail = operation_detail(source_feed(source_set_at(set, 0)));
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    Question question = QUESTION_NONE;
    HttpRequest request;

    question.item_url = STR("/job/7?a=%20b");
    g_assert_true(operation_request(detail, &question, NULL, &the_clock.clock, arena, &request, &error));
    g_assert_cmpstr(request.url, ==, "https://jobs.example/job/7?a=%20b");
    g_assert_cmpuint(request.headers.count, ==, 1);
    question.item_url = STR("https://pages.example/7");
    g_assert_true(operation_request(detail, &question, NULL, &the_clock.clock, arena, &request, &error));
    g_assert_cmpstr(request.url, ==, "https://pages.example/7");
    g_assert_cmpuint(request.headers.count, ==, 0);
    question.item_url = STR("https://elsewhere.example/7");
    g_assert_false(operation_request(detail, &question, NULL, &the_clock.clock, arena, &request, &error));
    g_assert_nonnull(strstr(error->message, "leads to another host"));
}

static void
every_kind_of_credential_is_sent_and_hidden(void)
{
    static const struct {
        const char *auth, *header, *value;
    } CASES[] = {
        {"{basic: {user: '${KEY}', password: '${PASS}'}}", "Authorization", "Basic U0VDUkVULUtFWTpTRUNSRVQtUEFTUw=="},
        {"{bearer: '${KEY}'}", "Authorization", "Bearer SECRET-KEY"},
        {"{header: {X-Api-Key: 'Token token=${KEY}'}}", "X-Api-Key", "Token token=SECRET-KEY"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml = g_strdup_printf(
            HEAD "search:\n  get: https://x.example/${PASS}/\n  query: {k: '${KEY}'}\n  auth: %s\n" ANSWER,
            CASES[i].auth);
        g_autoptr(SourceSet) set = load_text("x", yaml);
        const Operation *search = source_search(source_set_at(set, 0));
        g_autoptr(Arena) arena = arena_new(4096);
        g_autoptr(GError) error = NULL;
        Question question = QUESTION_NONE;
        HttpRequest request;
        Str value;

        g_assert_true(operation_request(search, &question, NULL, &the_clock.clock, arena, &request, &error));
        value = http_header_find(request.headers, CASES[i].header);
        g_assert_true(str_is(value, CASES[i].value));
        g_assert_true(str_find(operation_redact(search, value, arena), STR("***")) >= 0);
        g_assert_true(str_is(operation_redact(search, str_of(request.url), arena), "https://x.example/***/?k=***"));
    }
}

static void
a_disabled_source_is_not_asked(void)
{
    g_autofree char *path = g_build_filename(g_getenv("WEIR_ROOT"), "sources", NULL);
    SourceSetSpec spec = {.directory = path};
    g_autoptr(GError) error = NULL, refusal = NULL;
    g_autoptr(SourceSet) set = source_set_load(&spec, &error);
    g_autoptr(Arena) arena = arena_new(4096);
    Question question = QUESTION_NONE;
    HttpRequest request;

    g_assert_false(operation_request(source_search(source_set_find(set, STR("reed"))), &question, NULL,
                                     &the_clock.clock, arena, &request, &refusal));
    g_assert_cmpstr(refusal->message, ==, "reed is disabled: it needs REED_KEY");
}

#define CLICK                                                                                                          \
    HEAD "click:\n  subid: {query: t 1, %s}\n  append: {ip: '{user_ip}', v: '2'}\nsearch:\n  get: "                    \
         "https://x.example/\n" ANSWER

static void
assert_click(const char *slot, const char *url, const char *sub_id, const char *expected)
{
    g_autofree char *yaml = g_strdup_printf(CLICK, slot);
    g_autoptr(SourceSet) set = load_text("x", yaml);
    g_autoptr(Arena) arena = arena_new(4096);
    Question visitor = QUESTION_NONE;

    visitor.user_ip = STR("2001:db8::1");
    g_assert_cmpstr(source_click_url(source_set_at(set, 0), str_of(url), str_of(sub_id), &visitor, arena).at, ==,
                    expected);
}

static void
the_sub_id_goes_where_it_fits_and_the_url_stays_as_it_is(void)
{
    assert_click("letters_and_digits: 8", "https://p/?a=%2f&b", "AB12",
                 "https://p/?a=%2f&b&t%201=AB12&ip=2001%3Adb8%3A%3A1&v=2");
    assert_click("letters_and_digits: 8", "https://p/x#/y?z=1", "AB12",
                 "https://p/x?t%201=AB12&ip=2001%3Adb8%3A%3A1&v=2#/y?z=1");
    assert_click("letters_and_digits: 3", "https://p/", "AB12", "https://p/?ip=2001%3Adb8%3A%3A1&v=2");
    assert_click("digits: 15", "https://p/", "AB12", "https://p/?ip=2001%3Adb8%3A%3A1&v=2");
    assert_click("digits: 15", "https://p/", "123", "https://p/?t%201=123&ip=2001%3Adb8%3A%3A1&v=2");
}

static void
macros_of_a_click_url_are_replaced(void)
{
    static const struct {
        const char *click, *url, *sub_id, *expected;
    } CASES[] = {
        {"{subid: {macro: '[SUB]', letters_and_digits: 8}}", "https://p/?a=[SUB]&b=[SUB]", "AB12",
         "https://p/?a=AB12&b=AB12"},
        {"{subid: {macro: '[SUB]', digits: 8}}", "https://p/?a=[SUB]", "AB12", "https://p/?a="},
        {"{macros: {'{ip}': '{user_ip}', '%%UA%%': '{user_agent}'}}", "https://p/?i={ip}&u=%%UA%%", "1",
         "https://p/?i=2001%3Adb8%3A%3A1&u="},
        {"{subid: {query: t1, digits: 8}, append: {t2: '{click_id}', t3: '{click_id|prefix x}'}}", "https://p/", "12",
         "https://p/?t1=12&t2=12&t3=x12"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf(HEAD "click: %s\nsearch:\n  get: https://x.example/\n" ANSWER, CASES[i].click);
        g_autoptr(SourceSet) set = load_text("x", yaml);
        g_autoptr(Arena) arena = arena_new(4096);
        Question visitor = QUESTION_NONE;

        visitor.user_ip = STR("2001:db8::1");
        g_assert_cmpstr(
            source_click_url(source_set_at(set, 0), str_of(CASES[i].url), str_of(CASES[i].sub_id), &visitor, arena).at,
            ==, CASES[i].expected);
    }
}

static unsigned
heeds_of(const char *yaml)
{
    g_autoptr(SourceSet) set = load_text("x", yaml);

    return operation_heeds(source_search(source_set_at(set, 0)));
}

static void
a_word_is_heeded_that_changes_the_request_or_is_filtered(void)
{
    g_assert_cmpuint(heeds_of(HEAD "search:\n  get: https://x.example/\n  query: {q: '{keywords}'}\n" ANSWER), ==,
                     WORD_KEYWORDS);
    g_assert_cmpuint(heeds_of(HEAD "search:\n  get: https://x.example/\n  unsupported: [location, remote]\n"
                                   "  query: {q: '{keywords}'}\n" ANSWER),
                     ==, WORD_KEYWORDS | WORD_LOCATION | WORD_REMOTE);
    g_assert_cmpuint(heeds_of(HEAD "search:\n  get: https://x.example/\n"
                                   "  query: {near: '{latitude},{longitude}', within: '{radius_km}'}\n" ANSWER),
                     ==, WORD_LOCATION | WORD_RADIUS);
    g_assert_cmpuint(heeds_of(HEAD "countries: [GB]\nsearch:\n  post: https://x.example/\n"
                                   "  json: {within: '{radius_km|number}', days: '{posted_within_days}'}\n"
                                   "  pages: {by: cursor}\n"
                                   "  answer: {json: 'jobs[*]', next: next}\n  listing: {title: title, url: url}\n"),
                     ==, WORD_COUNTRY | WORD_RADIUS | WORD_POSTED_WITHIN | WORD_PAGE);
    g_assert_cmpuint(heeds_of(HEAD "search:\n  get: https://x.example/{keywords}/{page}\n"
                                   "  headers: {X-Pay: '{salary_min}', X-Kind: '{employment_type}'}\n"
                                   "  pages: {by: page, first: 1, size: 5}\n" ANSWER),
                     ==, WORD_KEYWORDS | WORD_PAGE | WORD_SALARY_MIN | WORD_EMPLOYMENT_TYPE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fake_clock_init(&the_clock, 0);
    g_test_add_func("/sources/each_place_encodes_in_its_own_way", each_place_encodes_in_its_own_way);
    g_test_add_func("/sources/a_word_is_heeded_that_changes_the_request_or_is_filtered",
                    a_word_is_heeded_that_changes_the_request_or_is_filtered);
    g_test_add_func("/sources/what_is_missing_in_a_path_or_demanded_is_named",
                    what_is_missing_in_a_path_or_demanded_is_named);
    g_test_add_func("/sources/a_value_cannot_change_the_host_or_add_a_header",
                    a_value_cannot_change_the_host_or_add_a_header);
    g_test_add_func("/sources/a_whole_address_is_taken_as_it_is_and_must_have_a_host",
                    a_whole_address_is_taken_as_it_is_and_must_have_a_host);
    g_test_add_func("/sources/pages_are_counted_as_the_partner_counts", pages_are_counted_as_the_partner_counts);
    g_test_add_func("/sources/windows_of_reports_are_written_in_the_report_s_zone",
                    windows_of_reports_are_written_in_the_report_s_zone);
    g_test_add_func("/sources/bodies_leave_out_what_is_not_asked", bodies_leave_out_what_is_not_asked);
    g_test_add_func("/sources/a_detail_may_ask_for_the_page_of_the_listing_itself",
                    a_detail_may_ask_for_the_page_of_the_listing_itself);
    g_test_add_func("/sources/values_in_a_body_of_xml_are_escaped", values_in_a_body_of_xml_are_escaped);
    g_test_add_func("/sources/a_part_of_a_body_that_asks_for_nothing_is_left_out",
                    a_part_of_a_body_that_asks_for_nothing_is_left_out);
    g_test_add_func("/sources/every_kind_of_credential_is_sent_and_hidden",
                    every_kind_of_credential_is_sent_and_hidden);
    g_test_add_func("/sources/a_disabled_source_is_not_asked", a_disabled_source_is_not_asked);
    g_test_add_func("/sources/the_sub_id_goes_where_it_fits_and_the_url_stays_as_it_is",
                    the_sub_id_goes_where_it_fits_and_the_url_stays_as_it_is);
    g_test_add_func("/sources/macros_of_a_click_url_are_replaced", macros_of_a_click_url_are_replaced);
    return g_test_run();
}
