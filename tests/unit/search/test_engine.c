#include "engine_fixture.h"

#include "search/stop_rule.h"

#define ONE "1|Nurse|Acme|0.10"

/* ---- when a search ends ---- */

static void
fastest_ends_with_the_first_answer(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, ONE, 300);
    fixture_listings(f, "beta", 0, "7|Doctor|Bolt|0", 100);
    caught = fixture_answer(f, "mode=fastest&sources=alpha,beta");
    g_assert_cmpint(caught->done_us, ==, 100 * US_PER_MS);
    g_assert_cmpstr(caught->ids->str, ==, "beta:7 ");
    assert_status(caught, "alpha", SOURCE_LATE);
    assert_status(caught, "beta", SOURCE_OK);
    g_assert_true(caught->answer.partial);
    g_assert_true(fake_client_request(f->client, 0)->cancelled);
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 0);
}

static void
only_listings_of_the_employer_asked_for_are_shown(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme Clinics|0,2|Nurse|Bolt|0,3|Nurse|ACME|0", 10);
    caught = fixture_answer(f, "mode=widest&sources=alpha&company=acme");
    g_assert_cmpstr(caught->ids->str, ==, "alpha:1 alpha:3 ");
    caught = fixture_answer(f, "mode=widest&sources=alpha");
    g_assert_cmpuint(caught->answer.listing_count, ==, 3);
}

static void
fastest_ends_with_a_page_that_is_still_arriving(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;
    const char *body = fixture_body(f, "alpha", "1|A|X|0,2|B|X|0,3|C|X|0,4|D|X|0,5|E|X|0,6|F|X|0,7|G|X|0");

    (void)unused;
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://alpha.example/",
                                                .body = body,
                                                .piece_size = strlen(body) * 5 / 7 + 20,
                                                .delay_us = 10 * US_PER_MS,
                                                .piece_gap_us = 400 * US_PER_MS});
    caught = fixture_answer(f, "mode=fastest&sources=alpha");
    g_assert_cmpint(caught->done_us, ==, 10 * US_PER_MS);
    g_assert_cmpuint(caught->answer.listing_count, ==, 5);
    assert_status(caught, "alpha", SOURCE_LATE);
}

static void
balanced_gives_others_fifty_milliseconds_when_enough_has_come(EngineFixture *f, gconstpointer unused)
{
    static const char *const TEXT = "sources=alpha,beta,gamma&min_results=2";
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0", 10);
    fixture_listings(f, "beta", 0, "2|Cook|Bolt|0", 40);
    fixture_listings(f, "gamma", 0, "3|Baker|Crumb|0", 500);
    caught = fixture_answer(f, TEXT);
    g_assert_cmpint(caught->done_us, ==, 90 * US_PER_MS);
    g_assert_cmpstr(search_end_name(caught->answer.ended), ==, "enough");
    assert_status(caught, "gamma", SOURCE_LATE);
    fixture_listings(f, "gamma", 0, "3|Baker|Crumb|0", 60);
    caught = fixture_answer(f, TEXT);
    g_assert_cmpint(caught->done_us, ==, 60 * US_PER_MS);
    g_assert_cmpstr(search_end_name(caught->answer.ended), ==, "all");
    g_assert_false(caught->answer.partial);
}

static void
balanced_learns_whom_it_is_not_worth_to_wait_for(EngineFixture *f, gconstpointer unused)
{
    static const char *const TEXT = "sources=alpha,beta,gamma";
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0,2|Guard|Acme|0,3|Clerk|Acme|0,4|Cleaner|Acme|0", 50);
    fixture_listings(f, "beta", 0, "1|Cook|Bolt|0,2|Waiter|Bolt|0,3|Driver|Bolt|0,4|Porter|Bolt|0", 50);
    fixture_listings(f, "gamma", 0, "3|Baker|Crumb|0", 1500);
    caught = fixture_answer(f, TEXT); /* nothing is known yet */
    g_assert_cmpint(caught->done_us, ==, 1500 * US_PER_MS);
    for (int i = 0; i < 30; i++)
        caught = fixture_answer(f, TEXT);
    g_assert_cmpint(caught->done_us, <, 100 * US_PER_MS);
    g_assert_cmpstr(search_end_name(caught->answer.ended), ==, "gain");
    g_assert_cmpuint(caught->answer.total, ==, 8);
    assert_status(caught, "gamma", SOURCE_LATE);
    caught = fixture_answer(f, "mode=widest&sources=alpha,beta,gamma");
    g_assert_cmpint(caught->done_us, ==, 1500 * US_PER_MS);
    fixture_failure(f, "alpha", 0, HTTP_OUTCOME_CONNECT, 1);
    fixture_failure(f, "beta", 0, HTTP_OUTCOME_CONNECT, 1);
    caught = fixture_answer(f, TEXT); /* and when nobody else has anything, it is */
    g_assert_cmpint(caught->done_us, ==, 1500 * US_PER_MS);
    g_assert_cmpuint(caught->answer.total, ==, 1);
}

