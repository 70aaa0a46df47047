/* Searches that share answers: kept ones, and those on their way. */
#include "engine_fixture.h"

#include "search/stop_rule.h"

#define ONE   "1|Nurse|Acme|0.10"
#define OTHER "2|Cook|Bolt|0.20"

static const EngineParts PARTS = {
    .cache = {.unsaid = {.fresh_us = US_PER_MINUTE, .stale_us = US_PER_MINUTE, .stale_error_us = US_PER_HOUR},
              .empty_us = 10 * US_PER_SECOND,
              .failure_us = 2 * US_PER_SECOND},
    .background = {.questions = 2},
};

/* Three or four answers fit. */
static const EngineParts SMALL = {.limits = {.cache_bytes = 70000}};

static size_t
requests(const EngineFixture *f)
{
    return fake_client_request_count(f->client);
}

static void
advance(EngineFixture *f, int64_t us)
{
    fake_loop_advance_us(f->loop, us);
}

static void
assert_cache(const Caught *caught, const char *source, CacheUse use, const char *ids)
{
    g_assert_true(caught->done);
    g_assert_cmpint(caught_source(caught, source)->cache, ==, use);
    g_assert_cmpstr(caught->ids->str, ==, ids);
}

/* ---- stale ---- */

static void
a_stale_answer_is_given_at_once_and_a_newer_one_fetched_behind_it(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "steady", 0, ONE, 30);
    fixture_answer(f, "sources=steady");
    fixture_listings(f, "steady", 0, OTHER, 30);
    advance(f, 12 * US_PER_MINUTE);
    caught = fixture_answer(f, "sources=steady");
    g_assert_cmpint(caught->done_us, ==, 0);
    assert_cache(caught, "steady", CACHE_STALE, "steady:1 ");
    g_assert_cmpstr(caught->answer.cache, ==, "stale");
    g_assert_cmpint(caught_source(caught, "steady")->ttl_us, <, 0);
    g_assert_cmpuint(requests(f), ==, 2);
    /* While it is fetched nobody fetches it again. */
    assert_cache(fixture_answer(f, "sources=steady&mode=fastest"), "steady", CACHE_STALE, "steady:1 ");
    g_assert_cmpuint(requests(f), ==, 2);
    advance(f, US_PER_SECOND);
    assert_cache(fixture_answer(f, "sources=steady"), "steady", CACHE_HIT, "steady:2 ");
    g_assert_cmpuint(requests(f), ==, 2);
}

static void
when_the_newer_one_is_not_to_be_had_the_stale_one_stays(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "steady", 0, ONE, 30);
    fixture_answer(f, "sources=steady");
    fixture_failure(f, "steady", 500, HTTP_OUTCOME_ANSWERED, 10);
    advance(f, 12 * US_PER_MINUTE);
    fixture_answer(f, "sources=steady");
    advance(f, US_PER_SECOND);
    g_assert_cmpuint(requests(f), ==, 2);
    /* For a moment it isn't even tried again; then it is. */
    assert_cache(fixture_answer(f, "sources=steady"), "steady", CACHE_STALE, "steady:1 ");
    g_assert_cmpuint(requests(f), ==, 2);
    advance(f, 2 * US_PER_SECOND);
    assert_cache(fixture_answer(f, "sources=steady"), "steady", CACHE_STALE, "steady:1 ");
    g_assert_cmpuint(requests(f), ==, 3);
}

/* One that is beyond being stale: it is given only where asking again brings nothing. */
static void
keep_an_old_answer(EngineFixture *f)
{
    fixture_listings(f, "steady", 0, ONE, 30);
    fixture_answer(f, "sources=steady");
    advance(f, 30 * US_PER_MINUTE);
}

static void
an_old_answer_stands_in_for_a_failure_and_for_one_that_is_late(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    keep_an_old_answer(f);
    fixture_failure(f, "steady", 500, HTTP_OUTCOME_ANSWERED, 10);
    caught = fixture_answer(f, "sources=steady");
    g_assert_cmpint(caught->done_us, ==, 10 * US_PER_MS);
    assert_cache(caught, "steady", CACHE_STALE, "steady:1 ");
    assert_status(caught, "steady", SOURCE_OK);
    g_assert_false(caught->answer.partial);
    advance(f, US_PER_MINUTE);
    fixture_listings(f, "steady", 0, OTHER, 500);
    caught = fixture_answer(f, "sources=steady&timeout_ms=100");
    g_assert_cmpint(caught->done_us, ==, 100 * US_PER_MS - SEARCH_RESERVE_US);
    assert_cache(caught, "steady", CACHE_STALE, "steady:1 ");
    advance(f, US_PER_SECOND);
    assert_cache(fixture_answer(f, "sources=steady"), "steady", CACHE_HIT, "steady:2 ");
}

