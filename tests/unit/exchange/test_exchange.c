/* Logins, second tries and limits, against a partner that is played. */
#include "partner.h"

#define HEAD   "source: x\npartner: X\nsecrets: [ID, KEY]\n"
#define ANSWER "  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n"
#define OAUTH                                                                                                          \
    HEAD "auth:\n  oauth2: {token_url: 'https://login.example/token', client_id: '${ID}', client_secret: '${KEY}',"    \
         " scope: [a, b], query: {realm: /partner}}\n"                                                                 \
         "search:\n  get: https://x.example/jobs\n" ANSWER
#define TOKEN(name) "{\"access_token\": \"" name "\", \"expires_in\": 1800}"
#define JOBS        "{\"jobs\": []}"

static bool
start(Partner *partner, const Question *question, int64_t patience_us, Asked *asked, GError **error)
{
    const Operation *search = source_search(source_set_at(partner->set, 0));

    return asked_start(asked, partner, search, question, patience_us, error);
}

static void
ask(Partner *partner, Asked *asked)
{
    g_autoptr(GError) error = NULL;
    bool started = start(partner, &ANY_QUESTION, 0, asked, &error);

    g_assert_no_error(error);
    g_assert_true(started);
}

static void
wait_for(Partner *partner, Asked *asked)
{
    g_assert_true(fake_loop_run_until(partner->loop, &asked->done, US_PER_HOUR));
}

static void
assert_request(Partner *partner, size_t index, const char *url, const char *header)
{
    const FakeRequest *request = fake_client_request(partner->client, index);

    g_assert_cmpstr(request->url, ==, url);
    if (header != NULL && strstr(request->headers->str, header) == NULL)
        g_error("%s is not in %s", header, request->headers->str);
}

static void
a_token_is_fetched_once_and_used_until_it_ends(void)
{
    g_auto(Partner) partner;

    partner_init(&partner, OAUTH);
    partner_answers(&partner, "https://login.example/token", 1, 200, TOKEN("first"));
    partner_answers(&partner, "https://login.example/token", 0, 200, TOKEN("second"));
    partner_answers(&partner, "https://x.example/jobs", 0, 200, JOBS);
    for (int i = 0; i < 2; i++) {
        g_auto(Asked) asked;

        ask(&partner, &asked);
        wait_for(&partner, &asked);
        g_assert_cmpint(asked.status, ==, 200);
        g_assert_cmpstr(asked.body->str, ==, JOBS);
    }
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 3);
    assert_request(&partner, 0, "https://login.example/token?realm=%2Fpartner",
                   "Content-Type: application/x-www-form-urlencoded");
    g_assert_cmpstr(fake_client_request(partner.client, 0)->body->str, ==,
                    "grant_type=client_credentials&client_id=SECRET-ID&client_secret=SECRET-KEY&scope=a%20b");
    assert_request(&partner, 2, "https://x.example/jobs", "Authorization: Bearer first\n");

    /* 1,800 s minus the skew of 60 s. */
    fake_loop_advance_us(partner.loop, 1741 * US_PER_SECOND);
    {
        g_auto(Asked) asked;

        ask(&partner, &asked);
        wait_for(&partner, &asked);
        assert_request(&partner, 4, "https://x.example/jobs", "Authorization: Bearer second\n");
    }
}

/* Its tokens are always good. */
static void
partner_with_login(Partner *partner)
{
    partner_init(partner, OAUTH);
    partner_answers(partner, "https://login.example/token", 0, 200, TOKEN("t"));
    partner_answers(partner, "https://x.example/jobs", 0, 200, JOBS);
}

static void
many_questions_make_one_login(void)
{
    g_auto(Partner) partner;
    Asked asked[20];

    partner_with_login(&partner);
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
        ask(&partner, &asked[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        wait_for(&partner, &asked[i]);
        g_assert_cmpint(asked[i].status, ==, 200);
        asked_clear(&asked[i]);
    }
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 21);
}