static void
balanced_does_not_count_failures_as_answers(EngineFixture *f, gconstpointer unused)
{
    static const char *const FOUR[] = {"alpha", "beta", "gamma", "delta"};
    Caught *caught;

    (void)unused;
    for (int i = 0; i < 4; i++)
        fixture_failure(f, FOUR[i], 500, HTTP_OUTCOME_ANSWERED, 5);
    fixture_listings(f, "epsilon", 0, ONE, 700);
    caught = fixture_answer(f, "sources=alpha,beta,gamma,delta,epsilon");
    g_assert_cmpint(caught->done_us, ==, 700 * US_PER_MS);
    g_assert_cmpuint(caught->answer.listing_count, ==, 1);
}

static void
widest_waits_for_all_but_not_beyond_the_deadline(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, ONE, 10);
    fixture_listings(f, "beta", 0, "2|Cook|Bolt|0", 900);
    caught = fixture_answer(f, "mode=widest&sources=alpha,beta&timeout_ms=1000");
    g_assert_cmpint(caught->done_us, ==, 900 * US_PER_MS);
    g_assert_cmpuint(caught->answer.listing_count, ==, 2);
    caught = fixture_answer(f, "mode=widest&sources=alpha,beta&timeout_ms=800");
    g_assert_cmpint(caught->done_us, ==, 800 * US_PER_MS - SEARCH_RESERVE_US);
    assert_status(caught, "beta", SOURCE_LATE);
    g_assert_cmpuint(caught->answer.listing_count, ==, 1);
}

static void
every_mode_keeps_its_deadline_when_nobody_answers(EngineFixture *f, gconstpointer unused)
{
    static const char *const MODES[] = {"fastest", "balanced", "widest"};

    (void)unused;
    fixture_failure(f, "alpha", 0, HTTP_OUTCOME_TIMEOUT, 0);
    fixture_listings(f, "beta", 0, ONE, 60000);
    for (int i = 0; i < 3; i++) {
        g_autofree char *text = g_strdup_printf("mode=%s&sources=alpha,beta&timeout_ms=500", MODES[i]);
        Caught *caught = fixture_answer(f, text);

        g_assert_cmpint(caught->done_us, ==, 500 * US_PER_MS - SEARCH_RESERVE_US);
        g_assert_cmpuint(caught->answer.listing_count, ==, 0);
        g_assert_true(caught->answer.partial);
    }
}

static void
a_mode_asks_the_best_only_and_says_of_the_others_why_not(EngineFixture *f, gconstpointer unused)
{
    size_t asked = 0, left_out = 0;
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0", 2500); /* from now on known as too slow */
    for (int i = 0; i < 25; i++)
        fixture_answer(f, "mode=widest&sources=alpha&timeout_ms=5000");
    for (size_t i = 0; i < source_set_count(f->sources); i++) {
        const char *name = source_name(source_set_at(f->sources, i));

        if (strcmp(name, "alpha") != 0)
            fixture_listings(f, name, 0, "", 10 + (int64_t)i);
    }
    f->visitor_ip = "192.0.2.7";
    caught = fixture_answer(f, "mode=fastest&timeout_ms=900");
    for (size_t i = 0; i < caught->answer.source_count; i++) {
        const AnsweredSource *source = &caught->answer.sources[i];

        asked += source->status != SOURCE_SKIPPED;
        left_out += str_is(source->reason, "others are worth more, and fastest asks 8");
        g_assert_true(source->status != SOURCE_SKIPPED || !str_is_empty(source->reason));
    }
    g_assert_cmpuint(asked, ==, 8 + (caught_source(caught, "alpha")->explored ? 1 : 0));
    g_assert_cmpuint(left_out, >, 0);
    if (!caught_source(caught, "alpha")->explored)
        g_assert_true(str_is(caught_source(caught, "alpha")->reason, "hardly ever answers within 898 ms"));
    g_assert_cmpint(caught_source(caught, "alpha")->score.calls, >=, 20);
    caught = fixture_answer(f, "mode=fastest&timeout_ms=900&sources=alpha,beta,gamma");
    g_assert_false(caught->answer.partial && caught_source(caught, "beta")->status == SOURCE_SKIPPED);
}

/* ---- sources that fail ---- */

