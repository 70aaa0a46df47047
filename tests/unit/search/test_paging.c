/*
 * Pages by their cursors: whatever order answers come in, however late, whoever else asks the same, and whether or not the
 * pages are still there, each position is shown once and none is left out.
 */
#include "engine_fixture.h"

#define PAGES_GONE_US (11 * US_PER_MINUTE)

static Caught *
next_page(EngineFixture *f, const Caught *before, const char *text)
{
    g_autofree char *with = g_strdup_printf("%s&cursor=%s", text, before->answer.next_cursor.at);

    return fixture_answer(f, with);
}

static void
two_of_alpha_and_beta(EngineFixture *f)
{
    fixture_listings(f, "alpha", 1, "1|A1|X|0,2|A2|X|0,3|A3|X|0,4|A4|X|0,5|A5|X|0", 5);
    fixture_listings(f, "alpha", 2, "6|A6|X|0", 5);
    fixture_listings(f, "beta", 1, "1|B1|Y|0,2|B2|Y|0,3|B3|Y|0", 5);
}

static void
two_visitors_behind_one_address_each_go_on_with_their_own_pages(EngineFixture *f, gconstpointer unused)
{
    Caught *first, *other, *second, *again;

    (void)unused;
    fixture_listings(f, "alpha", 1, "1|A1|X|0,2|A2|X|0,3|A3|X|0,4|A4|X|0,5|A5|X|0", 5);
    fixture_listings(f, "alpha", 2, "6|A6|X|0", 5);
    first = fixture_answer(f, "mode=widest&sources=alpha");
    fixture_listings(f, "alpha", 1, "7|A7|X|0,8|A8|X|0,9|A9|X|0,6|A6|X|0,5|A5|X|0", 5);
    fixture_listings(f, "alpha", 2, "1|A1|X|0,2|A2|X|0", 5);
    other = fixture_answer(f, "mode=widest&sources=alpha");
    fixture_listings(f, "alpha", 2, "6|A6|X|0,2|A2|X|0", 5);
    second = next_page(f, first, "mode=widest&sources=alpha");
    g_assert_cmpstr(second->ids->str, ==, "alpha:6 ");
    g_assert_false(second->answer.rebuilt);
    g_assert_cmpstr(next_page(f, other, "mode=widest&sources=alpha")->ids->str, ==, "alpha:2 ");
    again = next_page(f, first, "mode=widest&sources=alpha");
    g_assert_cmpstr(again->ids->str, ==, "alpha:6 ");
}

static void
pages_that_are_gone_are_made_anew_without_what_was_shown(EngineFixture *f, gconstpointer unused)
{
    Caught *first, *second, *again;

    (void)unused;
    two_of_alpha_and_beta(f);
    first = fixture_answer(f, "mode=widest&sources=alpha,beta");
    g_assert_cmpuint(first->answer.listing_count, ==, 5);
    fake_loop_advance_us(f->loop, PAGES_GONE_US);
    second = next_page(f, first, "mode=widest&sources=alpha,beta");
    g_assert_true(second->answer.rebuilt);
    g_assert_cmpuint(second->answer.listing_count, ==, 3);
    again = next_page(f, first, "mode=widest&sources=alpha,beta");
    g_assert_false(again->answer.rebuilt);
    g_assert_cmpstr(again->ids->str, ==, second->ids->str);
    second = next_page(f, second, "mode=widest&sources=alpha,beta");
    g_assert_cmpstr(second->ids->str, ==, "alpha:6 ");
}

/* An engine of another process, with the same keys. */
static void
set_up_another(EngineFixture *another, const EngineFixture *f, const EngineParts *parts)
{
    engine_fixture_set_up(another, parts);
    another->keys = f->keys;
}

static void
a_page_follows_on_what_another_process_showed(EngineFixture *f, gconstpointer data)
{
    EngineFixture another = {0};
    Caught *first, *second, *third;

    set_up_another(&another, f, data);
    fixture_listings(f, "alpha", 1, "1|A1|X|0,2|A2|X|0,3|A3|X|0,4|A4|X|0,5|A5|X|0", 5);
    fixture_listings(f, "beta", 1, "1|B1|Y|0,2|B2|Y|0", 5);
    fixture_listings(&another, "alpha", 1, "1|A1|X|0,2|A2|X|0,6|A6|X|0,7|A7|X|0,8|A8|X|0", 5);
    fixture_listings(&another, "beta", 1, "3|B3|Y|0,4|B4|Y|0", 5);
    first = fixture_answer(f, "mode=widest&sources=alpha,beta");
    second = next_page(&another, first, "mode=widest&sources=alpha,beta");
    g_assert_true(second->answer.rebuilt);
    g_assert_cmpuint(second->answer.listing_count, ==, 5);
    third = next_page(f, second, "mode=widest&sources=alpha,beta");
    g_assert_true(third->answer.rebuilt);
    g_assert_cmpuint(third->answer.listing_count, ==, 2); /* what the first had left */
    /* Whoever goes back to the first page goes on with what that showed. */
    second = next_page(f, first, "mode=widest&sources=alpha,beta");
    g_assert_cmpuint(second->answer.listing_count, ==, 2);
    engine_fixture_tear_down(&another, data);
}