static void
a_token_that_is_refused_is_fetched_anew_once(void)
{
    g_auto(Partner) partner;
    g_auto(Asked) good, bad;

    partner_init(&partner, OAUTH);
    partner_answers(&partner, "https://login.example/token", 1, 200, TOKEN("old"));
    partner_answers(&partner, "https://login.example/token", 0, 200, TOKEN("new"));
    partner_answers(&partner, "https://x.example/jobs", 1, 401, "{\"error\": \"expired\"}");
    partner_answers(&partner, "https://x.example/jobs", 1, 200, JOBS);
    partner_answers(&partner, "https://x.example/jobs", 0, 401, "no");
    ask(&partner, &good);
    wait_for(&partner, &good);
    g_assert_cmpint(good.status, ==, 200);
    g_assert_cmpstr(good.body->str, ==, JOBS);
    assert_request(&partner, 3, "https://x.example/jobs", "Authorization: Bearer new\n");

    /* A partner that refuses every token is not asked for ever. */
    ask(&partner, &bad);
    wait_for(&partner, &bad);
    g_assert_cmpint(bad.status, ==, 401);
    g_assert_cmpstr(bad.body->str, ==, "no");
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 7);
}

static void
a_login_that_fails_is_told_to_all_and_not_repeated_at_once(void)
{
    g_auto(Partner) partner;
    g_auto(Asked) first, second, third, fourth;

    partner_init(&partner, OAUTH);
    partner_answers(&partner, "https://login.example/token", 1, 400,
                    "{\"error\": \"invalid_client\", \"error_description\": \"SECRET-KEY is wrong\"}");
    partner_answers(&partner, "https://login.example/token", 0, 200, TOKEN("t"));
    partner_answers(&partner, "https://x.example/jobs", 0, 200, JOBS);
    ask(&partner, &first);
    ask(&partner, &second);
    wait_for(&partner, &first);
    wait_for(&partner, &second);
    g_assert_cmpint(first.refusal, ==, ANSWER_CREDENTIAL);
    g_assert_cmpstr(first.message, ==, "login: *** is wrong");
    g_assert_cmpint(second.refusal, ==, ANSWER_CREDENTIAL);
    ask(&partner, &third);
    wait_for(&partner, &third);
    g_assert_cmpint(third.refusal, ==, ANSWER_CREDENTIAL);
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 1);
    fake_loop_advance_us(partner.loop, SESSION_REFUSED_HOLD_US);
    ask(&partner, &fourth);
    wait_for(&partner, &fourth);
    g_assert_cmpint(fourth.status, ==, 200);
}

static void
a_login_goes_on_when_whoever_began_it_leaves(void)
{
    g_auto(Partner) partner;
    g_auto(Asked) first, second;

    partner_with_login(&partner);
    ask(&partner, &first);
    fake_loop_run(partner.loop);
    ask(&partner, &second);
    exchange_cancel(first.exchange);
    wait_for(&partner, &second);
    g_assert_cmpint(second.status, ==, 200);
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 2);
}

/* The loop of a background task ends with the task; what waits elsewhere must not wait for ever. */
static void
a_login_whose_loop_ends_is_made_by_the_next_in_line(void)
{
    g_auto(Partner) partner;
    g_auto(Asked) first, second;
    Exchanges *other;

    partner_with_login(&partner);
    other = exchanges_new(fake_loop_base(partner.loop), fake_client_base(partner.client), partner.shared, false);
    ask(&partner, &first);
    fake_loop_run(partner.loop); /* it leads, and its login is on the way */
    {
        Exchanges *own = partner.exchanges;

        partner.exchanges = other;
        ask(&partner, &second);
        partner.exchanges = own;
    }
    exchange_cancel(first.exchange);
    exchanges_stop(partner.exchanges);
    wait_for(&partner, &second);
    g_assert_cmpint(second.status, ==, 200);
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 3);
    exchanges_free(other);
}

