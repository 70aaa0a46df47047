/* Second calls: after a failure, and beside a slow call; and that they stay within their budget. */
#include "engine_fixture.h"

#include "search/retry_budget.h"
#include "search/stop_rule.h"

#define ONE "1|Nurse|Acme|0.10"

static const EngineParts PARTS = {.limits = {.repeat_percent = 10}};

static size_t
requests(const EngineFixture *f)
{
    return fake_client_request_count(f->client);
}

static int64_t
repeats(const EngineFixture *f, const char *source, const char *result)
{
    return metric_value(f->metrics, METRIC_SOURCE_REPEATS, source, result);
}

/* So many answers that a second call is paid for, and that what is slow is known: each comes after 30 ms. */
static void
earn(EngineFixture *f, const char *source)
{
    g_autofree char *text = g_strdup_printf("mode=widest&sources=%s", source);

    fixture_listings(f, source, 0, ONE, 30);
    for (int i = 0; i < 40; i++)
        fixture_answer(f, text);
}

/* How the next call fails. */
typedef struct {
    const char *source;
    int status;
    HttpOutcome outcome;
    HttpHeader header; /* name absent: none */
    const char *body;
    int64_t delay_ms;
    bool is_repeated;
} Failure;

static void
fail_next(EngineFixture *f, const Failure *failure)
{
    g_autofree char *url = g_strdup_printf("https://%s.example/", failure->source);

    fake_client_answer(f->client, &(FakeAnswer){.url = url,
                                                .status = failure->status,
                                                .outcome = failure->outcome,
                                                .headers = {&failure->header, failure->header.name.at != NULL},
                                                .body = failure->body == NULL ? "" : failure->body,
                                                .delay_us = failure->delay_ms * US_PER_MS,
                                                .times = 1});
}

/* The next call hangs, or takes so long. */
static void
delay_next(EngineFixture *f, const char *source, int64_t delay_ms)
{
    g_autofree char *url = g_strdup_printf("https://%s.example/", source);

    fake_client_answer(f->client, &(FakeAnswer){.url = url,
                                                .body = fixture_body(f, source, "2|Doctor|Bolt|0"),
                                                .delay_us = delay_ms * US_PER_MS,
                                                .times = 1});
}

static void
assert_attempt(const Caught *caught, const char *source, size_t i, CallKind kind, SourceStatus status)
{
    const AttemptLog *log = &caught_source(caught, source)->attempts;

    g_assert_cmpuint(i, <, log->count);
    g_assert_cmpstr(call_kind_name(log->items[i].kind), ==, call_kind_name(kind));
    g_assert_cmpstr(source_status_name(log->items[i].status), ==, source_status_name(status));
}

/* ---- retries ---- */

static void
a_connection_that_breaks_before_the_answer_is_tried_again(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const Failure reset = {.source = "alpha", .outcome = HTTP_OUTCOME_BROKEN, .delay_ms = 5};
    size_t before;
    Caught *caught;

    earn(f, "alpha");
    before = requests(f);
    fail_next(f, &reset);
    caught = fixture_answer(f, "mode=widest&sources=alpha");
    assert_status(caught, "alpha", SOURCE_OK);
    g_assert_cmpstr(caught->ids->str, ==, "alpha:1 ");
    g_assert_cmpuint(requests(f), ==, before + 2);
    assert_attempt(caught, "alpha", 0, CALL_FIRST, SOURCE_BROKEN);
    assert_attempt(caught, "alpha", 1, CALL_RETRY, SOURCE_OK);
    g_assert_false(caught->answer.partial);
    /* After a pause of chance, not at once and not much later. */
    g_assert_cmpint(caught->done_us, >, 35 * US_PER_MS);
    g_assert_cmpint(caught->done_us, <=, 85 * US_PER_MS);
    g_assert_cmpint(repeats(f, "alpha", "retry_answered"), ==, 1);
}