static void
no_source_at_all_is_an_empty_answer_with_reasons(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    caught = fixture_answer(f, "sources=locked,french,visitor&country=DE");
    g_assert_cmpint(caught->done_us, ==, 0);
    g_assert_cmpuint(caught->answer.listing_count, ==, 0);
    g_assert_cmpint(caught->answer.next_page, ==, 0);
    g_assert_false(caught->answer.partial);
    assert_status(caught, "locked", SOURCE_SKIPPED);
    g_assert_true(str_starts_with(caught_source(caught, "locked")->reason, STR("disabled: needs ")));
    g_assert_true(str_is(caught_source(caught, "french")->reason, "does not cover DE"));
    g_assert_true(str_is(caught_source(caught, "alpha")->reason, "not among the sources asked for"));
    assert_status(caught, "visitor", SOURCE_SKIPPED);
    g_assert_cmpint(str_find(caught_source(caught, "visitor")->reason, STR("user_ip")), >=, 0);
    g_assert_cmpuint(fake_client_request_count(f->client), ==, 0);
}

static void
when_all_fail_the_answer_says_how(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_failure(f, "alpha", 500, HTTP_OUTCOME_ANSWERED, 1);
    fixture_failure(f, "beta", 0, HTTP_OUTCOME_CONNECT, 1);
    fixture_failure(f, "gamma", 401, HTTP_OUTCOME_ANSWERED, 1);
    fixture_failure(f, "delta", 200, HTTP_OUTCOME_BROKEN, 1);
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://epsilon.example/", .body = "<html>Oops</html>"});
    caught = fixture_answer(f, "sources=alpha,beta,gamma,delta,epsilon");
    assert_status(caught, "alpha", SOURCE_TRANSIENT);
    assert_status(caught, "beta", SOURCE_UNREACHABLE);
    assert_status(caught, "gamma", SOURCE_CREDENTIAL);
    assert_status(caught, "delta", SOURCE_BROKEN);
    assert_status(caught, "epsilon", SOURCE_MALFORMED);
    g_assert_true(caught->answer.partial);
    g_assert_cmpuint(caught->answer.listing_count, ==, 0);
}

static void
a_reset_in_the_middle_costs_only_what_had_not_come(EngineFixture *f, gconstpointer unused)
{
    const char *body = fixture_body(f, "alpha", "1|Nurse|Acme|0,2|Cook|Acme|0");
    Caught *caught;

    (void)unused;
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://alpha.example/",
                                                .body = body,
                                                .body_size = strlen(body) - 20,
                                                .outcome = HTTP_OUTCOME_BROKEN,
                                                .status = 200});
    fixture_listings(f, "beta", 0, "9|Baker|Bolt|0", 5);
    caught = fixture_answer(f, "sources=alpha,beta");
    assert_status(caught, "alpha", SOURCE_BROKEN);
    g_assert_cmpuint(caught_source(caught, "alpha")->count, ==, 1);
    g_assert_cmpuint(caught->answer.listing_count, ==, 2);
}

static void
an_endless_answer_ends_at_our_limit_of_listings(EngineFixture *f, gconstpointer unused)
{
    g_autoptr(GString) many = g_string_new(NULL);
    Caught *caught;

    (void)unused;
    for (int i = 0; i < 50; i++)
        g_string_append_printf(many, "%s%d|Nurse %d|Acme|0", i > 0 ? "," : "", i, i);
    fixture_listings(f, "alpha", 0, many->str, 1);
    caught = fixture_answer(f, "sources=alpha");
    assert_status(caught, "alpha", SOURCE_OK);
    g_assert_cmpuint(caught_source(caught, "alpha")->count, ==, 12);
    g_assert_cmpuint(caught->answer.total, ==, 12);
}

static void
a_trickling_answer_does_not_move_the_deadline(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://alpha.example/",
                                                .body = fixture_body(f, "alpha", "1|Nurse|Acme|0,2|Cook|Acme|0"),
                                                .piece_size = 1,
                                                .piece_gap_us = 2 * US_PER_MS});
    caught = fixture_answer(f, "sources=alpha&timeout_ms=250");
    g_assert_cmpint(caught->done_us, ==, 250 * US_PER_MS - SEARCH_RESERVE_US);
    g_assert_cmpuint(caught->answer.listing_count, ==, 1);
    assert_status(caught, "alpha", SOURCE_LATE);
}