static void
leaving_at_any_moment_leaves_nothing_behind(void)
{
    for (int turns = 0; turns < 6; turns++) {
        g_auto(Partner) partner;
        g_auto(Asked) asked;

        partner_with_login(&partner);
        ask(&partner, &asked);
        for (int i = 0; i < turns; i++)
            fake_loop_advance_us(partner.loop, 500);
        if (asked.exchange != NULL)
            exchange_cancel(asked.exchange);
        fake_loop_advance_us(partner.loop, US_PER_MINUTE);
    }
}

static void
other_ways_to_log_in(void)
{
    static const struct {
        const char *auth, *method_url, *body, *login_answer, *header;
    } CASES[] = {
        {"{login: {post: 'https://login.example/in', json: {user: '${ID}', password: '${KEY}'}, token: id_token, "
         "expires_in: expires_in}}",
         "POST https://login.example/in", "{\"user\":\"SECRET-ID\",\"password\":\"SECRET-KEY\"}",
         "{\"id_token\": \"abc\", \"expires_in\": 3600}", "Authorization: Bearer abc\n"},
        {"{login: {get: 'https://login.example/in', auth: {basic: {user: '${ID}', password: '${KEY}'}}, "
         "token: 'data.tokens[0]'}, header: {X-Token: 'Token token={token}'}}",
         "GET https://login.example/in", NULL, "{\"data\": {\"tokens\": [\"abc\", \"d\"]}}",
         "X-Token: Token token=abc\n"},
        {"{oauth2: {token_url: 'https://login.example/in', grant: password, client_id: '${ID}', client_secret: "
         "'${KEY}', username: me, password: '${KEY}', credentials: basic}}",
         "POST https://login.example/in", "grant_type=password&username=me&password=SECRET-KEY",
         "{\"access_token\": \"abc\"}", "Authorization: Bearer abc\n"},
        {"{oauth2: {token_url: 'https://login.example/in', grant: refresh_token, client_id: '${ID}', "
         "refresh_token: '${KEY}'}}",
         "POST https://login.example/in", "grant_type=refresh_token&refresh_token=SECRET-KEY&client_id=SECRET-ID",
         "{\"access_token\": \"abc\"}", "Authorization: Bearer abc\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf(HEAD "search:\n  get: https://x.example/jobs\n  auth: %s\n" ANSWER, CASES[i].auth);
        g_autofree char *line = NULL;
        g_auto(Partner) partner;
        g_auto(Asked) asked;
        const FakeRequest *login;

        partner_init(&partner, yaml);
        partner_answers(&partner, "https://login.example/in", 0, 200, CASES[i].login_answer);
        partner_answers(&partner, "https://x.example/jobs", 0, 200, JOBS);
        ask(&partner, &asked);
        wait_for(&partner, &asked);
        g_assert_cmpint(asked.status, ==, 200);
        login = fake_client_request(partner.client, 0);
        line = g_strdup_printf("%s %s", login->method, login->url);
        g_assert_cmpstr(line, ==, CASES[i].method_url);
        g_assert_cmpstr(login->body != NULL ? login->body->str : NULL, ==, CASES[i].body);
        assert_request(&partner, 1, "https://x.example/jobs", CASES[i].header);
    }
}

static void
cookies_of_a_login_page_go_along(void)
{
    static const HttpHeader HEADERS[] = {{STR("Set-Cookie"), STR("sid=abc; Path=/; HttpOnly")},
                                         {STR("set-cookie"), STR("lang=en")},
                                         {STR("Location"), STR("/home")}};
    g_auto(Partner) partner;
    g_auto(Asked) asked;

    partner_init(&partner, HEAD "search:\n  get: https://x.example/jobs\n  auth: {login: {post: "
                                "'https://x.example/in', form: {u: '${ID}'}, cookies: true}}\n" ANSWER);
    fake_client_answer(partner.client, &(FakeAnswer){.url = "https://x.example/in",
                                                     .status = 302,
                                                     .headers = {HEADERS, G_N_ELEMENTS(HEADERS)},
                                                     .body = "<html>moved</html>"});
    partner_answers(&partner, "https://x.example/jobs", 0, 200, JOBS);
    ask(&partner, &asked);
    wait_for(&partner, &asked);
    g_assert_cmpint(asked.status, ==, 200);
    assert_request(&partner, 1, "https://x.example/jobs", "Cookie: sid=abc; lang=en\n");
    g_assert_null(strstr(fake_client_request(partner.client, 1)->headers->str, "Authorization"));
}

static void
a_login_without_what_it_promises_is_refused(void)
{
    static const struct {
        int status;
        const char *body;
        AnswerStatus refusal;
        const char *message;
    } CASES[] = {
        {200, "{\"token_type\": \"bearer\"}", ANSWER_CREDENTIAL, "login: the login gave no token"},
        {503, "busy", ANSWER_TRANSIENT, "login: HTTP 503: busy"},
        {200, "<html>", ANSWER_MALFORMED, NULL},
        {429, "{}", ANSWER_QUOTA, "login: HTTP 429: {}"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_auto(Partner) partner;
        g_auto(Asked) asked;

        partner_init(&partner, OAUTH);
        partner_answers(&partner, "https://login.example/token", 0, CASES[i].status, CASES[i].body);
        ask(&partner, &asked);
        wait_for(&partner, &asked);
        g_assert_cmpint(asked.refusal, ==, CASES[i].refusal);
        if (CASES[i].message != NULL)
            g_assert_cmpstr(asked.message, ==, CASES[i].message);
    }
}

static void
who_has_patience_waits_for_room(void)
{
    g_auto(Partner) partner;
    g_auto(Asked) first, patient, hasty = {0};
    g_autoptr(GError) error = NULL;

    partner_init(&partner, HEAD "limits: [1/10s]\nsearch:\n  get: https://x.example/jobs\n" ANSWER);
    partner_answers(&partner, "https://x.example/jobs", 0, 200, JOBS);
    ask(&partner, &first);
    wait_for(&partner, &first);
    g_assert_true(start(&partner, &ANY_QUESTION, US_PER_MINUTE, &patient, &error));
    g_assert_false(start(&partner, &ANY_QUESTION, US_PER_SECOND, &hasty, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 1);
    wait_for(&partner, &patient);
    g_assert_cmpint(patient.status, ==, 200);
    g_assert_cmpint(clock_monotonic_us(&partner.clock.clock), >=, 10 * US_PER_SECOND);
    g_assert_cmpint(clock_monotonic_us(&partner.clock.clock), <, 12 * US_PER_SECOND);
}

static void
mistakes_of_logins_are_told(void)
{
    static const struct {
        const char *auth, *mistake;
    } CASES[] = {
        {"{oauth2: {token_url: 'https://a.example', client_id: a, grant: magic}}",
         ":6: grant: must be client_credentials, password or refresh_token"},
        {"{oauth2: {token_url: 'https://a.example', client_id: a, grant: password}}",
         ":6: username: is missing: grant password needs it"},
        {"{oauth2: {token_url: 'ftp://a.example', client_id: a}}", ":6: token_url: must begin with https://"},
        {"{oauth2: {client_id: a}}", ":6: token_url: is missing"},
        {"{oauth2: {token_url: 'https://a.example', client_id: a, credentials: header}}",
         ":6: credentials: must be body or basic"},
        {"{login: {post: 'https://a.example'}}", ":6: login: gives nothing: token or cookies is missing"},
        {"{login: {post: 'https://a.example', token: 'a['}}", ":6: token: "},
        {"{login: {post: 'https://a.example/{token}', token: a}}",
         ":6: post: {token} has no value here: it is of a login"},
        {"{login: {post: 'https://a.example', token: a, auth: {login: {get: 'https://b.example', token: b}}}}",
         ":6: auth: a login cannot need another one"},
        {"{login: {post: 'https://a.example', token: a, expired: [abc]}}", ":6: expired: \"abc\" is no HTTP status"},
        {"{bearer: '{token}'}", ":6: bearer: {token} has no value here: it is of a login"},
        {"{basic: {user: a}, bearer: b}", ":6: auth: must be one of basic, bearer, header, oauth2 and login"},
        {"{}", ":6: auth: must be one of"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *yaml =
            g_strdup_printf(HEAD "search:\n  get: https://x.example/jobs\n  auth: %s\n" ANSWER, CASES[i].auth);

        assert_mistake(yaml, CASES[i].mistake);
    }
}

/* It was a good answer, and says that the next one would be refused. */
static void
a_quota_that_an_answer_says_is_used_up_is_not_tried(void)
{
    static const HttpHeader HEADERS[] = {{{"RateLimit", 9}, {"\"default\";r=0;t=30", 18}}};
    g_auto(Partner) partner;
    g_auto(Asked) first, second, third;
    g_autoptr(GError) error = NULL;

    partner_init(&partner, HEAD "search:\n  get: https://x.example/jobs\n" ANSWER);
    fake_client_answer(partner.client, &(FakeAnswer){.url = "https://x.example/jobs",
                                                     .headers = {HEADERS, G_N_ELEMENTS(HEADERS)},
                                                     .body = JOBS,
                                                     .times = 1});
    partner_answers(&partner, "https://x.example/jobs", 0, 200, JOBS);
    ask(&partner, &first);
    wait_for(&partner, &first);
    g_assert_cmpint(first.status, ==, 200);
    g_assert_false(start(&partner, &ANY_QUESTION, 0, &second, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    g_assert_true(start(&partner, &ANY_QUESTION, US_PER_MINUTE, &third, NULL)); /* who has time waits */
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 1);
    wait_for(&partner, &third);
    g_assert_cmpint(third.status, ==, 200);
    g_assert_cmpint(fake_client_request(partner.client, 1)->sent_at_us, >=, 30 * US_PER_SECOND);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exchange/a_token_is_fetched_once_and_used_until_it_ends",
                    a_token_is_fetched_once_and_used_until_it_ends);
    g_test_add_func("/exchange/many_questions_make_one_login", many_questions_make_one_login);
    g_test_add_func("/exchange/a_token_that_is_refused_is_fetched_anew_once",
                    a_token_that_is_refused_is_fetched_anew_once);
    g_test_add_func("/exchange/a_login_that_fails_is_told_to_all_and_not_repeated_at_once",
                    a_login_that_fails_is_told_to_all_and_not_repeated_at_once);
    g_test_add_func("/exchange/a_login_goes_on_when_whoever_began_it_leaves",
                    a_login_goes_on_when_whoever_began_it_leaves);
    g_test_add_func("/exchange/a_login_whose_loop_ends_is_made_by_the_next_in_line",
                    a_login_whose_loop_ends_is_made_by_the_next_in_line);
    g_test_add_func("/exchange/leaving_at_any_moment_leaves_nothing_behind",
                    leaving_at_any_moment_leaves_nothing_behind);
    g_test_add_func("/exchange/other_ways_to_log_in", other_ways_to_log_in);
    g_test_add_func("/exchange/cookies_of_a_login_page_go_along", cookies_of_a_login_page_go_along);
    g_test_add_func("/exchange/a_login_without_what_it_promises_is_refused",
                    a_login_without_what_it_promises_is_refused);
    g_test_add_func("/exchange/who_has_patience_waits_for_room", who_has_patience_waits_for_room);
    g_test_add_func("/exchange/mistakes_of_logins_are_told", mistakes_of_logins_are_told);
    g_test_add_func("/exchange/a_quota_that_an_answer_says_is_used_up_is_not_tried",
                    a_quota_that_an_answer_says_is_used_up_is_not_tried);
    return g_test_run();
}