static void
only_failures_that_may_pass_are_tried_again(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const Failure FAILURES[] = {
        {.source = "alpha", .outcome = HTTP_OUTCOME_CONNECT, .is_repeated = true},
        {.source = "alpha", .status = 502, .is_repeated = true},
        {.source = "alpha", .status = 503, .is_repeated = true},
        {.source = "alpha", .status = 504, .is_repeated = true},
        {.source = "alpha", .status = 503, .header = {STR("Retry-After"), STR("1")}},
        {.source = "alpha", .status = 500},
        {.source = "alpha", .status = 429},
        {.source = "alpha", .status = 404},
        {.source = "shy", .outcome = HTTP_OUTCOME_TIMEOUT},
        {.source = "alpha", .status = 200, .outcome = HTTP_OUTCOME_BROKEN, .body = "{\"results\":["},
        {.source = "alpha", .status = 200, .body = "no JSON"},
        {.source = "shy", .status = 503, .is_repeated = true}, /* terms.repeat: retry */
        {.source = "posted", .status = 503},                   /* POST, of which the terms say nothing */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(FAILURES); i++) {
        EngineFixture own = {0};
        g_autofree char *text = g_strdup_printf("mode=widest&sources=%s", FAILURES[i].source);
        size_t before;

        engine_fixture_set_up(&own, &PARTS);
        earn(&own, FAILURES[i].source);
        before = requests(&own);
        fail_next(&own, &FAILURES[i]);
        fixture_answer(&own, text);
        if (requests(&own) != before + (FAILURES[i].is_repeated ? 2 : 1))
            g_test_message("failure %zu", i);
        g_assert_cmpuint(requests(&own), ==, before + (FAILURES[i].is_repeated ? 2 : 1));
        engine_fixture_tear_down(&own, &PARTS);
    }
    (void)f;
}

static void
a_source_that_was_not_answered_by_earns_no_second_call(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    fixture_failure(f, "alpha", 503, HTTP_OUTCOME_ANSWERED, 5);
    assert_status(fixture_answer(f, "mode=widest&sources=alpha"), "alpha", SOURCE_TRANSIENT);
    g_assert_cmpuint(requests(f), ==, 1);
    g_assert_cmpint(metric_value(f->metrics, METRIC_REPEATS_REFUSED, "alpha", "budget"), ==, 1);
}

static void
what_could_not_be_answered_in_time_is_not_tried_again(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const Failure bad = {.source = "alpha", .status = 503, .delay_ms = 25};
    size_t before;
    Caught *caught;

    earn(f, "alpha");
    before = requests(f);
    fail_next(f, &bad);
    caught = fixture_answer(f, "mode=widest&sources=alpha&timeout_ms=50");
    assert_status(caught, "alpha", SOURCE_TRANSIENT);
    g_assert_cmpint(caught->done_us, ==, 25 * US_PER_MS);
    g_assert_cmpuint(requests(f), ==, before + 1);
}

static void
a_search_that_ends_during_the_pause_leaves_nothing_behind(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const Failure bad = {.source = "alpha", .status = 503, .delay_ms = 5};
    Caught *caught;

    earn(f, "alpha");
    fail_next(f, &bad);
    fixture_listings(f, "beta", 0, "7|Doctor|Bolt|0", 6);
    caught = fixture_answer(f, "mode=fastest&sources=alpha,beta");
    g_assert_cmpstr(caught->ids->str, ==, "beta:7 ");
    assert_status(caught, "alpha", SOURCE_TRANSIENT);
    g_assert_cmpuint(fake_loop_timer_count(f->loop), ==, 0);
}

static void
all_who_wait_get_the_second_answer(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const Failure bad = {.source = "alpha", .status = 502, .delay_ms = 30};
    Caught *first, *second;
    size_t before;

    earn(f, "alpha");
    before = requests(f);
    fail_next(f, &bad);
    first = fixture_search(f, "mode=widest&sources=alpha");
    second = fixture_search(f, "mode=widest&sources=alpha&timeout_ms=50");
    fake_loop_advance_us(f->loop, US_PER_SECOND);
    assert_status(first, "alpha", SOURCE_OK);
    assert_status(second, "alpha", SOURCE_TRANSIENT);
    g_assert_cmpint(second->done_us, <=, 50 * US_PER_MS);
    g_assert_cmpuint(requests(f), ==, before + 2);
}