static void
a_cancelled_source_is_asked_again_and_a_failing_one_is_not(EngineFixture *f, gconstpointer unused)
{
    Caught *caught = NULL;
    size_t before;

    (void)unused;
    fixture_listings(f, "alpha", 0, ONE, 300);
    fixture_listings(f, "beta", 0, "7|Doctor|Bolt|0", 100);
    fixture_failure(f, "gamma", 503, HTTP_OUTCOME_ANSWERED, 50);
    for (int i = 0; i < 6; i++)
        caught = fixture_answer(f, "mode=fastest&sources=alpha,beta,gamma");
    assert_status(caught, "alpha", SOURCE_LATE);
    assert_status(caught, "gamma", SOURCE_SKIPPED);
    g_assert_true(str_starts_with(caught_source(caught, "gamma")->reason, STR("cooling down after transient")));
    g_assert_cmpuint(fake_client_request_count(f->client), ==, 6 + 6 + 5);
    fake_loop_advance_us(f->loop, 6 * US_PER_SECOND);
    fixture_listings(f, "gamma", 0, "8|Baker|Bolt|0", 50);
    before = fake_client_request_count(f->client);
    caught = fixture_answer(f, "mode=fastest&sources=gamma");
    assert_status(caught, "gamma", SOURCE_OK);
    g_assert_cmpuint(fake_client_request_count(f->client), ==, before + 1);
}

static void
a_partner_is_not_asked_more_often_than_it_allows(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "metered", 0, ONE, 1);
    for (int i = 0; i < 2; i++)
        assert_status(fixture_answer(f, "sources=metered"), "metered", SOURCE_OK);
    caught = fixture_answer(f, "sources=metered");
    assert_status(caught, "metered", SOURCE_SKIPPED);
    g_assert_true(str_is(caught_source(caught, "metered")->reason, "its limit of 2 calls in 60 s is used up"));
    g_assert_true(caught->answer.partial);
    fake_loop_advance_us(f->loop, 2 * US_PER_MINUTE);
    assert_status(fixture_answer(f, "sources=metered"), "metered", SOURCE_OK);
    fake_loop_advance_us(f->loop, 2 * US_PER_MINUTE);
    caught = fixture_answer(f, "sources=metered");
    g_assert_true(str_is(caught_source(caught, "metered")->reason, "its limit of 3 calls in 3600 s is used up"));
    g_assert_cmpuint(fake_client_request_count(f->client), ==, 3);
}

/* ---- the second step ---- */

static Str
company_of(const Caught *caught, const char *id)
{
    for (size_t i = 0; i < caught->answer.listing_count; i++)
        if (str_is(caught->answer.listings[i].listing->id, id))
            return caught->answer.listings[i].listing->company;
    return STR_NONE;
}

static void
details_complete_what_the_first_step_found(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "detailed", 0, "1|Nurse|Acme|0,2|Cook|Beta|0", 10);
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://detailed.example/item/1",
                                                .body = "{\"employer\": \"Acme of Old Town\"}",
                                                .delay_us = 20 * US_PER_MS});
    fake_client_answer(f->client,
                       &(FakeAnswer){.url = "https://detailed.example/item/2", .status = 500, .body = "oops"});
    caught = fixture_answer(f, "mode=widest&sources=detailed");
    g_assert_cmpuint(caught->answer.listing_count, ==, 2);
    g_assert_true(str_is(company_of(caught, "1"), "Acme of Old Town"));
    g_assert_true(str_is(company_of(caught, "2"), "Beta"));
    g_assert_cmpint(caught_source(caught, "detailed")->status, ==, SOURCE_OK);
}

static void
at_the_deadline_listings_are_shown_without_their_details(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "detailed", 0, "1|Nurse|Acme|0", 10);
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://detailed.example/item/1",
                                                .body = "{\"employer\": \"Late\"}",
                                                .delay_us = US_PER_MINUTE});
    caught = fixture_answer(f, "mode=widest&sources=detailed");
    g_assert_true(str_is(company_of(caught, "1"), "Acme"));
    g_assert_cmpint(caught_source(caught, "detailed")->status, ==, SOURCE_OK);
}

/* ---- what is answered ---- */

static void
duplicates_are_one_listing_whoever_answers_first(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    for (int turn = 0; turn < 2; turn++) {
        Caught *caught;

        fixture_listings(f, "alpha", 0, "1|Nurse (m/f)|Acme Inc|0.10", turn == 0 ? 10 : 40);
        fixture_listings(f, "beta", 0, "7|Nurse|ACME|0.50", turn == 0 ? 40 : 10);
        caught = fixture_answer(f, "mode=widest&sources=alpha,beta");
        g_assert_cmpstr(caught->ids->str, ==, "beta:7 ");
        g_assert_cmpuint(caught->answer.listings[0].also_from.count, ==, 1);
        g_assert_true(str_is(caught->answer.listings[0].also_from.items[0], "alpha"));
        g_assert_cmpint(caught->answer.listings[0].bid.micros, ==, 500000);
    }
}