static void
what_had_come_of_a_broken_answer_is_shown_beside_the_old_one(EngineFixture *f, gconstpointer unused)
{
    const char *body = fixture_body(f, "steady", OTHER ",3|Baker|Bolt|0.1");

    (void)unused;
    keep_an_old_answer(f);
    fake_client_answer(f->client, &(FakeAnswer){.url = "https://steady.example/",
                                                .body = body,
                                                .body_size = strlen(body) - 20,
                                                .outcome = HTTP_OUTCOME_BROKEN,
                                                .status = 200});
    assert_cache(fixture_answer(f, "sources=steady"), "steady", CACHE_STALE, "steady:1 steady:2 ");
}

static void
a_source_that_is_held_back_gives_its_old_answer(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    keep_an_old_answer(f);
    fixture_failure(f, "steady", 401, HTTP_OUTCOME_ANSWERED, 1);
    fixture_answer(f, "sources=steady&q=other");
    caught = fixture_answer(f, "sources=steady");
    assert_cache(caught, "steady", CACHE_STALE, "steady:1 ");
    g_assert_cmpuint(requests(f), ==, 2);
    advance(f, US_PER_HOUR);
    caught = fixture_answer(f, "sources=steady&q=third");
    assert_cache(caught, "steady", CACHE_MISS, "");
}

/* ---- nothing found, and failures ---- */

static void
a_failure_is_not_asked_for_again_at_once(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_failure(f, "kept", 500, HTTP_OUTCOME_ANSWERED, 1);
    assert_status(fixture_answer(f, "sources=kept"), "kept", SOURCE_TRANSIENT);
    fixture_listings(f, "kept", 0, ONE, 1);
    assert_status(fixture_answer(f, "sources=kept"), "kept", SOURCE_TRANSIENT);
    g_assert_cmpuint(requests(f), ==, 1);
    advance(f, 2 * US_PER_SECOND);
    assert_status(fixture_answer(f, "sources=kept"), "kept", SOURCE_OK);
}

static void
nothing_found_is_asked_again_after_a_short_while(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "kept", 0, "", 1);
    assert_status(fixture_answer(f, "sources=kept"), "kept", SOURCE_EMPTY);
    fixture_listings(f, "kept", 0, ONE, 1);
    assert_status(fixture_answer(f, "sources=kept"), "kept", SOURCE_EMPTY);
    advance(f, 10 * US_PER_SECOND);
    assert_status(fixture_answer(f, "sources=kept"), "kept", SOURCE_OK);
}

static void
what_terms_forbid_to_keep_is_asked_each_time(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "unkept", 0, ONE, 1);
    for (size_t i = 1; i <= 3; i++) {
        assert_cache(fixture_answer(f, "sources=unkept"), "unkept", CACHE_MISS, "unkept:1 ");
        g_assert_cmpuint(requests(f), ==, i);
    }
}

static void
an_answer_that_says_no_store_is_not_kept_where_terms_are_silent(EngineFixture *f, gconstpointer unused)
{
    static const HttpHeader NO_STORE = {STR("cache-control"), STR("no-store")};

    (void)unused;
    for (int i = 0; i < 2; i++) {
        fake_client_answer(f->client, &(FakeAnswer){.url = "https://alpha.example/",
                                                    .body = fixture_body(f, "alpha", ONE),
                                                    .headers = {&NO_STORE, i == 0 ? 1 : 0}});
        assert_cache(fixture_answer(f, "sources=alpha"), "alpha", CACHE_MISS, "alpha:1 ");
    }
    assert_cache(fixture_answer(f, "sources=alpha"), "alpha", CACHE_HIT, "alpha:1 ");
    f->visitor_ip = "203.0.113.8";
    assert_cache(fixture_answer(f, "sources=alpha"), "alpha", CACHE_MISS, "alpha:1 ");
}

/* ---- modes and choices of sources ---- */

static void
all_modes_and_choices_of_sources_share_what_is_kept(EngineFixture *f, gconstpointer unused)
{
    static const char *const TEXTS[] = {"sources=kept,steady&mode=fastest", "sources=kept&mode=widest", "sources=kept",
                                        "sources=steady,kept&min_results=3&timeout_ms=77"};

    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 1);
    fixture_listings(f, "steady", 0, OTHER, 1);
    fixture_answer(f, "sources=kept,steady&mode=widest");
    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        Caught *caught = fixture_answer(f, TEXTS[i]);

        g_assert_cmpint(caught->done_us, ==, 0);
        g_assert_cmpint(caught_source(caught, "kept")->cache, ==, CACHE_HIT);
    }
    g_assert_cmpuint(requests(f), ==, 2);
}

/* ---- flights ---- */