/* ---- hedges ---- */

static void
a_call_slower_than_nearly_all_gets_another_beside_it(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    size_t before;
    Caught *caught;

    earn(f, "alpha");
    before = requests(f);
    delay_next(f, "alpha", 2500);
    caught = fixture_answer(f, "mode=widest&sources=alpha");
    assert_status(caught, "alpha", SOURCE_OK);
    g_assert_cmpstr(caught->ids->str, ==, "alpha:1 ");
    g_assert_cmpint(caught->done_us, <, 80 * US_PER_MS);
    g_assert_cmpuint(requests(f), ==, before + 2);
    g_assert_true(fake_client_request(f->client, before)->cancelled);
    assert_attempt(caught, "alpha", 0, CALL_FIRST, SOURCE_LATE);
    assert_attempt(caught, "alpha", 1, CALL_HEDGE, SOURCE_OK);
    g_assert_cmpint(repeats(f, "alpha", "hedge_won"), ==, 1);
    g_assert_cmpstr(search_engine_health(f->engine, "alpha").state, ==, "closed");
    g_assert_cmpuint(search_engine_health(f->engine, "alpha").under_way, ==, 0);
}

static void
the_first_call_may_still_be_the_first_to_answer(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    size_t before;
    Caught *caught;

    earn(f, "alpha");
    before = requests(f);
    delay_next(f, "alpha", 50);
    caught = fixture_answer(f, "mode=widest&sources=alpha");
    g_assert_cmpstr(caught->ids->str, ==, "alpha:2 ");
    g_assert_cmpint(caught->done_us, ==, 50 * US_PER_MS);
    g_assert_cmpuint(requests(f), ==, before + 2);
    g_assert_true(fake_client_request(f->client, before + 1)->cancelled);
    assert_attempt(caught, "alpha", 0, CALL_FIRST, SOURCE_OK);
    assert_attempt(caught, "alpha", 1, CALL_HEDGE, SOURCE_LATE);
    g_assert_cmpint(repeats(f, "alpha", "hedge_lost"), ==, 1);
}

static void
of_two_calls_one_that_fails_leaves_the_other(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const Failure bad = {.source = "alpha", .status = 500};
    Caught *caught;

    /* The second. */
    earn(f, "alpha");
    delay_next(f, "alpha", 100);
    fail_next(f, &bad);
    caught = fixture_answer(f, "mode=widest&sources=alpha");
    g_assert_cmpstr(caught->ids->str, ==, "alpha:2 ");
    g_assert_cmpint(repeats(f, "alpha", "hedge_failed"), ==, 1);
    /* The first. */
    earn(f, "alpha");
    fake_client_answer(
        f->client,
        &(FakeAnswer){
            .url = "https://alpha.example/", .status = 500, .body = "", .delay_us = 50 * US_PER_MS, .times = 1});
    caught = fixture_answer(f, "mode=widest&sources=alpha");
    g_assert_cmpstr(caught->ids->str, ==, "alpha:1 ");
    assert_attempt(caught, "alpha", 0, CALL_FIRST, SOURCE_TRANSIENT);
    assert_attempt(caught, "alpha", 1, CALL_HEDGE, SOURCE_OK);
}

static void
an_answer_that_has_begun_is_waited_for(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    const char *body = fixture_body(f, "alpha", "2|Doctor|Bolt|0");
    size_t before;

    earn(f, "alpha");
    before = requests(f);
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://alpha.example/",
                                                .body = body,
                                                .piece_size = strlen(body) / 2 + 1,
                                                .delay_us = 10 * US_PER_MS,
                                                .piece_gap_us = 200 * US_PER_MS,
                                                .times = 1});
    fixture_answer(f, "mode=widest&sources=alpha");
    g_assert_cmpuint(requests(f), ==, before + 1);
}

