/* What a partner prepares first: submit, poll, download, against a partner that is played. */
#include "partner.h"

#define HEAD   "source: x\npartner: X\nsecrets: [KEY]\nauth: {bearer: '${KEY}'}\n"
#define REPORT "reports:\n  default:\n    mode: append\n"
#define SUBMIT "    submit: {post: https://x.example/export, json: {day: '{since|date}'}, ticket: QueuedUri}\n"
#define POLL                                                                                                           \
    "    poll: {get: '{ticket}', status: Status, ready: [COMPLETED], failed: [ERROR, CANCELLED], message: Why,"        \
    " result: ResultUri, every: 10s, deadline: 1m}\n"
#define REST                                                                                                           \
    "    get: '{result}'\n    hosts: [files.example]\n    headers: {X-Own: yes}\n    query: {a: b}\n"                  \
    "    answer: {csv: {}}\n    line: {amount: a, currency: = EUR}\n"
#define CLICKS HEAD REPORT SUBMIT POLL REST

typedef struct {
    Partner partner;
    Question question;
    Asked asked;
} Fetch;

static void
fetch_init(Fetch *fetch, const char *yaml)
{
    *fetch = (Fetch){.question = ANY_QUESTION};
    partner_init(&fetch->partner, yaml);
    fetch->question.since_us = 0;
    fetch->question.until_us = US_PER_DAY;
}

static void
fetch_start(Fetch *fetch)
{
    const Operation *report = source_report(source_set_at(fetch->partner.set, 0), 0);
    g_autoptr(GError) error = NULL;
    bool started = asked_start(&fetch->asked, &fetch->partner, report, &fetch->question, US_PER_MINUTE, &error);

    g_assert_no_error(error);
    g_assert_true(started);
}

static void
fetch_clear(Fetch *fetch)
{
    partner_clear(&fetch->partner);
    asked_clear(&fetch->asked);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fetch, fetch_clear)

static void
fetch_run(Fetch *fetch)
{
    fetch_start(fetch);
    g_assert_true(fake_loop_run_until(fetch->partner.loop, &fetch->asked.done, US_PER_HOUR));
}

static void
assert_refused(const Fetch *fetch, AnswerStatus status, const char *message)
{
    g_assert_cmpstr(fetch->asked.message, ==, message);
    g_assert_cmpint(fetch->asked.refusal, ==, status);
    g_assert_cmpint(fetch->asked.status, ==, 0);
}

static const FakeRequest *
request_at(const Fetch *fetch, size_t i)
{
    return fake_client_request(fetch->partner.client, i);
}

static int64_t
orders(const Fetch *fetch, const char *outcome)
{
    return metric_value(fetch->partner.metrics, METRIC_ORDERS, "x", outcome);
}

#define SUBMITTED(partner) partner_answers(partner, "https://x.example/export", 1, 200, "{\"QueuedUri\": \"/queue/7\"}")

static void
what_is_ordered_is_asked_after_until_it_is_ready(void)
{
    g_auto(Fetch) fetch;

    fetch_init(&fetch, CLICKS);
    SUBMITTED(&fetch.partner);
    partner_answers(&fetch.partner, "https://x.example/queue/7", 2, 200, "{\"Status\": \"RUNNING\"}");
    partner_answers(&fetch.partner, "https://x.example/queue/7", 1, 200,
                    "{\"Status\": \"COMPLETED\", \"ResultUri\": \"/files/7.csv\"}");
    partner_answers(&fetch.partner, "https://x.example/files/7.csv", 1, 200, "a\n1.50\n");
    fetch_run(&fetch);
    g_assert_cmpstr(fetch.asked.message, ==, "");
    g_assert_cmpint(fetch.asked.status, ==, 200);
    g_assert_cmpstr(fetch.asked.body->str, ==, "a\n1.50\n");
    g_assert_cmpuint(fake_client_request_count(fetch.partner.client), ==, 5);
    g_assert_cmpstr(request_at(&fetch, 0)->body->str, ==, "{\"day\":\"1970-01-01\"}");
    g_assert_cmpstr(request_at(&fetch, 1)->url, ==, "https://x.example/queue/7");
    g_assert_nonnull(strstr(request_at(&fetch, 1)->headers->str, "Authorization: Bearer SECRET-KEY"));
    g_assert_cmpint(request_at(&fetch, 2)->sent_at_us - request_at(&fetch, 1)->sent_at_us, >=, 10 * US_PER_SECOND);
    g_assert_cmpstr(request_at(&fetch, 4)->url, ==, "https://x.example/files/7.csv?a=b");
    g_assert_nonnull(strstr(request_at(&fetch, 4)->headers->str, "X-Own: yes"));
    g_assert_cmpint(orders(&fetch, "ready"), ==, 1);
    g_assert_cmpint(metric_value(fetch.partner.metrics, METRIC_ORDER_POLLS, "x", NULL), ==, 3);
}