static void
whoever_asked_first_takes_nothing_along_when_it_leaves(EngineFixture *f, gconstpointer unused)
{
    Caught *first, *second, *third;

    (void)unused;
    fixture_listings(f, "unkept", 0, ONE, 300);
    first = fixture_search(f, "sources=unkept&timeout_ms=100");
    second = fixture_search(f, "sources=unkept&timeout_ms=200");
    advance(f, 150 * US_PER_MS);
    third = fixture_search(f, "sources=unkept&timeout_ms=1000");
    advance(f, US_PER_SECOND);
    assert_status(first, "unkept", SOURCE_LATE);
    assert_status(second, "unkept", SOURCE_LATE);
    assert_status(third, "unkept", SOURCE_OK);
    g_assert_cmpint(third->done_us, ==, 150 * US_PER_MS);
    g_assert_false(caught_source(first, "unkept")->collapsed);
    g_assert_true(caught_source(third, "unkept")->collapsed);
    g_assert_cmpuint(requests(f), ==, 1);
}

static void
a_late_answer_goes_on_and_is_there_for_the_next(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 300);
    assert_status(fixture_answer(f, "sources=kept&timeout_ms=100"), "kept", SOURCE_LATE);
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 1);
    advance(f, US_PER_SECOND);
    assert_cache(fixture_answer(f, "sources=kept"), "kept", CACHE_HIT, "kept:1 ");
    g_assert_cmpuint(requests(f), ==, 1);
}

static void
no_more_go_on_than_the_budget_and_none_that_may_not_be_kept(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    for (int i = 0; i < 4; i++)
        fixture_listings(f, ((const char *[]){"kept", "steady", "beta", "unkept"})[i], 0, ONE, 300);
    fixture_answer(f, "sources=unkept&timeout_ms=100");
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 0);
    fixture_answer(f, "sources=kept,steady,beta&timeout_ms=100&mode=widest");
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 2);
    advance(f, US_PER_SECOND);
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 0);
}

static int64_t
flights(const EngineFixture *f, const char *result)
{
    return metric_value(f->metrics, METRIC_FLIGHTS, result, NULL);
}

static void
one_source_does_not_take_the_room_of_all(EngineFixture *unused, gconstpointer data)
{
    EngineParts parts = *(const EngineParts *)data;
    EngineFixture f = {0};

    (void)unused;
    parts.background = (BackgroundLimits){.questions = 10, .per_source = 2};
    engine_fixture_set_up(&f, &parts);
    fixture_listings(&f, "kept", 0, ONE, 300);
    fixture_listings(&f, "steady", 0, ONE, 300);
    for (int i = 0; i < 4; i++) {
        g_autofree char *text = g_strdup_printf("sources=kept,steady&mode=widest&timeout_ms=50&q=word%d", i);

        fixture_answer(&f, text);
    }
    g_assert_cmpuint(fake_client_open_count(f.client), ==, 4);
    g_assert_cmpint(flights(&f, "background"), ==, 4);
    advance(&f, US_PER_SECOND);
    g_assert_cmpint(flights(&f, "background_kept"), ==, 4);
    /* Their room is free again. */
    fixture_answer(&f, "sources=kept&timeout_ms=50&q=more");
    g_assert_cmpuint(fake_client_open_count(f.client), ==, 1);
    engine_fixture_tear_down(&f, &parts);
}

static void
a_late_answer_is_given_up_when_its_time_is_over(EngineFixture *unused, gconstpointer data)
{
    EngineParts parts = *(const EngineParts *)data;
    EngineFixture f = {0};
    Caught *caught;

    (void)unused;
    parts.background = (BackgroundLimits){.questions = 10, .time_us = US_PER_SECOND};
    engine_fixture_set_up(&f, &parts);
    fixture_listings(&f, "kept", 0, ONE, 2500);
    fixture_answer(&f, "sources=kept&timeout_ms=100");
    advance(&f, 990 * US_PER_MS);
    g_assert_cmpuint(fake_client_open_count(f.client), ==, 1);
    /* Who waits for it again begins its time anew. */
    assert_status(fixture_answer(&f, "sources=kept&timeout_ms=100"), "kept", SOURCE_LATE);
    g_assert_cmpuint(requests(&f), ==, 1);
    advance(&f, 990 * US_PER_MS);
    g_assert_cmpuint(fake_client_open_count(f.client), ==, 1);
    advance(&f, 20 * US_PER_MS);
    g_assert_cmpuint(fake_client_open_count(f.client), ==, 0);
    g_assert_cmpint(flights(&f, "background_late"), ==, 1);
    g_assert_cmpint(flights(&f, "cancelled"), ==, 1);
    /* That we gave it up is no failure of the source, and nothing was kept. */
    fixture_listings(&f, "kept", 0, OTHER, 10);
    caught = fixture_answer(&f, "sources=kept");
    assert_cache(caught, "kept", CACHE_MISS, "kept:2 ");
    engine_fixture_tear_down(&f, &parts);
}

