#include "search/rank.h"

#include "base/random.h"

#define NOW (INT64_C(1795500000) * US_PER_SECOND)

static Listing
listing(const char *source, const char *id, const char *title)
{
    return (Listing){
        .source = str_of(source),
        .id = str_of(id),
        .title = str_of(title),
        .posted_at_us = TIMESTAMP_NONE,
        .expires_at_us = TIMESTAMP_NONE,
    };
}

static RankQuery
query_of(const char *keywords, const char *location, Arena *arena)
{
    SearchQuery query;

    search_query_init(&query, arena);
    query.keywords = str_of(keywords);
    query.location = str_of(location);
    return rank_query(&query, arena);
}

static ListingScore
score_of(const RankQuery *query, const Listing *l, int64_t value, Arena *arena)
{
    Merged merged = {.listing = l, .value = value};

    return rank_score(&RANK_RULE, query, &merged, NOW, arena);
}

static void
words_in_the_title_count_most(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    RankQuery query = query_of("Night nurse", NULL, arena);
    Listing title = listing("a", "1", "Nurse, NIGHT shift"), half = listing("a", "2", "Nurse"),
            snippet = listing("a", "3", "Carer"), none = listing("a", "4", "Cook");

    snippet.snippet = STR("night nurse wanted");
    g_assert_cmpint(score_of(&query, &title, 0, arena).relevance, ==, 50 * 1000);
    g_assert_cmpint(score_of(&query, &half, 0, arena).relevance, ==, 50 * 500);
    g_assert_cmpint(score_of(&query, &snippet, 0, arena).relevance, ==, 50 * 400);
    g_assert_cmpint(score_of(&query, &none, 0, arena).relevance, ==, 0);
}

static void
a_word_is_found_at_the_beginning_of_a_word_only(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    RankQuery query = query_of("art", NULL, arena);
    Listing artist = listing("a", "1", "Artist"), party = listing("a", "2", "Party host"),
            both = listing("a", "3", "Party artist");

    g_assert_cmpint(score_of(&query, &artist, 0, arena).relevance, ==, 50 * 1000);
    g_assert_cmpint(score_of(&query, &party, 0, arena).relevance, ==, 0);
    g_assert_cmpint(score_of(&query, &both, 0, arena).relevance, ==, 50 * 1000);
}

static void
fresh_near_and_paying_listings_score_higher(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    RankQuery query = query_of(NULL, "San José", arena);
    Listing fresh = listing("a", "1", "Nurse"), old = listing("a", "2", "Nurse"), future = listing("a", "3", "Nurse");

    fresh.posted_at_us = NOW;
    fresh.location = STR("San Jose, CA");
    old.posted_at_us = NOW - 14 * US_PER_DAY;
    future.posted_at_us = NOW + US_PER_DAY;
    g_assert_cmpint(score_of(&query, &fresh, 0, arena).freshness, ==, 15 * 1000);
    g_assert_cmpint(score_of(&query, &old, 0, arena).freshness, ==, 15 * 500);
    g_assert_cmpint(score_of(&query, &future, 0, arena).freshness, ==, 15 * 1000);
    g_assert_cmpint(score_of(&query, &fresh, 0, arena).place, ==, 20 * 1000);
    g_assert_cmpint(score_of(&query, &old, 0, arena).place, ==, 0);
    g_assert_cmpint(score_of(&query, &old, 500000, arena).revenue, ==, 15 * 500);
    g_assert_cmpint(score_of(&query, &old, INT64_MAX / 2, arena).revenue, <=, 15 * 1000);
}

static void
folded_fields_serve_all_words_of_a_query(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    RankQuery query = query_of("acme nurse night", NULL, arena);
    Listing l = listing("a", "1", "Nurse");

    l.company = STR("ACME");
    l.snippet = STR("Night shifts");
    g_assert_cmpint(score_of(&query, &l, 0, arena).relevance, ==, 50 * ((700 + 1000 + 400) / 3));
}

static void
equal_scores_are_ordered_by_source_and_id(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    RankQuery query = query_of("nurse", NULL, arena);
    Listing b = listing("b", "1", "Nurse"), a2 = listing("a", "2", "Nurse"), a1 = listing("a", "1", "Nurse");
    Merged merged[] = {{.listing = &b}, {.listing = &a2}, {.listing = &a1}};
    RankRule rule = RANK_RULE;

    rule.spread = (SpreadRule){1, 1, 0};
    rank_sort(&rule, &query, merged, 0, 3, NOW);
    g_assert_true(merged[0].listing == &a1);
    g_assert_true(merged[1].listing == &a2);
    g_assert_true(merged[2].listing == &b);
}

