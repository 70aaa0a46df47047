/* What is prepared first: the requests of submit, poll and download, and what their answers say. */
#include "support.h"

#define REPORT(lines)                                                                                                  \
    "source: x\npartner: X\nsecrets: [KEY]\nauth: {header: {X-Key: '${KEY}'}}\nreports:\n  default:\n"                 \
    "    mode: append\n    answer: {json: 'rows[*]', next: next}\n    line: {amount: a, currency: = EUR}\n" lines
#define SUBMIT "    submit: {post: 'https://x.example/v1/export', ticket: id}\n"
#define POLL   "    poll: {get: 'https://x.example/v1/jobs/{ticket}', status: s, ready: [done], result: url}\n"
#define WHOLE  SUBMIT POLL "    get: '{result}'\n    hosts: [files.example]\n"

static void
assert_url(const Operation *operation, const Question *question, const char *url, const char *header)
{
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GError) error = NULL;
    HttpRequest request;
    FakeClock clock;

    fake_clock_init(&clock, 0);
    if (!operation_request(operation, question, NULL, &clock.clock, arena, &request, &error)) {
        g_assert_cmpstr(error->message, ==, url);
        return;
    }
    g_assert_cmpstr(request.url, ==, url);
    g_assert_true((http_header_find(request.headers, "X-Key").at != NULL) == (header != NULL));
}

static void
urls_that_the_partner_gives_are_relative_to_the_submit(void)
{
    g_autoptr(SourceSet) set = load_text("x", REPORT(WHOLE "    pages: {by: next_link}\n"));
    const Operation *report = source_report(source_set_at(set, 0), 0);
    Question question = QUESTION_NONE;

    assert_url(operation_submit(report), &question, "https://x.example/v1/export", "yes");
    question.ticket = STR("a b");
    assert_url(operation_poll(report), &question, "https://x.example/v1/jobs/a%20b", "yes");
    question.result = STR("/v1/out?x=1");
    assert_url(report, &question, "https://x.example/v1/out?x=1", "yes");
    question.result = STR("out");
    assert_url(report, &question, "https://x.example/v1/out", "yes");
    question.result = STR("https://files.example/out");
    assert_url(report, &question, "https://files.example/out", NULL);
    question.result = STR("https://other.example/out");
    assert_url(report, &question, "x: the link leads to another host: \"https://other.example/out\"", NULL);
    question.cursor = STR("https://files.example/out?page=2");
    assert_url(report, &question, "https://files.example/out?page=2", NULL);
    question.cursor = STR("/v1/out?page=2");
    assert_url(report, &question, "https://x.example/v1/out?page=2", "yes");
}

static void
a_detail_of_what_was_prepared_is_relative_to_the_submit_too(void)
{
    g_autoptr(SourceSet) set = load_text(
        "x", "source: x\npartner: X\nsecrets: [KEY]\nauth: {header: {X-Key: '${KEY}'}}\nfeed:\n"
             "  submit: {post: 'https://x.example/v1/export', ticket: id}\n"
             "  poll: {get: '{ticket}', result: url}\n  get: '{result}'\n  hosts: [files.example]\n"
             "  answer: {json: 'rows[*]'}\n  listing: {title: t, url: u}\n"
             "  detail: {get: '{item_url}', hosts: [pages.example], answer: {json: .}, listing: {description: d}}\n");
    const Operation *detail = operation_detail(source_feed(source_set_at(set, 0)));
    Question question = QUESTION_NONE;

    /* A host that was given the URL of the result only is given no key with a listing's either. */
    question.result = STR("https://files.example/out");
    question.item_url = STR("https://files.example/7");
    assert_url(detail, &question, "x: the link leads to another host: \"https://files.example/7\"", NULL);
    question.item_url = STR("https://pages.example/7");
    assert_url(detail, &question, "https://pages.example/7", NULL);
    question.item_url = STR("https://x.example/7");
    assert_url(detail, &question, "https://x.example/7", "yes");
    question.item_url = STR("/7");
    question.result = STR("/v1/out");
    assert_url(detail, &question, "https://x.example/7", "yes");
}