static void
a_late_answer_appears_on_page_two(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0,
                     "1|A1|X|0,2|A2|X|0,3|A3|X|0,4|A4|X|0,5|A5|X|0,6|A6|X|0,7|A7|X|0,8|A8|X|0,9|A9|X|0,"
                     "10|A10|X|0",
                     5);
    fixture_listings(f, "kept", 0, "1|Nurse|Acme|2.00", 300);
    caught = fixture_answer(f, "mode=fastest&sources=alpha,kept");
    g_assert_cmpuint(caught->answer.listing_count, ==, 5);
    assert_status(caught, "kept", SOURCE_LATE);
    advance(f, US_PER_SECOND);
    caught = fixture_answer(f, "mode=fastest&sources=alpha,kept&page=2");
    g_assert_cmpint(caught->done_us, ==, 0);
    g_assert_cmpuint(caught->answer.listing_count, ==, 5);
    g_assert_nonnull(strstr(caught->ids->str, "kept:1 "));
    g_assert_cmpint(caught_source(caught, "kept")->cache, ==, CACHE_HIT);
    g_assert_cmpuint(requests(f), ==, 2);
    caught = fixture_answer(f, "mode=fastest&sources=alpha,kept&page=2");
    g_assert_nonnull(strstr(caught->ids->str, "kept:1 "));
    caught = fixture_answer(f, "mode=fastest&sources=alpha,kept&page=3");
    g_assert_cmpuint(caught->answer.listing_count, ==, 1);
    g_assert_null(strstr(caught->ids->str, "kept:1 "));
}

/* ---- first pages ---- */

#define TEN "1|A|X|0,2|B|X|0,3|C|X|0,4|D|X|0,5|E|X|0,6|F|X|0,7|G|X|0,8|H|X|0,9|I|X|0,10|J|X|0"

static void
visitors_share_a_first_page_and_each_goes_on_alone(EngineFixture *f, gconstpointer unused)
{
    g_autofree char *shown = NULL;

    (void)unused;
    fixture_listings(f, "kept", 0, TEN, 5);
    f->visitor_ip = "203.0.113.1";
    shown = g_strdup(fixture_answer(f, "sources=kept")->ids->str);
    for (int visitor = 2; visitor < 5; visitor++) {
        Caught *first, *second;

        f->visitor_ip = arena_printf(f->arena, "203.0.113.%d", visitor).at;
        first = fixture_answer(f, "sources=kept");
        assert_cache(first, "kept", CACHE_HIT, shown);
        g_assert_cmpstr(first->answer.cache, ==, "hit");
        g_assert_cmpint(first->answer.next_page, ==, 2);
        second = fixture_answer(f, "sources=kept&page=2");
        g_assert_cmpstr(second->answer.cache, ==, "page");
        g_assert_cmpuint(second->answer.listing_count, ==, 5);
        for (size_t i = 0; i < 5; i++)
            for (size_t k = 0; k < 5; k++)
                g_assert_false(
                    str_equal(first->answer.listings[i].listing->id, second->answer.listings[k].listing->id));
        g_assert_cmpstr(fixture_answer(f, "sources=kept&page=2")->ids->str, ==, second->ids->str);
    }
    f->visitor_ip = "203.0.113.2";
    g_assert_cmpstr(fixture_answer(f, "sources=kept")->ids->str, ==, shown);
    g_assert_cmpuint(requests(f), ==, 1);
}

static void
assert_same_listing(EngineFixture *f, const AnsweredListing *a, const AnsweredListing *b, Id id_a, Id id_b)
{
    const AnsweredListing *both[] = {a, b};
    const Id ids[] = {id_a, id_b};
    const Str prefix = STR("https://feed.example/c/");
    ClickToken tokens[2];

    g_assert_true(str_equal(a->listing->source, b->listing->source));
    g_assert_true(str_equal(a->listing->id, b->listing->id));
    g_assert_true(str_equal(a->listing->title, b->listing->title));
    g_assert_true(str_equal(a->listing->language, b->listing->language));
    g_assert_cmpint(a->bid.micros, ==, b->bid.micros);
    g_assert_cmpuint(a->position, ==, b->position);
    g_assert_cmpuint(a->also_from.count, ==, b->also_from.count);
    for (size_t i = 0; i < G_N_ELEMENTS(both); i++) {
        GError *error = NULL;

        g_assert_true(str_starts_with(both[i]->click_url, prefix));
        g_assert_true(token_open(&f->keys, str_slice(both[i]->click_url, prefix.size, both[i]->click_url.size),
                                 clock_now_us(&f->clock.clock), US_PER_DAY, f->arena, &tokens[i], &error));
        g_assert_no_error(error);
        g_assert_cmpint(tokens[i].search_id, ==, ids[i]);
        g_assert_cmpuint(tokens[i].position, ==, a->position);
        g_assert_true(str_equal(tokens[i].source, a->listing->source));
        g_assert_true(str_equal(tokens[i].listing_id, a->listing->id));
        g_assert_cmpint(tokens[i].bid.micros, ==, a->bid.micros);
    }
    g_assert_true(str_equal(tokens[0].url, tokens[1].url));
}

