#include "engine_fixture.h"

#define FOR_EVER G_MAXUINT

static Caught *
watch(EngineFixture *f, const char *text)
{
    Caught *caught = fixture_watch(f, text, FOR_EVER, 0);

    fixture_run(f, caught);
    return caught;
}

static void
listings_are_told_as_sources_answer_and_the_page_is_put_into_order_at_the_end(EngineFixture *f, gconstpointer unused)
{
    Caught *plain, *watched;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0,2|Night Nurse|Acme|0", 10);
    fixture_listings(f, "beta", 0, "7|Nurse|Bolt|0.90", 700);
    fixture_failure(f, "gamma", 500, HTTP_OUTCOME_ANSWERED, 300);
    watched = watch(f, "mode=widest&sources=alpha,beta,gamma");
    g_assert_cmpstr(watched->news->str, ==,
                    "0 ms:\n"
                    "10 ms: alpha:1@1 alpha:2@2 alpha=ok/2\n"
                    "300 ms: gamma=transient/0\n"
                    "700 ms: beta:7@3 beta=ok/1\n");
    g_assert_cmpstr(watched->shown->str, ==, "alpha:1 alpha:2 beta:7 ");
    g_assert_cmpstr(watched->ids->str, ==, "beta:7 alpha:1 alpha:2 ");
    g_assert_cmpuint(watched->answer.listings[0].position, ==, 3);
    g_assert_cmpint(watched->done_us, ==, 700 * US_PER_MS);
    plain = fixture_answer(f, "mode=widest&sources=alpha,beta,gamma");
    g_assert_cmpstr(plain->ids->str, ==, watched->ids->str);
    g_assert_cmpstr(plain->shown->str, ==, plain->ids->str);
    g_assert_cmpuint(plain->answer.total, ==, watched->answer.total);
}

static void
links_say_the_search_and_the_position_at_which_they_were_told(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0", 10);
    fixture_listings(f, "beta", 0, "7|Nurse|Bolt|0.90", 700);
    caught = watch(f, "mode=widest&sources=alpha,beta");
    for (size_t i = 0; i < 2; i++) {
        const AnsweredListing *listing = &caught->answer.listings[i];
        Str token = str_slice(listing->click_url, strlen("https://feed.example/c/"), listing->click_url.size);
        g_autoptr(Arena) arena = arena_new(1024);
        g_autoptr(GError) error = NULL;
        ClickToken opened;

        if (!token_open(&f->keys, token, START_US + US_PER_MINUTE, US_PER_HOUR, arena, &opened, &error))
            g_assert_no_error(error);
        g_assert_cmpint(opened.search_id, ==, caught->answer.search_id);
        g_assert_cmpuint(opened.position, ==, 2 - i);
        g_assert_true(str_equal(opened.listing_id, listing->listing->id));
    }
}

static void
a_better_offer_of_one_position_replaces_what_was_told(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0.10,2|Cook|Acme|0.10", 10);
    fixture_listings(f, "beta", 0, "7|Nurse|Acme|0.90,8|Cook|Acme|0.05", 700);
    caught = watch(f, "mode=widest&sources=alpha,beta");
    g_assert_cmpstr(caught->news->str, ==,
                    "0 ms:\n"
                    "10 ms: alpha:1@1 alpha:2@2 alpha=ok/2\n"
                    "700 ms: beta:7@3 -1 beta=ok/2\n");
    g_assert_cmpstr(caught->ids->str, ==, "beta:7 alpha:2 ");
    g_assert_cmpstr(caught->shown->str, ==, "alpha:1 alpha:2 beta:7 ");
    g_assert_cmpuint(caught->answer.total, ==, 2);
}

