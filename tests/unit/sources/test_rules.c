/* The rules of a definition that say what an answer means, one after the other. */
#include "support.h"

#define NOW_US (INT64_C(1795523696) * US_PER_SECOND)

static const char DEFINITION[] = "source: x\npartner: X\nsecrets: [KEY]\nsearch:\n  get: https://x.example/?k=${KEY}\n"
                                 "  answer:\n    json: jobs.list[*]\n    errors:\n"
                                 "      - {content_type: text/html, is: transient}\n"
                                 "      - {header: X-Fault, equals: '7', is: credential}\n"
                                 "      - {header: X-Blocked, is: permanent}\n"
                                 "      - {status: 403, is: quota, wait: 1h}\n"
                                 "      - {status: 503, is: transient, wait_header: X-Back-At}\n"
                                 "      - {path: 'errors[0].message', is: permanent, message: 'errors[*].message'}\n"
                                 "      - {path: type, not_equals: JOBS, is: empty}\n"
                                 "      - {missing: jobs.list, is: permanent}\n"
                                 "  listing: {title: t, url: u}\n";

typedef struct {
    const char *name, *value;
} Header;

typedef struct {
    AnswerStatus status;
    char *message;
    int64_t wait_us;
} Meaning;

static void
meaning_clear(Meaning *meaning)
{
    g_free(meaning->message);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Meaning, meaning_clear)

static Meaning
meaning_of(int status, const Header *said, const char *body, bool complete)
{
    static const AnswerEvents EVENTS = {0};
    g_autoptr(SourceSet) set = load_text("x", DEFINITION);
    Question question = QUESTION_NONE;
    HttpHeader header = {str_of(said != NULL ? said->name : ""), str_of(said != NULL ? said->value : "")};
    FakeClock clock;
    Meaning meaning;
    Str message;
    g_autoptr(Answer) answer = NULL;

    fake_clock_init(&clock, NOW_US);
    answer = answer_new(source_search(source_set_at(set, 0)), &question, &clock.clock, &EVENTS, NULL);
    answer_head(answer, status, (HttpHeaders){&header, said != NULL ? 1 : 0});
    g_test_message("%d, pushed %d", status, answer_push(answer, str_of(body)));
    meaning.status = answer_finish(answer, complete, &message);
    meaning.message = str_dup(message);
    meaning.wait_us = answer_retry_after_us(answer);
    return meaning;
}

static void
assert_meaning(int status, const Header *said, const char *body, AnswerStatus expected, const char *words)
{
    g_auto(Meaning) meaning = meaning_of(status, said, body, true);

    g_assert_cmpstr(answer_status_name(meaning.status), ==, answer_status_name(expected));
    if (strstr(meaning.message, words) == NULL)
        g_error("\"%s\" is not in: %s", words, meaning.message);
}

#define GOOD "{\"jobs\": {\"list\": [{\"t\": \"A\", \"u\": \"https://a/\"}]}}"

static void
headers_are_looked_at(void)
{
    assert_meaning(200, NULL, GOOD, ANSWER_OK, "");
    assert_meaning(200, &(Header){"Content-Type", "application/json"}, GOOD, ANSWER_OK, "");
    assert_meaning(200, &(Header){"content-type", "Text/HTML; charset=utf-8"}, "<html>Down for <b>repair</b>",
                   ANSWER_TRANSIENT, "Down for repair");
    assert_meaning(200, &(Header){"X-Fault", "7"}, GOOD, ANSWER_CREDENTIAL, "X-Fault: 7");
    assert_meaning(200, &(Header){"X-Fault", "8"}, GOOD, ANSWER_OK, "");
    assert_meaning(200, &(Header){"x-blocked", "key SECRET-KEY"}, GOOD, ANSWER_PERMANENT, "key ***");
}

static void
a_root_that_is_missing_is_no_empty_list(void)
{
    assert_meaning(200, NULL, "{\"jobs\": {\"list\": []}}", ANSWER_EMPTY, "");
    assert_meaning(200, NULL, "{\"jobs\": {\"list\": {}}}", ANSWER_OK, "");
    assert_meaning(200, NULL, "{\"jobs\": {\"items\": []}}", ANSWER_PERMANENT, "the answer has no jobs.list");
    assert_meaning(200, NULL, "{\"jobs\": {\"list\": null}}", ANSWER_PERMANENT, "the answer has no jobs.list");
    assert_meaning(200, NULL, "{}", ANSWER_PERMANENT, "the answer has no jobs.list");
    assert_meaning(200, NULL, "[{\"jobs\": {\"list\": []}}]", ANSWER_EMPTY, "");
}

static void
what_broke_off_may_have_had_its_root(void)
{
    g_auto(Meaning) cut = meaning_of(200, NULL, "{\"total\": 1", false),
                    bad = meaning_of(200, NULL, "{\"total\"", true);

    g_assert_cmpint(cut.status, ==, ANSWER_MALFORMED);
    g_assert_cmpint(bad.status, ==, ANSWER_MALFORMED);
}