static void
a_result_elsewhere_gets_no_credentials(void)
{
    g_auto(Fetch) fetch;

    fetch_init(&fetch, CLICKS);
    SUBMITTED(&fetch.partner);
    partner_answers(&fetch.partner, "https://x.example/queue/7", 0, 200,
                    "{\"Status\": \"completed\", \"ResultUri\": \"https://files.example/7?sig=x\"}");
    partner_answers(&fetch.partner, "https://files.example/", 1, 200, "a\n");
    fetch_run(&fetch);
    g_assert_cmpint(fetch.asked.status, ==, 200);
    g_assert_cmpstr(request_at(&fetch, 2)->url, ==, "https://files.example/7?sig=x");
    g_assert_cmpstr(request_at(&fetch, 2)->headers->str, ==, "");
}

static void
a_url_that_leads_to_a_stranger_is_refused(void)
{
    static const char *const URLS[] = {"https://evil.example/7", "http://files.example/7", "https://files.example:81/7",
                                       "https://files.example@evil.example/7", "file:///etc/passwd"};

    for (size_t i = 0; i < G_N_ELEMENTS(URLS); i++) {
        g_autofree char *ready = g_strdup_printf("{\"Status\": \"COMPLETED\", \"ResultUri\": \"%s\"}", URLS[i]);
        g_auto(Fetch) fetch;

        fetch_init(&fetch, CLICKS);
        SUBMITTED(&fetch.partner);
        partner_answers(&fetch.partner, "https://x.example/queue/7", 0, 200, ready);
        fetch_run(&fetch);
        g_assert_cmpint(fetch.asked.refusal, ==, ANSWER_PERMANENT);
        g_assert_nonnull(strstr(fetch.asked.message, "leads to another host"));
        g_assert_cmpuint(fake_client_request_count(fetch.partner.client), ==, 2);
    }
}