static void
a_click_url_opens_to_what_was_shown(EngineFixture *f, gconstpointer unused)
{
    Caught *first, *second;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0.10,2|Nurse aide|Acme|0.25", 1);
    first = fixture_answer(f, "sources=alpha");
    second = fixture_answer(f, "sources=alpha");
    g_assert_cmpint(first->answer.search_id, !=, second->answer.search_id);
    for (size_t i = 0; i < 2; i++) {
        const AnsweredListing *shown = &second->answer.listings[i];
        ClickToken token = fixture_open(f, shown);

        g_assert_cmpint(token.search_id, ==, second->answer.search_id);
        g_assert_cmpuint(token.position, ==, i + 1);
        g_assert_true(str_equal(token.source, STR("alpha")));
        g_assert_true(str_equal(token.listing_id, shown->listing->id));
        g_assert_true(str_equal(token.url, shown->listing->url));
        g_assert_cmpint(token.bid.micros, ==, shown->bid.micros);
        g_assert_cmpstr(token.bid.currency.code, ==, "USD");
    }
}

/* "{"results":[...]}" of one listing with a URL of url_size characters and an id of id_size. */
static const char *
body_of_sizes(EngineFixture *f, const char *source, size_t url_size, size_t id_size)
{
    Str start = arena_printf(f->arena, "https://%s.example/", source);
    g_autofree char *rest = g_strnfill(url_size - start.size, 'u');
    g_autofree char *id = g_strnfill(id_size, 'i');

    return arena_printf(f->arena,
                        "{\"results\":[{\"id\":\"%s\",\"title\":\"Nurse\",\"company\":\"Acme\",\"bid\":9,"
                        "\"url\":\"%s%s\"}]}",
                        id, start.at, rest)
        .at;
}

static void
a_listing_that_no_token_can_hold_makes_way_for_its_duplicate(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://alpha.example/",
                                                .body = body_of_sizes(f, "alpha", TOKEN_URL_LIMIT + 1, 1)});
    fixture_listings(f, "gamma", 0, "7|Nurse|Acme|0.10", 1);
    caught = fixture_answer(f, "mode=widest&sources=alpha,gamma");
    g_assert_cmpstr(caught->ids->str, ==, "gamma:7 ");
    g_assert_cmpuint(caught->answer.listings[0].also_from.count, ==, 0);
    g_assert_cmpint(caught->answer.total, ==, 1);
    g_assert_cmpuint(caught_source(caught, "alpha")->count, ==, 0);
}

static void
a_listing_at_the_limits_of_a_token_is_linked(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://alpha.example/",
                                                .body = body_of_sizes(f, "alpha", TOKEN_URL_LIMIT, TOKEN_NAME_LIMIT)});
    caught = fixture_answer(f, "sources=alpha");
    g_assert_cmpuint(caught->answer.listing_count, ==, 1);
    g_assert_cmpuint(caught->answer.listings[0].click_url.size, >, TOKEN_URL_LIMIT);
}

static void
a_listing_without_bid_has_the_one_of_its_source(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "visitor", 0, "1|Nurse|Acme|0", 1);
    f->visitor_ip = "203.0.113.9";
    g_assert_cmpint(fixture_answer(f, "sources=visitor")->answer.listings[0].bid.micros, ==, 100000);
}

static void
the_language_of_what_is_shown_is_told(EngineFixture *f, gconstpointer unused)
{
    const AnsweredListing *listings;

    (void)unused;
    fixture_listings(f, "visitor", 0,
                     "1|Infirmier de nuit pour une maison de retraite avec une bonne connaissance des personnes seules|"
                     "Acme|0,2|Nurse|Acme|0",
                     1);
    f->visitor_ip = "203.0.113.9";
    listings = fixture_answer(f, "sources=visitor")->answer.listings;
    for (size_t i = 0; i < 2; i++) {
        Str language = listings[i].listing->language;

        if (str_is(listings[i].listing->id, "1"))
            g_assert_true(str_is(language, "fr"));
        else
            g_assert_null(language.at);
    }
}

/* ---- kept and shared replies ---- */

static void
a_kept_answer_is_a_new_search_without_a_request(EngineFixture *f, gconstpointer unused)
{
    Caught *first, *second;

    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 30);
    first = fixture_answer(f, "sources=kept");
    second = fixture_answer(f, "sources=kept&mode=fastest");
    g_assert_cmpstr(first->answer.cache, ==, "miss");
    g_assert_cmpstr(second->answer.cache, ==, "hit");
    g_assert_cmpint(second->done_us, ==, 0);
    g_assert_cmpint(caught_source(second, "kept")->cache, ==, CACHE_HIT);
    g_assert_cmpint(caught_source(second, "kept")->ttl_us, ==, US_PER_HOUR);
    g_assert_cmpint(first->answer.search_id, !=, second->answer.search_id);
    g_assert_false(str_equal(first->answer.listings[0].click_url, second->answer.listings[0].click_url));
    g_assert_cmpuint(fake_client_request_count(f->client), ==, 1);
    fake_loop_advance_us(f->loop, US_PER_HOUR);
    fixture_answer(f, "sources=kept");
    g_assert_cmpuint(fake_client_request_count(f->client), ==, 2);
}