static void
a_list_of_errors_and_a_tag_decide(void)
{
    assert_meaning(200, NULL, "{\"errors\": [{\"message\": \"Field 'x' is unknown\"}], \"data\": null}",
                   ANSWER_PERMANENT, "Field 'x' is unknown");
    assert_meaning(200, NULL, "{\"type\": \"LOCATIONS\"}", ANSWER_EMPTY, "");
    assert_meaning(200, NULL, "{\"type\": \"JOBS\", \"jobs\": {\"list\": []}}", ANSWER_EMPTY, "");
}

/* The presence of a list is asked of a large document without keeping it. */
static void
a_failing_partner_is_not_cleared_by_a_rule_for_its_answers(void)
{
    static const char TOLD[] = "{\"errors\": [{\"message\": \"upstream\"}]}";

    assert_meaning(502, NULL, "{}", ANSWER_TRANSIENT, "HTTP 502: {}");
    assert_meaning(500, NULL, TOLD, ANSWER_TRANSIENT, "HTTP 500");
    assert_meaning(429, NULL, TOLD, ANSWER_QUOTA, "HTTP 429");
    assert_meaning(500, NULL, "{\"type\": \"LOCATIONS\"}", ANSWER_TRANSIENT, "HTTP 500");
    assert_meaning(500, &(Header){"X-Fault", "7"}, "{}", ANSWER_CREDENTIAL, "X-Fault: 7"); /* it says more than 500 */
    assert_meaning(400, NULL, TOLD, ANSWER_PERMANENT, "upstream");
}

static void
a_long_list_is_there_without_being_kept(void)
{
    g_autoptr(GString) body = g_string_new("{\"jobs\": {\"list\": [");
    g_auto(Meaning) meaning = {0};

    for (unsigned i = 0; i < 100000; i++)
        g_string_append_printf(body, "%s{\"t\": \"A\", \"u\": \"https://a/\", \"x\": [1, 2]}", i > 0 ? "," : "");
    g_string_append(body, "]}}");
    meaning = meaning_of(200, NULL, body->str, true);
    g_assert_cmpint(meaning.status, ==, ANSWER_OK);
}

static void
assert_wait(int status, const char *header, const char *value, int64_t seconds)
{
    const Header said = {header, value};
    g_auto(Meaning) meaning = meaning_of(status, header != NULL ? &said : NULL, GOOD, true);

    g_assert_cmpint(meaning.wait_us, ==, seconds * US_PER_SECOND);
}

static void
how_long_to_wait_is_told_by_headers_or_by_the_rule(void)
{
    assert_wait(429, "RateLimit-Reset", "30", 30);
    assert_wait(429, "X-RateLimit-Reset", "1795523756", 60);
    assert_wait(429, "X-Rate-Limit-Reset", "1795523756000", 60);
    assert_wait(429, "X-RateLimit-Reset", "1000000001", 0);
    assert_wait(429, "X-RateLimit-Reset", "99999999999999999", 7 * 86400);
    assert_wait(429, NULL, NULL, 0);
    assert_wait(200, "X-RateLimit-Reset", "30", 0);
    assert_wait(403, NULL, NULL, 3600);
    assert_wait(403, "Retry-After", "10", 10);
    assert_wait(503, "X-Back-At", "1795523700", 4);
    assert_wait(503, "X-Back-At", "soon", 0);
}

static void
a_rule_that_says_nothing_is_a_mistake(void)
{
    static const struct {
        const char *rule, *words;
    } CASES[] = {
        {"{is: quota}", "a rule needs status, path, missing, header, content_type or contains"},
        {"{path: a, header: B, is: quota}", "looks at a path or at a header"},
        {"{status: 400, equals: x, is: quota}", "equals and not_equals need path or header"},
        {"{missing: 'a[0]', is: quota}", "must be a path of names only"},
        {"{missing: 'a[', is: quota}", "column"},
        {"{status: 400, is: quota, wait: soon}", "wait"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf("source: x\npartner: X\nsearch:\n  get: https://x.example/\n"
                            "  answer: {json: '[*]', errors: [%s]}\n  listing: {title: t, url: u}\n",
                            CASES[i].rule);

        assert_mistake(yaml, "x.yaml:5: ");
        assert_mistake(yaml, CASES[i].words);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/headers_are_looked_at", headers_are_looked_at);
    g_test_add_func("/sources/a_root_that_is_missing_is_no_empty_list", a_root_that_is_missing_is_no_empty_list);
    g_test_add_func("/sources/what_broke_off_may_have_had_its_root", what_broke_off_may_have_had_its_root);
    g_test_add_func("/sources/a_list_of_errors_and_a_tag_decide", a_list_of_errors_and_a_tag_decide);
    g_test_add_func("/sources/a_failing_partner_is_not_cleared_by_a_rule_for_its_answers",
                    a_failing_partner_is_not_cleared_by_a_rule_for_its_answers);
    g_test_add_func("/sources/a_long_list_is_there_without_being_kept", a_long_list_is_there_without_being_kept);
    g_test_add_func("/sources/how_long_to_wait_is_told_by_headers_or_by_the_rule",
                    how_long_to_wait_is_told_by_headers_or_by_the_rule);
    g_test_add_func("/sources/a_rule_that_says_nothing_is_a_mistake", a_rule_that_says_nothing_is_a_mistake);
    return g_test_run();
}