static void
a_url_is_only_what_the_step_before_gave(void)
{
    g_autoptr(SourceSet) set = load_text("x", REPORT(WHOLE));
    const Operation *report = source_report(source_set_at(set, 0), 0);
    Question question = QUESTION_NONE;

    question.ticket = STR("t");
    assert_url(report, &question, "x: the URL needs result", NULL);
    g_assert_null(operation_submit(operation_submit(report)));
    g_assert_true(poll_reads_body(report));
}

/* What poll_read() says of an answer. */
static OrderState
state_of(const char *poll, int status, const char *body, AnswerStatus *ret_status, char **ret_words)
{
    g_autofree char *yaml = g_strdup_printf(REPORT("%s%s    get: '{result}'\n"), SUBMIT, poll);
    g_autoptr(SourceSet) set = load_text("x", yaml);
    const Operation *report = source_report(source_set_at(set, 0), 0);
    static const AnswerEvents EVENTS = {0};
    static const HttpHeader HEADERS[] = {{STR("Location"), STR("/there")}};
    g_autoptr(Arena) arena = arena_new(1024);
    Question question = QUESTION_NONE;
    Str result = STR_NONE, message = STR_NONE;
    g_autoptr(Answer) answer = NULL;
    OrderState state;
    FakeClock clock;

    fake_clock_init(&clock, 0);
    answer = answer_new(operation_poll(report), &question, &clock.clock, &EVENTS, NULL);
    answer_head(answer, status, (HttpHeaders){HEADERS, status == 303 ? 1 : 0});
    (void)!answer_push(answer, str_of(body));
    *ret_status = answer_finish(answer, true, &message);
    state = poll_read(report, answer, ret_status, arena, &result, &message);
    *ret_words = str_dup(state == ORDER_READY ? result : message);
    return state;
}