static void
assert_same_source(const AnsweredSource *a, const AnsweredSource *b, int64_t later_us)
{
    g_assert_true(str_equal(a->name, b->name));
    g_assert_cmpint(a->status, ==, b->status);
    g_assert_cmpuint(a->count, ==, b->count);
    g_assert_true(str_equal(a->reason, b->reason));
    g_assert_cmpint(a->cache, ==, b->cache);
    g_assert_cmpint(a->ttl_us, ==, b->ttl_us + (a->cache == CACHE_HIT ? later_us : 0));
    g_assert_cmpint(a->took_us, ==, b->took_us);
}

/* The second search merges what is kept, the third is answered with what the second came to. */
static void
an_answer_at_once_says_what_one_that_was_merged_says(EngineFixture *f, gconstpointer unused)
{
    const char *const TEXT = "sources=kept,steady";
    Caught *merged, *at_once;

    (void)unused;
    fixture_listings(f, "kept", 0, TEN, 30);
    fixture_listings(f, "steady", 0, ONE, 30);
    fixture_answer(f, TEXT);
    merged = fixture_answer(f, TEXT);
    advance(f, 7 * US_PER_SECOND);
    at_once = fixture_search(f, TEXT);
    g_assert_true(at_once->done); /* though the loop did not run */
    g_assert_cmpstr(at_once->ids->str, ==, merged->ids->str);
    g_assert_cmpuint(at_once->answer.listing_count, ==, merged->answer.listing_count);
    g_assert_cmpuint(at_once->answer.listing_count, >, 0);
    for (size_t i = 0; i < merged->answer.listing_count; i++)
        assert_same_listing(f, &merged->answer.listings[i], &at_once->answer.listings[i], merged->answer.search_id,
                            at_once->answer.search_id);
    g_assert_cmpuint(at_once->answer.source_count, ==, merged->answer.source_count);
    for (size_t i = 0; i < merged->answer.source_count; i++)
        assert_same_source(&merged->answer.sources[i], &at_once->answer.sources[i], 7 * US_PER_SECOND);
    g_assert_cmpint(at_once->answer.search_id, !=, merged->answer.search_id);
    g_assert_cmpint(at_once->answer.at_us, ==, merged->answer.at_us + 7 * US_PER_SECOND);
    g_assert_cmpstr(at_once->answer.cache, ==, merged->answer.cache);
    g_assert_cmpint(at_once->answer.ended, ==, merged->answer.ended);
    g_assert_cmpint(at_once->answer.partial, ==, merged->answer.partial);
    g_assert_cmpuint(at_once->answer.total, ==, merged->answer.total);
    g_assert_cmpint(at_once->answer.next_page, ==, merged->answer.next_page);
}

static bool
is_answered_at_once(EngineFixture *f, const char *text)
{
    Caught *caught = fixture_search(f, text);
    bool at_once = caught->done;

    g_assert_true(fake_loop_run_until(f->loop, &caught->done, US_PER_MINUTE));
    return at_once;
}

static void
no_answer_comes_at_once_that_is_not_the_one_to_be_had(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 30);
    fixture_answer(f, "sources=kept");
    fixture_answer(f, "sources=kept");
    g_assert_true(is_answered_at_once(f, "sources=kept"));
    /* Another question, another choice of sources, another page, and who wants to know why. */
    g_assert_false(is_answered_at_once(f, "sources=kept&q=cook"));
    g_assert_false(is_answered_at_once(f, "sources=kept,steady"));
    g_assert_false(is_answered_at_once(f, "sources=kept&page=2"));
    g_assert_false(is_answered_at_once(f, "sources=kept&per_page=4"));
    g_assert_false(is_answered_at_once(f, "sources=kept&explain=true"));
    g_assert_true(is_answered_at_once(f, "sources=kept&mode=widest"));
    /* Links are sealed under the newest key. */
    f->keys.keys[1] = f->keys.keys[0];
    f->keys.keys[0].id++;
    f->keys.count++;
    g_assert_false(is_answered_at_once(f, "sources=kept"));
    g_assert_true(is_answered_at_once(f, "sources=kept"));
    /* What is remembered of pages is not for ever, though the answers are fresh. */
    advance(f, 10 * US_PER_MINUTE);
    g_assert_false(is_answered_at_once(f, "sources=kept"));
}