static void
only_what_comes_to_stand_on_the_page_is_told(EngineFixture *f, gconstpointer unused)
{
    Caught *caught, *next;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|A|0.1,2|Nurse|B|0.1,3|Nurse|C|0.1,4|Nurse|D|0.1,5|Nurse|E|0.1", 10);
    fixture_listings(f, "beta", 0, "6|Cook|F|0,7|Nurse|G|0.9,8|Nurse|H|0.2", 200);
    caught = watch(f, "mode=widest&sources=alpha,beta");
    g_assert_cmpuint(caught->answer.listing_count, ==, 5);
    g_assert_cmpstr(caught->ids->str, ==, "beta:7 alpha:1 beta:8 alpha:2 alpha:3 ");
    g_assert_cmpstr(caught->shown->str, ==, "alpha:1 alpha:2 alpha:3 alpha:4 alpha:5 beta:7 beta:8 ");
    next = fixture_answer(f, "mode=widest&sources=alpha,beta&page=2");
    g_assert_cmpuint(next->answer.listing_count, ==, 3);
    g_assert_nonnull(strstr(next->ids->str, "alpha:4 "));
    g_assert_nonnull(strstr(next->ids->str, "alpha:5 "));
    g_assert_nonnull(strstr(next->ids->str, "beta:6 "));
}

static void
what_was_kept_is_told_at_once(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "kept", 0, "1|Nurse|Acme|0,2|Night Nurse|Acme|0", 10);
    fixture_listings(f, "beta", 0, "7|Nurse|Bolt|0", 700);
    fixture_answer(f, "mode=widest&sources=kept");
    caught = watch(f, "mode=widest&sources=kept,beta");
    g_assert_cmpstr(caught->news->str, ==, "0 ms:\n0 ms: kept:1@1 kept:2@2 kept=ok/2\n700 ms: beta:7@3 beta=ok/1\n");
    for (int i = 0; i < 2; i++) { /* the second time there is a first page */
        caught = watch(f, "mode=widest&sources=kept");
        g_assert_cmpstr(caught->news->str, ==, "0 ms:\n0 ms: kept:1@1 kept:2@2 kept=ok/2\n");
        g_assert_cmpstr(caught->ids->str, ==, "kept:1 kept:2 ");
        g_assert_cmpstr(caught->answer.cache, ==, "hit");
    }
}

static void
each_second_without_news_it_is_asked_whether_anybody_listens(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0", 2500);
    caught = watch(f, "mode=widest&sources=alpha");
    g_assert_cmpstr(caught->news->str, ==, "0 ms:\n1000 ms:\n2000 ms:\n2500 ms: alpha:1@1 alpha=ok/1\n");
}

/* ---- who listens goes away ---- */

static void
when_nobody_listens_the_search_ends_and_what_only_it_waits_for_is_cancelled(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0,2|Cook|Acme|0", 10);
    fixture_listings(f, "kept", 0, "7|Nurse|Bolt|0", 2800);
    caught = fixture_watch(f, "mode=widest&sources=alpha,kept", 3, 1);
    fixture_run(f, caught);
    g_assert_cmpint(caught->done_us, ==, 1010 * US_PER_MS);
    g_assert_cmpstr(search_end_name(caught->answer.ended), ==, "gone");
    g_assert_true(caught->answer.partial);
    assert_status(caught, "kept", SOURCE_LATE);
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 0); /* though it could go on for whoever asks next */
    g_assert_cmpstr(caught->shown->str, ==, "alpha:1 ");        /* one had reached who listened */
    g_assert_cmpstr(caught->ids->str, ==, "alpha:1 ");
}

static void
who_never_listened_was_shown_nothing(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0", 10);
    caught = fixture_watch(f, "mode=widest&sources=alpha", 1, 0);
    fixture_run(f, caught);
    g_assert_cmpint(caught->done_us, ==, 0);
    g_assert_cmpstr(search_end_name(caught->answer.ended), ==, "gone");
    g_assert_cmpstr(caught->shown->str, ==, "");
}

static void
others_who_wait_for_the_same_get_it(EngineFixture *f, gconstpointer unused)
{
    Caught *gone, *other;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0", 2500);
    gone = fixture_watch(f, "mode=widest&sources=alpha", 2, 0);
    other = fixture_search(f, "mode=widest&sources=alpha");
    fixture_run(f, gone);
    g_assert_cmpint(gone->done_us, ==, US_PER_SECOND);
    g_assert_cmpuint(fake_client_request_count(f->client), ==, 1);
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 1);
    fixture_run(f, other);
    g_assert_cmpstr(other->ids->str, ==, "alpha:1 ");
    g_assert_cmpuint(fake_client_request_count(f->client), ==, 1);
}