static void
failures_are_not_kept(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_failure(f, "kept", 500, HTTP_OUTCOME_ANSWERED, 1);
    fixture_answer(f, "sources=kept");
    fixture_listings(f, "kept", 0, ONE, 1);
    assert_status(fixture_answer(f, "sources=kept"), "kept", SOURCE_OK);
}

static void
equal_questions_share_one_call_each_with_its_own_deadline(EngineFixture *f, gconstpointer unused)
{
    Caught *hasty, *patient;

    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 300);
    hasty = fixture_search(f, "sources=kept&timeout_ms=100");
    patient = fixture_search(f, "sources=kept&timeout_ms=1000");
    fake_loop_advance_us(f->loop, US_PER_SECOND);
    g_assert_cmpint(hasty->done_us, ==, 100 * US_PER_MS - SEARCH_RESERVE_US);
    assert_status(hasty, "kept", SOURCE_LATE);
    g_assert_cmpint(patient->done_us, ==, 300 * US_PER_MS);
    assert_status(patient, "kept", SOURCE_OK);
    g_assert_cmpuint(fake_client_request_count(f->client), ==, 1);
    g_assert_false(fake_client_request(f->client, 0)->cancelled);
}

/* ---- pages ---- */

static void
pages_neither_repeat_nor_skip(EngineFixture *f, gconstpointer unused)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Caught *caught;
    int64_t page = 1;

    (void)unused;
    fixture_listings(f, "alpha", 1, "1|A1|X|0,2|A2|X|0,3|A3|X|0,4|A4|X|0,5|A5|X|0", 5);
    fixture_listings(f, "alpha", 2, "6|A6|X|0,7|A7|X|0,8|A8|X|0,9|A9|X|0,1|A1|X|0", 5);
    fixture_listings(f, "alpha", 3, "10|A10|X|0", 5);
    fixture_listings(f, "beta", 1, "1|B1|Y|0,2|B2|Y|0,3|B3|Y|0,4|A2|X|0,5|A7|X|0", 9);
    fixture_listings(f, "beta", 2, "6|B6|Y|0", 9);
    do {
        g_autofree char *text = g_strdup_printf("mode=widest&sources=alpha,beta&page=%d", (int)page);

        caught = fixture_answer(f, text);
        for (size_t i = 0; i < caught->answer.listing_count; i++) {
            const Listing *listing = caught->answer.listings[i].listing;

            g_assert_true(g_hash_table_add(
                seen, g_strdup_printf("%.*s/%.*s", STR_FORMAT(listing->title), STR_FORMAT(listing->company))));
        }
        page = caught->answer.next_page;
    } while (page != 0);
    g_assert_cmpuint(g_hash_table_size(seen), ==, 10 + 4);
    /* Three pages of alpha, two of beta: nothing was asked twice. */
    g_assert_cmpuint(fake_client_request_count(f->client), ==, 5);
}

static void
a_page_asked_for_again_is_the_same(EngineFixture *f, gconstpointer unused)
{
    Caught *first, *again;

    (void)unused;
    fixture_listings(f, "alpha", 1, "1|A1|X|0,2|A2|X|0,3|A3|X|0,4|A4|X|0,5|A5|X|0", 5);
    fixture_listings(f, "beta", 1, "1|B1|Y|0,2|B2|Y|0,3|B3|Y|0,4|B4|Y|0,5|B5|Y|0", 5);
    fixture_answer(f, "mode=widest&sources=alpha,beta");
    first = fixture_answer(f, "mode=widest&sources=alpha,beta&page=2");
    again = fixture_answer(f, "mode=widest&sources=alpha,beta&page=2");
    g_assert_cmpstr(first->answer.cache, ==, "page");
    g_assert_cmpuint(first->answer.listing_count, ==, 5);
    g_assert_cmpstr(first->ids->str, ==, again->ids->str);
    g_assert_cmpint(first->answer.search_id, !=, again->answer.search_id);
}

static void
a_source_that_was_late_for_page_one_is_not_skipped_on_page_two(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 1, "1|A1|X|0,2|A2|X|0", 5);
    fixture_listings(f, "beta", 1, "1|B1|Y|0", 200);
    caught = fixture_answer(f, "mode=fastest&sources=alpha,beta");
    g_assert_cmpint(caught->answer.next_page, ==, 2);
    caught = fixture_answer(f, "mode=fastest&sources=alpha,beta&page=2");
    g_assert_cmpstr(caught->ids->str, ==, "beta:1 ");
    g_assert_true(str_is(caught_source(caught, "alpha")->reason, "has no more listings for this search"));
}