static void
a_call_that_was_left_half_way_adds_nothing_to_what_the_answer_was_worth(EngineFixture *f,
                                                                        gconstpointer unused G_GNUC_UNUSED)
{
    const char *body = fixture_body(f, "alpha", "2|Doctor|Bolt|0.10,3|Porter|Bolt|0.10");
    Learned *learned = search_engine_learned(f->engine);
    Caught *caught;
    int64_t value;

    earn(f, "alpha");
    value = learned_belief(learned, "alpha", clock_now_us(&f->clock.clock)).value;
    g_assert_cmpint(value, >, 0);
    /* Its first listing comes while the hedge is under way, which then answers. */
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://alpha.example/",
                                                .body = body,
                                                .piece_size = strlen(body) - 8,
                                                .delay_us = 55 * US_PER_MS,
                                                .piece_gap_us = 900 * US_PER_MS,
                                                .times = 1});
    caught = fixture_answer(f, "mode=widest&sources=alpha");
    assert_attempt(caught, "alpha", 0, CALL_FIRST, SOURCE_LATE);
    assert_attempt(caught, "alpha", 1, CALL_HEDGE, SOURCE_OK);
    g_assert_cmpuint(caught->answer.listing_count, ==, 2);
    g_assert_cmpint(learned_belief(learned, "alpha", clock_now_us(&f->clock.clock)).value, ==, value);
}

static void
assert_no_hedge(const char *source, EngineParts parts)
{
    EngineFixture f = {0};
    g_autofree char *text = g_strdup_printf("mode=widest&sources=%s&timeout_ms=2000", source);
    size_t before;

    engine_fixture_set_up(&f, &parts);
    earn(&f, source);
    before = requests(&f);
    delay_next(&f, source, 1000);
    assert_status(fixture_answer(&f, text), source, SOURCE_OK);
    if (requests(&f) != before + 1)
        g_test_message("%s", source);
    g_assert_cmpuint(requests(&f), ==, before + 1);
    engine_fixture_tear_down(&f, &parts);
}

static void
a_definition_or_the_configuration_may_forbid_it(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    assert_no_hedge("shy", PARTS);              /* terms.repeat: retry */
    assert_no_hedge("posted", PARTS);           /* POST */
    assert_no_hedge("alpha", (EngineParts){0}); /* repeat_percent: 0 */
    (void)f;
}

static void
a_source_of_which_little_is_known_is_not_called_slow(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    fixture_listings(f, "alpha", 0, ONE, 30);
    for (int i = 0; i < 15; i++)
        fixture_answer(f, "mode=widest&sources=alpha");
    delay_next(f, "alpha", 1000);
    fixture_answer(f, "mode=widest&sources=alpha");
    g_assert_cmpuint(requests(f), ==, 16);
}

static void
a_source_whose_limits_are_half_used_keeps_the_rest_for_questions(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    size_t before;

    /* 100 in an hour are allowed. */
    earn(f, "bounded");
    before = requests(f);
    delay_next(f, "bounded", 1000);
    fixture_answer(f, "mode=widest&sources=bounded");
    g_assert_cmpuint(requests(f), ==, before + 2);
    for (int i = 0; i < 10; i++)
        fixture_answer(f, "mode=widest&sources=bounded");
    before = requests(f);
    delay_next(f, "bounded", 1000);
    fixture_answer(f, "mode=widest&sources=bounded");
    g_assert_cmpuint(requests(f), ==, before + 1);
    g_assert_cmpint(metric_value(f->metrics, METRIC_REPEATS_REFUSED, "bounded", "quota"), ==, 1);
}

/* ---- the budget ---- */

static void
a_budget_is_earned_by_answers_and_bounded(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    RetryBudget budget = {0};

    for (int i = 0; i < 9; i++)
        retry_budget_earn(&budget, 10);
    g_assert_false(retry_budget_has(&budget));
    retry_budget_earn(&budget, 10);
    g_assert_true(retry_budget_has(&budget));
    retry_budget_pay(&budget);
    g_assert_false(retry_budget_has(&budget));
    retry_budget_pay_back(&budget);
    for (int i = 0; i < 1000; i++)
        retry_budget_earn(&budget, 10);
    for (int i = 0; i < RETRY_BUDGET_CALLS; i++)
        retry_budget_pay(&budget);
    g_assert_false(retry_budget_has(&budget));
    (void)f;
}