static void
a_stopping_engine_answers_whoever_listens(EngineFixture *f, gconstpointer unused)
{
    Caught *caught;

    (void)unused;
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0", 10);
    fixture_listings(f, "beta", 0, "7|Nurse|Bolt|0", 2500);
    caught = fixture_watch(f, "mode=widest&sources=alpha,beta", FOR_EVER, 0);
    fake_loop_advance_us(f->loop, 500 * US_PER_MS);
    search_engine_stop(f->engine, 0);
    fixture_run(f, caught);
    g_assert_cmpstr(search_end_name(caught->answer.ended), ==, "stopping");
    g_assert_cmpstr(caught->ids->str, ==, "alpha:1 ");
}

/* ---- whatever comes ---- */

static const char *
made_listings(EngineFixture *f, Random *random)
{
    static const char *const TITLES[] = {"Nurse", "Night Nurse", "Cook", "Baker", "Nurse (m/f)", "Head of Nurses"};
    static const char *const COMPANIES[] = {"Acme", "Bolt", "ACME Inc", "Crumb", "Dough"};
    g_autoptr(GString) text = g_string_new(NULL);
    int count = (int)random_below(random, 12);

    for (int i = 0; i < count; i++)
        g_string_append_printf(text, "%s%d|%s|%s|0.%d", i > 0 ? "," : "", i, TITLES[random_below(random, 6)],
                               COMPANIES[random_below(random, 5)], (int)random_below(random, 5));
    return arena_strdup(f->arena, str_of_gstring(text));
}

/* With the same answers in the same pieces, in whatever order they come. */
static void
the_page_at_the_end_is_that_of_a_search_that_nobody_watched(EngineFixture *f, gconstpointer unused)
{
    static const char *const SOURCES[] = {"alpha", "beta", "gamma", "delta", "epsilon"};

    (void)unused;
    for (int round = 0; round < 100; round++) {
        Caught *plain, *watched;

        for (size_t i = 0; i < G_N_ELEMENTS(SOURCES); i++) {
            const char *body = fixture_body(f, SOURCES[i], made_listings(f, &f->random.random));

            fake_client_answer(f->client, &(FakeAnswer){
                                              .url = arena_printf(f->arena, "https://%s.example/", SOURCES[i]).at,
                                              .body = body,
                                              .piece_size = 1 + random_below(&f->random.random, strlen(body)),
                                              .piece_gap_us = (int64_t)random_below(&f->random.random, 3) * US_PER_MS,
                                              .delay_us = (int64_t)random_below(&f->random.random, 100) * US_PER_MS,
                                          });
        }
        watched = watch(f, "mode=widest&sources=alpha,beta,gamma,delta,epsilon");
        plain = fixture_answer(f, "mode=widest&sources=alpha,beta,gamma,delta,epsilon");
        g_assert_cmpstr(watched->ids->str, ==, plain->ids->str);
        g_assert_cmpuint(watched->answer.total, ==, plain->answer.total);
        for (size_t i = 0; i < plain->answer.listing_count; i++) {
            const AnsweredListing *a = &watched->answer.listings[i], *b = &plain->answer.listings[i];

            g_assert_true(fingerprint_equal(a->id, b->id));
            g_assert_true(fingerprint_equal(a->id, g_array_index(watched->told, Fingerprint, a->position - 1)));
        }
    }
}

int
main(int argc, char **argv)
{
    static const EngineParts PLAIN = {.background = {.questions = 4}};

    g_test_init(&argc, &argv, NULL);
#define TEST(name)                                                                                                     \
    g_test_add("/search/" #name, EngineFixture, &PLAIN, engine_fixture_set_up, name, engine_fixture_tear_down)
    TEST(listings_are_told_as_sources_answer_and_the_page_is_put_into_order_at_the_end);
    TEST(links_say_the_search_and_the_position_at_which_they_were_told);
    TEST(a_better_offer_of_one_position_replaces_what_was_told);
    TEST(only_what_comes_to_stand_on_the_page_is_told);
    TEST(what_was_kept_is_told_at_once);
    TEST(each_second_without_news_it_is_asked_whether_anybody_listens);
    TEST(when_nobody_listens_the_search_ends_and_what_only_it_waits_for_is_cancelled);
    TEST(who_never_listened_was_shown_nothing);
    TEST(others_who_wait_for_the_same_get_it);
    TEST(a_stopping_engine_answers_whoever_listens);
    TEST(the_page_at_the_end_is_that_of_a_search_that_nobody_watched);
    return g_test_run();
}