/* ---- whatever happens ---- */

static const char *const SOURCES[] = {"alpha", "beta", "gamma", "delta", "epsilon", "kept"};

static void
behave_somehow(EngineFixture *f, Random *random, const char *source)
{
    static const HttpOutcome OUTCOMES[] = {HTTP_OUTCOME_TIMEOUT, HTTP_OUTCOME_CONNECT, HTTP_OUTCOME_BROKEN,
                                           HTTP_OUTCOME_TOO_LARGE};
    static const int STATUSES[] = {200, 204, 401, 404, 429, 500, 503};
    g_autoptr(GString) listings = g_string_new(NULL);
    const char *body;

    for (uint64_t i = 0, count = random_below(random, 20); i < count; i++)
        g_string_append_printf(listings, "%s%d|Title %d|%s|0.%d", i > 0 ? "," : "", (int)random_below(random, 30),
                               (int)random_below(random, 30), i % 2 ? "Acme" : "Bolt", (int)random_below(random, 10));
    body = fixture_body(f, source, listings->str);
    fake_client_answer(
        f->client, &(FakeAnswer){
                       .url = arena_printf(f->arena, "https://%s.example/", source).at,
                       .status = random_below(random, 2) ? 200 : STATUSES[random_below(random, 7)],
                       .body = body,
                       .body_size = 1 + random_below(random, strlen(body)),
                       .piece_size = random_below(random, 300),
                       .delay_us = (int64_t)random_below(random, 400 * US_PER_MS),
                       .piece_gap_us = (int64_t)random_below(random, 40 * US_PER_MS),
                       .outcome = random_below(random, 2) ? HTTP_OUTCOME_ANSWERED : OUTCOMES[random_below(random, 4)],
                   });
}

static void
assert_sound(const Caught *caught, int64_t timeout_ms)
{
    g_assert_true(caught->done);
    g_assert_cmpint(caught->done_us, <=, timeout_ms * US_PER_MS - SEARCH_RESERVE_US);
    g_assert_cmpuint(caught->answer.listing_count, <=, 5);
    for (size_t i = 0; i < caught->answer.source_count; i++)
        g_assert_cmpint(caught->answer.sources[i].status, !=, SOURCE_PENDING);
    for (size_t i = 0; i < caught->answer.listing_count; i++)
        for (size_t k = 0; k < i; k++)
            g_assert_false(
                str_equal(caught->answer.listings[i].listing->title, caught->answer.listings[k].listing->title) &&
                str_equal(caught->answer.listings[i].listing->company, caught->answer.listings[k].listing->company));
}

static void
whatever_sources_do_each_search_is_answered_once_by_its_deadline(EngineFixture *f, gconstpointer unused)
{
    static const char *const MODES[] = {"fastest", "balanced", "widest"};
    SeededRandom seeded;
    Random *random = &seeded.random;

    (void)unused;
    seeded_random_init(&seeded, 424242);
    for (int run = 0; run < 400; run++) {
        Caught *caught[3];
        int64_t timeout_ms[3];

        behave_somehow(f, random, SOURCES[random_below(random, G_N_ELEMENTS(SOURCES))]);
        for (int i = 0; i < 3; i++) {
            g_autofree char *text = NULL;

            timeout_ms[i] = 50 + (int64_t)random_below(random, 800);
            text = g_strdup_printf("mode=%s&timeout_ms=%d&page=%d", MODES[random_below(random, 3)], (int)timeout_ms[i],
                                   1 + (int)random_below(random, 3));
            caught[i] = fixture_search(f, text);
            fake_loop_advance_us(f->loop, (int64_t)random_below(random, 60 * US_PER_MS));
        }
        fake_loop_advance_us(f->loop, US_PER_SECOND);
        for (int i = 0; i < 3; i++)
            assert_sound(caught[i], timeout_ms[i]);
        g_assert_cmpuint(fake_client_open_count(f->client), ==, 0);
    }
}

/* ---- limits and stopping ---- */

static void
refuse(void *data, const SearchAnswer *answer)
{
    (void)data;
    (void)answer;
    g_assert_not_reached();
}

static void
assert_not_started(EngineFixture *f, const char *text, WeirError code)
{
    SearchQuery query = fixture_query(f, text);
    g_autoptr(GError) error = NULL;

    g_assert_false(search_start(f->engine, &query, &(SearchReceiver){.done = refuse}, NULL, &error));
    g_assert_error(error, WEIR_ERROR, (gint)code);
}