static void
a_first_page_ends_when_one_of_its_answers_makes_room(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 30);
    fixture_answer(f, "sources=kept");
    fixture_answer(f, "sources=kept");
    g_assert_true(is_answered_at_once(f, "sources=kept"));
    /* Others come that are asked more often. */
    for (int i = 0; i < 40; i++)
        fixture_answer(f, arena_printf(f->arena, "sources=kept&q=other%d", i / 2).at);
    g_assert_false(is_answered_at_once(f, "sources=kept"));
}

/* Each of these is found again before another one comes, so it stays. */
static void
answers_that_are_given_at_once_make_no_room_for_those_that_nobody_asks_again(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 30);
    fixture_answer(f, "sources=kept");
    fixture_answer(f, "sources=kept");
    for (int i = 0; i < 20; i++) {
        g_assert_true(is_answered_at_once(f, "sources=kept"));
        fixture_answer(f, arena_printf(f->arena, "sources=kept&q=other%d", i).at);
    }
}

static void
a_first_page_ends_with_the_freshness_of_its_answers(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 5);
    fixture_listings(f, "steady", 0, ONE, 5);
    fixture_answer(f, "sources=kept,steady&mode=widest");
    for (int i = 0; i < 2; i++)
        assert_cache(fixture_answer(f, "sources=kept,steady"), "steady", CACHE_HIT, "kept:1 ");
    advance(f, 9 * US_PER_MINUTE);
    g_assert_cmpint(caught_source(fixture_answer(f, "sources=kept,steady"), "steady")->ttl_us, <=, US_PER_MINUTE);
    advance(f, 3 * US_PER_MINUTE);
    fixture_listings(f, "steady", 0, OTHER, 5);
    assert_cache(fixture_answer(f, "sources=kept,steady"), "steady", CACHE_STALE, "kept:1 ");
    advance(f, US_PER_SECOND);
    for (int i = 0; i < 2; i++)
        assert_cache(fixture_answer(f, "sources=kept,steady"), "steady", CACHE_HIT, "kept:1 steady:2 ");
}

static void
what_was_enough_for_a_fast_search_is_no_page_for_a_wide_one(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "kept", 0, TEN, 5);
    fixture_listings(f, "steady", 0, OTHER, 5);
    fixture_answer(f, "sources=kept");
    for (int i = 0; i < 2; i++)
        g_assert_cmpint(caught_source(fixture_answer(f, "sources=kept,steady&mode=fastest"), "kept")->cache, ==,
                        CACHE_HIT);
    g_assert_cmpint(caught_source(fixture_answer(f, "sources=kept,steady&mode=widest"), "steady")->cache, ==,
                    CACHE_MISS);
}

static void
a_search_that_asks_nobody_has_no_plan(EngineFixture *f, gconstpointer unused)
{
    const Caught *caught;

    (void)unused;
    fixture_listings(f, "kept", 0, TEN, 5);
    fixture_listings(f, "steady", 0, OTHER, 5);
    g_assert_cmpint(fixture_answer(f, "sources=kept")->answer.plan_us, >, 0);
    caught = fixture_answer(f, "sources=kept,steady&mode=fastest");
    assert_status(caught, "steady", SOURCE_SKIPPED);
    g_assert_cmpint(caught->answer.plan_us, ==, 0);
}

static void
other_definitions_make_another_first_page(EngineFixture *f, gconstpointer unused)
{
    SourceSet *other = fixture_load_definitions();

    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 5);
    for (int i = 0; i < 3; i++)
        fixture_answer(f, "sources=kept");
    search_engine_set_sources(f->engine, other);
    /* What was kept is as good under them: they say the same. */
    for (int i = 0; i < 2; i++)
        assert_cache(fixture_answer(f, "sources=kept"), "kept", CACHE_HIT, "kept:1 ");
    source_set_unref(other);
    g_assert_cmpuint(requests(f), ==, 1);
}

/* ---- prices ---- */

static void
a_link_of_a_kept_answer_is_new_but_its_price_is_as_old_as_the_answer(EngineFixture *f, gconstpointer unused)
{
    int64_t arrived_at_us = START_US + 30 * US_PER_MS;

    (void)unused;
    fixture_listings(f, "steady", 0, ONE, 30);
    for (int i = 0; i < 4; i++) { /* from the partner, the cache, a first page made of it, and that again */
        Caught *caught = fixture_answer(f, "sources=steady");
        ClickToken token = fixture_open(f, &caught->answer.listings[0]);

        g_assert_cmpint(token.issued_at_us, ==, START_US + i * US_PER_MINUTE);
        g_assert_cmpint(token.confirmed_at_us, ==, arrived_at_us - arrived_at_us % US_PER_SECOND);
        advance(f, START_US + (i + 1) * US_PER_MINUTE - clock_now_us(&f->clock.clock));
    }
    g_assert_cmpuint(requests(f), ==, 1);
}