static void
a_poll_tells_ready_from_waiting_and_failed(void)
{
    static const char STATES[] =
        "    poll: {get: '{ticket}', status: s, ready: [done, 'true'], failed: [bad], result: u}\n";
    static const char RESULT[] = "    poll: {get: '{ticket}', result: u}\n";
    static const char HEADER[] = "    poll: {get: '{ticket}', result_header: Location}\n";
    static const char NOTHING[] = "    poll: {get: '{ticket}'}\n";
    static const char RULES[] = "    poll: {get: '{ticket}', result: u, answer: {json: ., errors: "
                                "[{path: error, is: permanent, message: error}]}}\n";
    static const struct {
        const char *poll;
        int status;
        const char *body;
        OrderState state;
        const char *words;
    } CASES[] = {
        {STATES, 200, "{\"s\": \"done\", \"u\": \"/x\"}", ORDER_READY, "/x"},
        {STATES, 202, "{\"s\": true, \"u\": \"/x\"}", ORDER_READY, "/x"},
        {STATES, 200, "{\"s\": \"half\"}", ORDER_WAITING, "it is half"},
        {STATES, 202, "", ORDER_WAITING, "it is "},
        {STATES, 200, "{\"s\": \"bad\"}", ORDER_FAILED, "it is bad"},
        {STATES, 200, "<html>", ORDER_FAILED, NULL},
        {STATES, 503, "{\"s\": \"bad\"}", ORDER_WAITING, NULL},
        {RESULT, 200, "{\"u\": null}", ORDER_WAITING, "it is not there yet"},
        {RESULT, 200, "{\"u\": \"/y\"}", ORDER_READY, "/y"},
        {RULES, 200, "{\"error\": \"no such export\"}", ORDER_FAILED, "no such export"},
        {HEADER, 202, "", ORDER_WAITING, "it is not there yet"},
        {HEADER, 303, "<html>", ORDER_READY, "/there"},
        {NOTHING, 202, "", ORDER_WAITING, "it is not there yet"},
        {NOTHING, 200, "a,b\n1,2\n", ORDER_READY, ""},
        {NOTHING, 204, "", ORDER_READY, ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *words = NULL;
        AnswerStatus status;

        g_test_message("%" G_GSIZE_FORMAT, i);
        g_assert_cmpint(state_of(CASES[i].poll, CASES[i].status, CASES[i].body, &status, &words), ==, CASES[i].state);
        if (CASES[i].words != NULL)
            g_assert_cmpstr(words != NULL ? words : "", ==, CASES[i].words);
        g_assert_true((status != ANSWER_OK && status != ANSWER_EMPTY && status != ANSWER_TRANSIENT) ==
                      (CASES[i].state == ORDER_FAILED));
    }
}

static void
what_can_not_be_ordered_is_a_mistake(void)
{
    static const struct {
        const char *lines, *words;
    } CASES[] = {
        {SUBMIT "    get: https://x.example/\n", "submit and poll belong together"},
        {POLL "    get: https://x.example/\n", "submit and poll belong together"},
        {"    submit: {get: https://x.example/}\n" POLL "    get: '{result}'\n", "ticket: is missing"},
        {"    submit: {get: https://x.example/, ticket: a, ticket_header: B}\n" POLL "    get: '{result}'\n",
         "ticket_header: ticket is given already"},
        {SUBMIT "    poll: {get: '{ticket}', status: s}\n    get: '{result}'\n", "status and ready belong together"},
        {SUBMIT "    poll: {get: '{ticket}', failed: [x]}\n    get: '{result}'\n", "failed: needs status"},
        {SUBMIT "    poll: {get: '{ticket}', every: 1s, deadline: 2h}\n    get: '{result}'\n",
         "every: must be at least"},
        {SUBMIT "    poll: {get: '{ticket}', deadline: 13h, every: 1m}\n    get: '{result}'\n",
         "deadline: must be at most 12h"},
        {SUBMIT "    poll: {get: '{result}'}\n    get: '{result}'\n", "{result} has no value here"},
        {SUBMIT POLL "    get: '{result}/more'\n", "may begin a URL"},
        {WHOLE "    pages: {by: page, size: 9}\n", "can have pages by next_link only"},
        {"    get: 'https://x.example/{ticket}'\n", "{ticket} has no value here: it is of what is prepared first"},
        {SUBMIT "    poll: {get: '{ticket}', staus: s}\n    get: '{result}'\n", "unknown key"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml = g_strdup_printf(REPORT("%s"), CASES[i].lines);

        assert_mistake(yaml, CASES[i].words);
    }
    assert_mistake("source: x\npartner: X\nsearch:\n  answer: {json: '[*]'}\n  listing: {title: t, url: u}\n"
                   "  submit: {get: 'https://x.example/', ticket: id}\n  poll: {get: '{ticket}', result: u}\n"
                   "  get: '{result}'\n",
                   "a search is not waited for");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/order/urls_that_the_partner_gives_are_relative_to_the_submit",
                    urls_that_the_partner_gives_are_relative_to_the_submit);
    g_test_add_func("/sources/order/a_detail_of_what_was_prepared_is_relative_to_the_submit_too",
                    a_detail_of_what_was_prepared_is_relative_to_the_submit_too);
    g_test_add_func("/sources/order/a_url_is_only_what_the_step_before_gave", a_url_is_only_what_the_step_before_gave);
    g_test_add_func("/sources/order/a_poll_tells_ready_from_waiting_and_failed",
                    a_poll_tells_ready_from_waiting_and_failed);
    g_test_add_func("/sources/order/what_can_not_be_ordered_is_a_mistake", what_can_not_be_ordered_is_a_mistake);
    return g_test_run();
}