static void
more_searches_than_the_limit_are_refused(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "alpha", 0, ONE, 100);
    for (int i = 0; i < 3; i++)
        fixture_search(f, "sources=alpha");
    assert_not_started(f, "sources=alpha", WEIR_ERROR_LIMIT);
    fake_loop_advance_us(f->loop, US_PER_SECOND);
    g_assert_cmpuint(search_engine_active(f->engine), ==, 0);
    fixture_answer(f, "sources=alpha");
}

static void
a_source_that_does_not_exist_is_named(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    assert_not_started(f, "sources=nobody", WEIR_ERROR_INVALID);
    assert_not_started(f, "exclude=nobody", WEIR_ERROR_INVALID);
}

static void
new_sources_serve_new_searches_and_old_ones_end_with_theirs(EngineFixture *f, gconstpointer unused)
{
    SourceSet *other = fixture_load_definitions();
    g_autoptr(SourceSet) now = NULL;
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, ONE, 100);
    caught = fixture_search(f, "sources=alpha");
    fake_loop_advance_us(f->loop, 50 * US_PER_MS);
    search_engine_set_sources(f->engine, other);
    source_set_unref(other);
    now = search_engine_sources(f->engine);
    g_assert_true(now == other);
    fake_loop_advance_us(f->loop, US_PER_SECOND);
    assert_status(caught, "alpha", SOURCE_OK);
    assert_status(fixture_answer(f, "sources=alpha"), "alpha", SOURCE_OK);
}

static void
stopping_answers_what_is_under_way_and_takes_nothing_new(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, ONE, 10);
    fixture_listings(f, "beta", 0, ONE, 1000);
    caught = fixture_search(f, "mode=widest&sources=alpha,beta");
    fake_loop_advance_us(f->loop, 20 * US_PER_MS);
    g_assert_false(search_engine_stop(f->engine, 0));
    fake_loop_run(f->loop);
    g_assert_true(caught->done);
    g_assert_cmpuint(caught->answer.listing_count, ==, 1);
    g_assert_true(search_engine_stop(f->engine, 0));
    assert_not_started(f, "sources=alpha", WEIR_ERROR_UNAVAILABLE);
}

static const EngineParts SMALL = {.limits = {.searches = 3, .listings_per_call = 12}};

#define TEST(name)                                                                                                     \
    g_test_add("/search/" #name, EngineFixture, &SMALL, engine_fixture_set_up, name, engine_fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(only_listings_of_the_employer_asked_for_are_shown);
    TEST(details_complete_what_the_first_step_found);
    TEST(at_the_deadline_listings_are_shown_without_their_details);
    TEST(fastest_ends_with_the_first_answer);
    TEST(fastest_ends_with_a_page_that_is_still_arriving);
    TEST(balanced_gives_others_fifty_milliseconds_when_enough_has_come);
    TEST(a_mode_asks_the_best_only_and_says_of_the_others_why_not);
    TEST(balanced_learns_whom_it_is_not_worth_to_wait_for);
    TEST(balanced_does_not_count_failures_as_answers);
    TEST(widest_waits_for_all_but_not_beyond_the_deadline);
    TEST(every_mode_keeps_its_deadline_when_nobody_answers);
    TEST(no_source_at_all_is_an_empty_answer_with_reasons);
    TEST(when_all_fail_the_answer_says_how);
    TEST(a_reset_in_the_middle_costs_only_what_had_not_come);
    TEST(an_endless_answer_ends_at_our_limit_of_listings);
    TEST(a_trickling_answer_does_not_move_the_deadline);
    TEST(a_cancelled_source_is_asked_again_and_a_failing_one_is_not);
    TEST(a_partner_is_not_asked_more_often_than_it_allows);
    TEST(duplicates_are_one_listing_whoever_answers_first);
    TEST(a_click_url_opens_to_what_was_shown);
    TEST(a_listing_that_no_token_can_hold_makes_way_for_its_duplicate);
    TEST(a_listing_at_the_limits_of_a_token_is_linked);
    TEST(a_listing_without_bid_has_the_one_of_its_source);
    TEST(the_language_of_what_is_shown_is_told);
    TEST(a_kept_answer_is_a_new_search_without_a_request);
    TEST(failures_are_not_kept);
    TEST(equal_questions_share_one_call_each_with_its_own_deadline);
    TEST(pages_neither_repeat_nor_skip);
    TEST(a_page_asked_for_again_is_the_same);
    TEST(a_source_that_was_late_for_page_one_is_not_skipped_on_page_two);
    TEST(whatever_sources_do_each_search_is_answered_once_by_its_deadline);
    TEST(new_sources_serve_new_searches_and_old_ones_end_with_theirs);
    TEST(more_searches_than_the_limit_are_refused);
    TEST(a_source_that_does_not_exist_is_named);
    TEST(stopping_answers_what_is_under_way_and_takes_nothing_new);
    return g_test_run();
}