static void
an_order_that_fails_tells_why(void)
{
    static const struct {
        int submit_status, poll_status;
        const char *submit, *poll;
        AnswerStatus status;
        const char *message;
    } CASES[] = {
        {200, 200, "{}", "", ANSWER_PERMANENT, "submit: the answer has no ticket"},
        {401, 200, "{\"e\": 1}", "", ANSWER_CREDENTIAL, "submit: HTTP 401: {\"e\": 1}"},
        {500, 200, "down", "", ANSWER_TRANSIENT, "submit: HTTP 500: down"},
        {200, 200, "not json", "", ANSWER_MALFORMED, NULL},
        {200, 200, NULL, "{\"Status\": \"ERROR\", \"Why\": \"too much\"}", ANSWER_PERMANENT, "poll: too much"},
        {200, 200, NULL, "{\"Status\": \"CANCELLED\"}", ANSWER_PERMANENT, "poll: it is CANCELLED"},
        {200, 403, NULL, "no", ANSWER_CREDENTIAL, "poll: HTTP 403: no"},
        {200, 404, NULL, "gone", ANSWER_PERMANENT, "poll: HTTP 404: gone"},
        {200, 200, NULL, "{\"Status\": \"COMPLETED\"}", ANSWER_PERMANENT,
         "poll: it is ready, but the answer does not say where"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const char *submit = CASES[i].submit != NULL ? CASES[i].submit : "{\"QueuedUri\": \"/queue/7\"}";
        g_auto(Fetch) fetch;

        fetch_init(&fetch, CLICKS);
        partner_answers(&fetch.partner, "https://x.example/export", 0, CASES[i].submit_status, submit);
        partner_answers(&fetch.partner, "https://x.example/queue/7", 0, CASES[i].poll_status, CASES[i].poll);
        fetch_run(&fetch);
        assert_refused(&fetch, CASES[i].status, CASES[i].message != NULL ? CASES[i].message : fetch.asked.message);
        g_assert_cmpint(orders(&fetch, "failed"), ==, 1);
    }
}

static void
an_order_that_is_never_ready_ends_at_the_deadline(void)
{
    g_auto(Fetch) fetch;

    fetch_init(&fetch, CLICKS);
    SUBMITTED(&fetch.partner);
    partner_answers(&fetch.partner, "https://x.example/queue/7", 2, 200, "{\"Status\": \"QUEUED\"}");
    partner_answers(&fetch.partner, "https://x.example/queue/7", 1, 503, "busy");
    fetch_run(&fetch); /* and no answer at all from then on */
    assert_refused(&fetch, ANSWER_TRANSIENT, fetch.asked.message);
    g_assert_true(g_str_has_prefix(fetch.asked.message, "poll: not ready after 60 s and 5 times asked: "));
    g_assert_cmpuint(fake_client_request_count(fetch.partner.client), ==, 6);
    g_assert_cmpint(orders(&fetch, "late"), ==, 1);
}

static void
a_partner_that_says_how_long_to_wait_is_heeded(void)
{
    static const HttpHeader WAIT[] = {{STR("Retry-After"), STR("25")}};
    g_auto(Fetch) fetch;

    fetch_init(&fetch, CLICKS);
    fake_client_answer(fetch.partner.client, &(FakeAnswer){.url = "https://x.example/export",
                                                           .headers = {WAIT, 1},
                                                           .body = "{\"QueuedUri\": \"https://x.example/queue/7\"}"});
    partner_answers(&fetch.partner, "https://x.example/queue/7", 0, 200,
                    "{\"Status\": \"COMPLETED\", \"ResultUri\": \"/files/7.csv\"}");
    partner_answers(&fetch.partner, "https://x.example/files/7.csv", 1, 200, "a\n");
    fetch_run(&fetch);
    g_assert_cmpint(fetch.asked.status, ==, 200);
    g_assert_cmpint(request_at(&fetch, 1)->sent_at_us, >=, 25 * US_PER_SECOND);
}

/* 202 and a Location; 202 while it is prepared; 303 to the result. Nothing of it has a body that could be read. */
static void
heads_alone_may_say_everything(void)
{
    static const HttpHeader QUEUE[] = {{STR("Location"), STR("https://x.example/queue/8")}};
    static const HttpHeader FILE_AT[] = {{STR("Location"), STR("/files/8.csv")}};
    g_auto(Fetch) fetch;

    fetch_init(&fetch,
               HEAD REPORT "    submit: {post: https://x.example/export, ticket_header: Location}\n"
                           "    poll: {get: '{ticket}', result_header: Location, every: 1s, deadline: 5m}\n" REST);
    fake_client_answer(
        fetch.partner.client,
        &(FakeAnswer){.url = "https://x.example/export", .status = 202, .headers = {QUEUE, 1}, .body = ""});
    partner_answers(&fetch.partner, "https://x.example/queue/8", 2, 202, "");
    fake_client_answer(
        fetch.partner.client,
        &(FakeAnswer){
            .url = "https://x.example/queue/8", .status = 303, .headers = {FILE_AT, 1}, .body = "see", .times = 1});
    partner_answers(&fetch.partner, "https://x.example/files/8.csv", 1, 200, "a\n");
    fetch_run(&fetch);
    g_assert_cmpstr(fetch.asked.message, ==, "");
    g_assert_cmpstr(fetch.asked.body->str, ==, "a\n");
    g_assert_cmpuint(fake_client_request_count(fetch.partner.client), ==, 5);
}

static void
a_ticket_may_be_an_id_and_the_result_where_it_was_asked_after(void)
{
    g_auto(Fetch) fetch;

    fetch_init(&fetch, HEAD REPORT "    submit: {get: https://x.example/export, ticket: id}\n"
                                   "    poll: {get: 'https://x.example/jobs/{ticket}', every: 1s, deadline: 5m}\n"
                                   "    get: https://x.example/jobs/{ticket}\n"
                                   "    answer: {csv: {}}\n    line: {amount: a, currency: = EUR}\n");
    partner_answers(&fetch.partner, "https://x.example/export", 1, 200, "{\"id\": \"a/b\"}");
    partner_answers(&fetch.partner, "https://x.example/jobs/a%2Fb", 1, 202, "{}");
    partner_answers(&fetch.partner, "https://x.example/jobs/a%2Fb", 2, 200, "a\n1\n");
    fetch_run(&fetch);
    g_assert_cmpint(fetch.asked.refusal, ==, ANSWER_OK);
    g_assert_cmpstr(fetch.asked.body->str, ==, "a\n1\n");
}

static void
an_order_may_be_cancelled_at_any_moment(void)
{
    for (int64_t at_us = 0; at_us < 25 * US_PER_SECOND; at_us += 500) {
        g_auto(Fetch) fetch;

        if (at_us == 3000) /* all moments of the calls, then those between */
            at_us = 9 * US_PER_SECOND;
        if (at_us > 10 * US_PER_SECOND + 10000)
            at_us += 5 * US_PER_SECOND;
        fetch_init(&fetch, CLICKS "limits: [100/minute]\n");
        SUBMITTED(&fetch.partner);
        partner_answers(&fetch.partner, "https://x.example/queue/7", 0, 200, "{\"Status\": \"QUEUED\"}");
        fetch_start(&fetch);
        fake_loop_advance_us(fetch.partner.loop, at_us);
        exchange_cancel(fetch.asked.exchange);
        g_assert_false(fetch.asked.done);
    }
}

static void
each_call_of_an_order_counts_for_the_limits(void)
{
    g_auto(Fetch) fetch;

    fetch_init(&fetch, CLICKS "limits: [2/hour]\n");
    SUBMITTED(&fetch.partner);
    partner_answers(&fetch.partner, "https://x.example/queue/7", 0, 200, "{\"Status\": \"QUEUED\"}");
    fetch_run(&fetch);
    g_assert_cmpint(fetch.asked.refusal, ==, ANSWER_QUOTA);
    g_assert_nonnull(strstr(fetch.asked.message, "its limit of 2 calls"));
    g_assert_cmpint(orders(&fetch, "refused"), ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exchange/order/what_is_ordered_is_asked_after_until_it_is_ready",
                    what_is_ordered_is_asked_after_until_it_is_ready);
    g_test_add_func("/exchange/order/a_result_elsewhere_gets_no_credentials", a_result_elsewhere_gets_no_credentials);
    g_test_add_func("/exchange/order/a_url_that_leads_to_a_stranger_is_refused",
                    a_url_that_leads_to_a_stranger_is_refused);
    g_test_add_func("/exchange/order/an_order_that_fails_tells_why", an_order_that_fails_tells_why);
    g_test_add_func("/exchange/order/an_order_that_is_never_ready_ends_at_the_deadline",
                    an_order_that_is_never_ready_ends_at_the_deadline);
    g_test_add_func("/exchange/order/a_partner_that_says_how_long_to_wait_is_heeded",
                    a_partner_that_says_how_long_to_wait_is_heeded);
    g_test_add_func("/exchange/order/heads_alone_may_say_everything", heads_alone_may_say_everything);
    g_test_add_func("/exchange/order/a_ticket_may_be_an_id_and_the_result_where_it_was_asked_after",
                    a_ticket_may_be_an_id_and_the_result_where_it_was_asked_after);
    g_test_add_func("/exchange/order/an_order_may_be_cancelled_at_any_moment", an_order_may_be_cancelled_at_any_moment);
    g_test_add_func("/exchange/order/each_call_of_an_order_counts_for_the_limits",
                    each_call_of_an_order_counts_for_the_limits);
    return g_test_run();
}