static void
an_answer_is_kept_no_longer_than_its_prices_hold(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "priced", 0, ONE, 30);
    fixture_answer(f, "sources=priced");
    fixture_failure(f, "priced", 500, HTTP_OUTCOME_ANSWERED, 10);
    advance(f, 59 * US_PER_MINUTE);
    assert_cache(fixture_answer(f, "sources=priced"), "priced", CACHE_STALE, "priced:1 ");
    advance(f, 2 * US_PER_MINUTE);
    g_assert_cmpstr(fixture_answer(f, "sources=priced")->ids->str, ==, "");
    fixture_listings(f, "priced", 0, ONE, 30);
    advance(f, US_PER_MINUTE);
    assert_cache(fixture_answer(f, "sources=priced"), "priced", CACHE_MISS, "priced:1 ");
}

static void
stopping_ends_what_goes_on_for_nobody(EngineFixture *f, gconstpointer unused)
{
    (void)unused;
    fixture_listings(f, "kept", 0, ONE, 3000);
    fixture_answer(f, "sources=kept&timeout_ms=100");
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 1);
    g_assert_true(search_engine_stop(f->engine, 0));
    fake_loop_run(f->loop);
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 0);
}

/* ---- whatever happens ---- */

/* After an answer was seen that may be kept, its question is not to be asked while it is fresh. */
typedef struct {
    char *url;
    int64_t seen_us, fresh_until_us;
} Promise;

static const char *
url_of(EngineFixture *f, const char *source, int query)
{
    return arena_printf(f->arena, "https://%s.example/search?q=nurse%d&page=1", source, query).at;
}

/* No question is on its way twice at a time, nor asked while its answer is fresh. */
static void
assert_asked_by_the_rules(EngineFixture *f, size_t since, const GArray *promises)
{
    for (size_t i = since; i < requests(f); i++) {
        const FakeRequest *request = fake_client_request(f->client, i);

        for (guint k = 0; k < promises->len; k++) {
            const Promise *promise = &g_array_index(promises, Promise, k);

            g_assert_false(strcmp(promise->url, request->url) == 0 && request->sent_at_us > promise->seen_us &&
                           request->sent_at_us < promise->fresh_until_us);
        }
    }
    for (size_t i = 0; i < requests(f); i++)
        for (size_t k = MAX(i + 1, since); k < requests(f); k++) {
            const FakeRequest *one = fake_client_request(f->client, i), *two = fake_client_request(f->client, k);

            g_assert_false(!one->done && !one->cancelled && !two->done && !two->cancelled &&
                           strcmp(one->url, two->url) == 0);
        }
}

static void
answer_somehow(EngineFixture *f, Random *random, const char *source)
{
    static const int STATUSES[] = {200, 200, 200, 500, 204};

    fake_client_answer(f->client, &(FakeAnswer){
                                      .url = arena_printf(f->arena, "https://%s.example/", source).at,
                                      .status = STATUSES[random_below(random, G_N_ELEMENTS(STATUSES))],
                                      .body = fixture_body(f, source, random_below(random, 3) == 0 ? "" : ONE),
                                      .piece_size = random_below(random, 80),
                                      .piece_gap_us = (int64_t)random_below(random, 20 * US_PER_MS),
                                      .delay_us = (int64_t)random_below(random, 700 * US_PER_MS),
                                  });
}

static void
assert_answered_by_the_rules(const Caught *caught, const char *source, int64_t timeout_us)
{
    const AnsweredSource *row = caught_source(caught, source);

    g_assert_true(caught->done);
    g_assert_cmpint(caught->done_us, <=, timeout_us - SEARCH_RESERVE_US);
    if (row->cache == CACHE_HIT) {
        g_assert_cmpint(row->ttl_us, >, 0);
        g_assert_cmpint(row->took_us, ==, 0);
        g_assert_cmpstr(source, !=, "unkept");
    }
    if (row->cache == CACHE_STALE) {
        g_assert_cmpint(row->ttl_us, <=, 0);
        g_assert_cmpint(-row->ttl_us, <=, US_PER_HOUR);
        g_assert_cmpstr(source, ==, "steady");
        g_assert_true(source_status_is_answer(row->status));
    }
}

static void
note_promise(GArray *promises, const Caught *caught, const char *source, const char *url)
{
    const AnsweredSource *row = caught_source(caught, source);
    Promise promise = {(char *)url, caught->started_us + caught->done_us, 0};

    if (row->cache != CACHE_MISS || row->status != SOURCE_OK || strcmp(source, "unkept") == 0)
        return;
    promise.fresh_until_us = caught->started_us + (strcmp(source, "kept") == 0 ? US_PER_HOUR : 10 * US_PER_MINUTE);
    g_array_append_val(promises, promise);
}