/* Whatever the source does, and whoever asks in whatever mode. */
static void
extra_calls_never_exceed_their_share_of_the_answers(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const MODES[] = {"mode=widest&sources=alpha", "mode=fastest&sources=alpha",
                                        "mode=widest&sources=alpha&timeout_ms=60", "mode=balanced&sources=alpha"};
    Random *random = &f->random.random;
    size_t searches = 0, extra = 0;

    fixture_listings(f, "alpha", 0, ONE, 30);
    for (int i = 0; i < 3000; i++) {
        const Failure bad = {.source = "alpha", .status = 503};
        int64_t answered;

        switch (random_below(random, 8)) {
        case 0:
            fail_next(f, &bad);
            break;
        case 1:
            delay_next(f, "alpha", (int64_t)random_below(random, 3500));
            break;
        case 2:
            fake_loop_advance_us(f->loop, (int64_t)random_below(random, (uint64_t)US_PER_SECOND));
            break;
        default:
            break;
        }
        fixture_answer(f, MODES[random_below(random, G_N_ELEMENTS(MODES))]);
        searches++;
        answered = metric_value(f->metrics, METRIC_SOURCE_CALLS, "alpha", "ok");
        g_assert_cmpuint(requests(f), <=, searches + (size_t)answered / 10);
        extra = requests(f) > searches ? requests(f) - searches : 0;
    }
    /* And there were some. */
    g_assert_cmpint(repeats(f, "alpha", "retry_answered"), >, 50);
    g_assert_cmpint(repeats(f, "alpha", "hedge_won"), >, 20);
    g_assert_cmpint(metric_value(f->metrics, METRIC_REPEATS_REFUSED, "alpha", "budget"), >, 0);
    g_test_message("%zu searches, %zu requests more", searches, extra);
}

static void
a_source_that_rests_gets_no_second_call(EngineFixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    int64_t until_us;
    size_t before;

    earn(f, "alpha");
    fixture_failure(f, "alpha", 503, HTTP_OUTCOME_ANSWERED, 5);
    for (int i = 0; i < 10; i++)
        fixture_answer(f, "mode=widest&sources=alpha");
    g_assert_cmpstr(search_engine_health(f->engine, "alpha").state, ==, "open");
    until_us = search_engine_health(f->engine, "alpha").held_us;
    earn(f, "beta"); /* whose budget is its own */
    fake_loop_advance_us(f->loop, until_us);
    fixture_failure(f, "alpha", 503, HTTP_OUTCOME_ANSWERED, 5);
    before = requests(f);
    fixture_answer(f, "mode=widest&sources=alpha"); /* the probe */
    g_assert_cmpuint(requests(f), ==, before + 1);
}

#define TEST(name)                                                                                                     \
    g_test_add("/search/" #name, EngineFixture, &PARTS, engine_fixture_set_up, name, engine_fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_connection_that_breaks_before_the_answer_is_tried_again);
    TEST(only_failures_that_may_pass_are_tried_again);
    TEST(a_source_that_was_not_answered_by_earns_no_second_call);
    TEST(what_could_not_be_answered_in_time_is_not_tried_again);
    TEST(a_search_that_ends_during_the_pause_leaves_nothing_behind);
    TEST(all_who_wait_get_the_second_answer);
    TEST(a_call_slower_than_nearly_all_gets_another_beside_it);
    TEST(the_first_call_may_still_be_the_first_to_answer);
    TEST(of_two_calls_one_that_fails_leaves_the_other);
    TEST(an_answer_that_has_begun_is_waited_for);
    TEST(a_call_that_was_left_half_way_adds_nothing_to_what_the_answer_was_worth);
    TEST(a_definition_or_the_configuration_may_forbid_it);
    TEST(a_source_of_which_little_is_known_is_not_called_slow);
    TEST(a_source_whose_limits_are_half_used_keeps_the_rest_for_questions);
    TEST(a_budget_is_earned_by_answers_and_bounded);
    TEST(extra_calls_never_exceed_their_share_of_the_answers);
    TEST(a_source_that_rests_gets_no_second_call);
    return g_test_run();
}