static void
a_cursor_is_opened_under_keys_that_came_after_the_start(EngineFixture *f, gconstpointer unused)
{
    TokenKeyRing newer = {.count = 2, .keys = {{.id = 2}, f->keys.keys[0]}};
    Caught *before, *after;

    (void)unused;
    two_of_alpha_and_beta(f);
    before = fixture_answer(f, "mode=widest&sources=alpha,beta");
    random_fill(&f->random.random, newer.keys[0].key, TOKEN_KEY_BYTES);
    token_key_ring_replace(&f->keys, &newer);
    after = fixture_answer(f, "mode=widest&sources=alpha,beta");
    g_assert_cmpuint(next_page(f, after, "mode=widest&sources=alpha,beta")->answer.listing_count, ==, 4);
    g_assert_cmpuint(next_page(f, before, "mode=widest&sources=alpha,beta")->answer.listing_count, ==, 4);
    token_key_ring_clear(&f->keys);
}

static void
a_cursor_goes_with_its_question_only_and_for_a_day(EngineFixture *f, gconstpointer unused)
{
    Caught *first;
    g_autofree char *other = NULL, *same = NULL;
    g_autoptr(GError) error = NULL;
    SearchQuery query;

    (void)unused;
    two_of_alpha_and_beta(f);
    first = fixture_answer(f, "mode=widest&sources=alpha,beta");
    other = g_strdup_printf("q=cook&sources=alpha,beta&cursor=%s", first->answer.next_cursor.at);
    query = fixture_query(f, other);
    g_assert_false(search_start(f->engine, &query, &(SearchReceiver){0}, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_clear_error(&error);
    same = g_strdup_printf("sources=alpha,beta&cursor=%s", first->answer.next_cursor.at);
    fake_loop_advance_us(f->loop, 2 * US_PER_DAY);
    query = fixture_query(f, same);
    g_assert_false(search_start(f->engine, &query, &(SearchReceiver){0}, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
}

/* ---- whatever happens ---- */

#define RUNS      150
#define POSITIONS 40
static const char *const SOURCES[] = {"alpha", "beta", "gamma", "kept"};

/* Each position is with one source or several, on any of its pages, which are of five; returns how many there are. */
static size_t
deal(EngineFixture *f, Random *random)
{
    bool there[POSITIONS] = {false};
    size_t count = 0;

    for (size_t s = 0; s < G_N_ELEMENTS(SOURCES); s++) {
        int pages = 1 + (int)random_below(random, 3), next = (int)random_below(random, POSITIONS);

        for (int page = 1; page <= pages; page++) {
            g_autoptr(GString) listings = g_string_new(NULL);
            int size = page < pages ? 5 : (int)random_below(random, 5);

            for (int i = 0; i < size; i++, next = (next + 1) % POSITIONS) {
                g_string_append_printf(listings, "%s%d|T%d|C%d|0.%d", i > 0 ? "," : "", next, next, next % 7,
                                       (int)random_below(random, 9) + 1);
                count += !there[next];
                there[next] = true;
            }
            fixture_listings(f, SOURCES[s], page, listings->str, (int64_t)random_below(random, 300));
        }
        fixture_listings(f, SOURCES[s], pages + 1, "", 5);
    }
    return count;
}

static void
note_shown(const Caught *caught, GHashTable *shown)
{
    for (size_t i = 0; i < caught->answer.listing_count; i++) {
        const Listing *listing = caught->answer.listings[i].listing;

        g_assert_true(g_hash_table_add(shown, str_dup(listing->title))); /* not there before */
    }
}

static void
all_pages_together_have_each_position_once(EngineFixture *f, gconstpointer data)
{
    static const char *const MODES[] = {"fastest", "balanced", "widest"};
    EngineFixture another = {0}, *const processes[] = {f, &another};
    SeededRandom seeded;
    Random *random = &seeded.random;

    set_up_another(&another, f, data);
    seeded_random_init(&seeded, 20261124);
    for (int run = 0; run < RUNS; run++) {
        g_autoptr(GHashTable) shown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_autofree char *text = g_strdup_printf("sources=alpha,beta,gamma,kept&mode=%s&per_page=%d",
                                                MODES[random_below(random, 3)], 3 + (int)random_below(random, 10));
        SeededRandom same = seeded;
        size_t expected = deal(f, random);
        Caught *caught = fixture_answer(f, text);

        g_assert_cmpuint(deal(&another, &same.random), ==, expected);
        note_shown(caught, shown);
        for (int pages = 1; caught->answer.next_cursor.at != NULL; pages++) {
            g_assert_cmpint(pages, <, 60);
            if (random_below(random, 3) == 0) /* what is late comes */
                fake_loop_advance_us(f->loop, (int64_t)random_below(random, 400) * US_PER_MS);
            if (random_below(random, 6) == 0) /* another visitor asks the same */
                fixture_search(f, text);
            if (random_below(random, 12) == 0)
                fake_loop_advance_us(f->loop, PAGES_GONE_US);
            caught = next_page(processes[random_below(random, 4) / 3], caught, text);
            note_shown(caught, shown);
        }
        g_assert_cmpuint(g_hash_table_size(shown), ==, expected);
        fake_loop_advance_us(f->loop, 2 * US_PER_HOUR); /* nothing is kept for the next run */
        fake_loop_advance_us(another.loop, clock_now_us(&f->clock.clock) - clock_now_us(&another.clock.clock));
    }
    engine_fixture_tear_down(&another, data);
}

static const EngineParts PARTS = {.background = {.questions = 2}};
#define TEST(name)                                                                                                     \
    g_test_add("/search/" #name, EngineFixture, &PARTS, engine_fixture_set_up, name, engine_fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(two_visitors_behind_one_address_each_go_on_with_their_own_pages);
    TEST(pages_that_are_gone_are_made_anew_without_what_was_shown);
    TEST(a_page_follows_on_what_another_process_showed);
    TEST(a_cursor_is_opened_under_keys_that_came_after_the_start);
    TEST(a_cursor_goes_with_its_question_only_and_for_a_day);
    TEST(all_pages_together_have_each_position_once);
    return g_test_run();
}