static void
whatever_comes_when_each_question_is_asked_once_at_a_time_and_as_terms_allow(EngineFixture *f, gconstpointer unused)
{
    static const char *const SOURCES[] = {"kept", "steady", "unkept"};
    static const char *const MODES[] = {"fastest", "balanced", "widest"};
    g_autoptr(GArray) promises = g_array_new(FALSE, FALSE, sizeof(Promise));
    SeededRandom seeded;
    Random *random = &seeded.random;

    (void)unused;
    seeded_random_init(&seeded, 904);
    for (int run = 0; run < 200; run++) {
        const char *source = SOURCES[random_below(random, 3)];
        size_t since = requests(f);
        int queries[6], timeouts_ms[6];
        Caught *caught[6];

        answer_somehow(f, random, source);
        for (size_t i = 0; i < G_N_ELEMENTS(caught); i++) {
            g_autofree char *text = NULL;

            queries[i] = (int)random_below(random, 2);
            timeouts_ms[i] = 50 + (int)random_below(random, 800);
            text = g_strdup_printf("sources=%s&mode=%s&timeout_ms=%d&q=nurse%d", source, MODES[random_below(random, 3)],
                                   timeouts_ms[i], queries[i]);
            caught[i] = fixture_search(f, text);
            advance(f, (int64_t)random_below(random, 200 * US_PER_MS));
            assert_asked_by_the_rules(f, since, promises);
        }
        advance(f, US_PER_SECOND);
        for (size_t i = 0; i < G_N_ELEMENTS(caught); i++) {
            assert_answered_by_the_rules(caught[i], source, timeouts_ms[i] * US_PER_MS);
            note_promise(promises, caught[i], source, url_of(f, source, queries[i]));
        }
        advance(f, random_below(random, 4) == 0 ? (int64_t)random_below(random, 40) * US_PER_MINUTE
                                                : (int64_t)random_below(random, 5) * US_PER_SECOND);
        assert_asked_by_the_rules(f, since, promises);
    }
    g_assert_cmpuint(promises->len, >, 20);
}

#define TEST(name)                                                                                                     \
    g_test_add("/search/cache/" #name, EngineFixture, &PARTS, engine_fixture_set_up, name, engine_fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_stale_answer_is_given_at_once_and_a_newer_one_fetched_behind_it);
    TEST(when_the_newer_one_is_not_to_be_had_the_stale_one_stays);
    TEST(an_old_answer_stands_in_for_a_failure_and_for_one_that_is_late);
    TEST(what_had_come_of_a_broken_answer_is_shown_beside_the_old_one);
    TEST(a_source_that_is_held_back_gives_its_old_answer);
    TEST(a_failure_is_not_asked_for_again_at_once);
    TEST(nothing_found_is_asked_again_after_a_short_while);
    TEST(what_terms_forbid_to_keep_is_asked_each_time);
    TEST(an_answer_that_says_no_store_is_not_kept_where_terms_are_silent);
    TEST(all_modes_and_choices_of_sources_share_what_is_kept);
    TEST(whoever_asked_first_takes_nothing_along_when_it_leaves);
    TEST(a_late_answer_goes_on_and_is_there_for_the_next);
    TEST(no_more_go_on_than_the_budget_and_none_that_may_not_be_kept);
    TEST(one_source_does_not_take_the_room_of_all);
    TEST(a_late_answer_is_given_up_when_its_time_is_over);
    TEST(a_late_answer_appears_on_page_two);
    TEST(visitors_share_a_first_page_and_each_goes_on_alone);
    TEST(an_answer_at_once_says_what_one_that_was_merged_says);
    TEST(no_answer_comes_at_once_that_is_not_the_one_to_be_had);
    g_test_add("/search/cache/a_first_page_ends_when_one_of_its_answers_makes_room", EngineFixture, &SMALL,
               engine_fixture_set_up, a_first_page_ends_when_one_of_its_answers_makes_room, engine_fixture_tear_down);
    g_test_add("/search/cache/answers_that_are_given_at_once_make_no_room_for_those_that_nobody_asks_again",
               EngineFixture, &SMALL, engine_fixture_set_up,
               answers_that_are_given_at_once_make_no_room_for_those_that_nobody_asks_again, engine_fixture_tear_down);
    TEST(a_first_page_ends_with_the_freshness_of_its_answers);
    TEST(what_was_enough_for_a_fast_search_is_no_page_for_a_wide_one);
    TEST(a_search_that_asks_nobody_has_no_plan);
    TEST(other_definitions_make_another_first_page);
    TEST(a_link_of_a_kept_answer_is_new_but_its_price_is_as_old_as_the_answer);
    TEST(an_answer_is_kept_no_longer_than_its_prices_hold);
    TEST(stopping_ends_what_goes_on_for_nobody);
    TEST(whatever_comes_when_each_question_is_asked_once_at_a_time_and_as_terms_allow);
    return g_test_run();
}