static void
nothing_is_sorted_without_harm(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    RankQuery query = query_of(NULL, NULL, arena);

    rank_sort(&RANK_RULE, &query, NULL, 0, 0, NOW);
    g_assert_cmpuint(query.keywords.count, ==, 0);
}

static void
weights_decide_what_counts(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    RankQuery query = query_of("nurse", NULL, arena);
    RankRule greedy = {.revenue = 1, .half_fresh_us = US_PER_DAY, .half_value_micros = 1, .spread = {1, 1, 0}};
    Listing nurse = listing("a", "1", "Nurse"), cook = listing("b", "1", "Cook");
    Merged merged[] = {{.listing = &nurse}, {.listing = &cook, .value = 10}};

    rank_sort(&RANK_RULE, &query, merged, 0, 2, NOW);
    g_assert_true(merged[0].listing == &nurse);
    rank_sort(&greedy, &query, merged, 0, 2, NOW);
    g_assert_true(merged[0].listing == &cook);
    g_assert_cmpint(merged[0].score.total, ==, merged[0].score.revenue);
}

/* ---- for any listings ---- */

#define ROUNDS 300
#define MOST   60

/* Few values, so that many are equal. */
static void
make_merged(Random *random, Listing *listings, Merged *merged, size_t count, Arena *arena)
{
    static const char *const SOURCES[] = {"a", "b", "c", "d", "e"};
    static const char *const TITLES[] = {"Nurse", "Night nurse", "Cook", "Head of nursing"};

    for (size_t i = 0; i < count; i++) {
        listings[i] =
            listing(SOURCES[random_below(random, 1 + random_below(random, 5))], "", TITLES[random_below(random, 4)]);
        listings[i].id = arena_printf(arena, "%d", (int)i);
        if (random_below(random, 2) == 0)
            listings[i].posted_at_us = NOW - (int64_t)random_below(random, 40) * US_PER_DAY;
        merged[i] = (Merged){.listing = &listings[i], .value = (int64_t)random_below(random, 4) * 200000};
    }
}

static void
shuffle(Random *random, Merged *merged, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(random, (uint32_t)i);
        Merged swapped = merged[i - 1];

        merged[i - 1] = merged[other];
        merged[other] = swapped;
    }
}

static void
any_order_of_arrival_gives_one_order_and_parts_that_add_up(void)
{
    SeededRandom seeded;
    Random *random = &seeded.random;

    seeded_random_init(&seeded, 5);
    for (int round = 0; round < ROUNDS; round++) {
        g_autoptr(Arena) arena = arena_new(16384);
        RankQuery query = query_of("night nurse", NULL, arena);
        Listing listings[MOST];
        Merged merged[MOST], again[MOST];
        size_t count = random_below(random, MOST + 1), fixed = count == 0 ? 0 : random_below(random, (uint32_t)count);

        make_merged(random, listings, merged, count, arena);
        memcpy(again, merged, sizeof merged);
        shuffle(random, again + fixed, count - fixed);
        rank_sort(&RANK_RULE, &query, merged, fixed, count, NOW);
        rank_sort(&RANK_RULE, &query, again, fixed, count, NOW);
        for (size_t i = 0; i < count; i++) {
            const ListingScore *score = &merged[i].score;

            g_assert_true(merged[i].listing == again[i].listing);
            g_assert_cmpmem(score, sizeof *score, &again[i].score, sizeof *score);
            if (i < fixed)
                g_assert_true(merged[i].listing == &listings[i]);
            else
                g_assert_cmpint(score->relevance + score->place + score->freshness + score->revenue + score->repeats,
                                ==, score->total);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/search/words_in_the_title_count_most", words_in_the_title_count_most);
    g_test_add_func("/search/a_word_is_found_at_the_beginning_of_a_word_only",
                    a_word_is_found_at_the_beginning_of_a_word_only);
    g_test_add_func("/search/fresh_near_and_paying_listings_score_higher", fresh_near_and_paying_listings_score_higher);
    g_test_add_func("/search/folded_fields_serve_all_words_of_a_query", folded_fields_serve_all_words_of_a_query);
    g_test_add_func("/search/equal_scores_are_ordered_by_source_and_id", equal_scores_are_ordered_by_source_and_id);
    g_test_add_func("/search/nothing_is_sorted_without_harm", nothing_is_sorted_without_harm);
    g_test_add_func("/search/weights_decide_what_counts", weights_decide_what_counts);
    g_test_add_func("/search/any_order_of_arrival_gives_one_order_and_parts_that_add_up",
                    any_order_of_arrival_gives_one_order_and_parts_that_add_up);
    return g_test_run();
}
