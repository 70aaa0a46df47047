#include "search/rank.h"

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

static RankScore
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
    g_assert_cmpint(score_of(&query, &title, 0, arena).relevance, ==, 1000);
    g_assert_cmpint(score_of(&query, &half, 0, arena).relevance, ==, 500);
    g_assert_cmpint(score_of(&query, &snippet, 0, arena).relevance, ==, 400);
    g_assert_cmpint(score_of(&query, &none, 0, arena).relevance, ==, 0);
}

static void
a_word_is_found_at_the_beginning_of_a_word_only(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    RankQuery query = query_of("art", NULL, arena);
    Listing artist = listing("a", "1", "Artist"), party = listing("a", "2", "Party host"),
            both = listing("a", "3", "Party artist");

    g_assert_cmpint(score_of(&query, &artist, 0, arena).relevance, ==, 1000);
    g_assert_cmpint(score_of(&query, &party, 0, arena).relevance, ==, 0);
    g_assert_cmpint(score_of(&query, &both, 0, arena).relevance, ==, 1000);
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
    g_assert_cmpint(score_of(&query, &fresh, 0, arena).freshness, ==, 1000);
    g_assert_cmpint(score_of(&query, &old, 0, arena).freshness, ==, 500);
    g_assert_cmpint(score_of(&query, &future, 0, arena).freshness, ==, 1000);
    g_assert_cmpint(score_of(&query, &fresh, 0, arena).place, ==, 1000);
    g_assert_cmpint(score_of(&query, &old, 0, arena).place, ==, 0);
    g_assert_cmpint(score_of(&query, &old, 500000, arena).revenue, ==, 500);
    g_assert_cmpint(score_of(&query, &old, INT64_MAX / 2, arena).revenue, <=, 1000);
}

static void
no_source_stands_more_than_three_times_in_a_row_while_another_has_listings(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    RankQuery query = query_of("nurse", NULL, arena);
    Listing listings[10];
    Merged merged[10];
    g_autoptr(GString) sources = g_string_new(NULL);

    for (size_t i = 0; i < 10; i++) {
        /* Eight good ones of a, two poor ones of b. */
        listings[i] = listing(i < 8 ? "a" : "b", i < 8 ? "1" : "2", i < 8 ? "Nurse" : "Cook");
        listings[i].id = arena_printf(arena, "%d", (int)i);
        merged[i] = (Merged){.listing = &listings[i]};
    }
    rank_sort(&RANK_RULE, &query, merged, 10, NOW);
    for (size_t i = 0; i < 10; i++)
        str_append(sources, merged[i].listing->source);
    g_assert_cmpstr(sources->str, ==, "aaabaaabaa");
}

static void
equal_scores_are_ordered_by_source_and_id(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    RankQuery query = query_of("nurse", NULL, arena);
    Listing b = listing("b", "1", "Nurse"), a2 = listing("a", "2", "Nurse"), a1 = listing("a", "1", "Nurse");
    Merged merged[] = {{.listing = &b}, {.listing = &a2}, {.listing = &a1}};

    rank_sort(&RANK_RULE, &query, merged, 3, NOW);
    g_assert_true(merged[0].listing == &a1);
    g_assert_true(merged[1].listing == &a2);
    g_assert_true(merged[2].listing == &b);
}

static void
nothing_is_sorted_without_harm(void)
{
    g_autoptr(Arena) arena = arena_new(1024);
    RankQuery query = query_of(NULL, NULL, arena);

    rank_sort(&RANK_RULE, &query, NULL, 0, NOW);
    g_assert_cmpuint(query.keywords.count, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/search/words_in_the_title_count_most", words_in_the_title_count_most);
    g_test_add_func("/search/a_word_is_found_at_the_beginning_of_a_word_only",
                    a_word_is_found_at_the_beginning_of_a_word_only);
    g_test_add_func("/search/fresh_near_and_paying_listings_score_higher", fresh_near_and_paying_listings_score_higher);
    g_test_add_func("/search/no_source_stands_more_than_three_times_in_a_row_while_another_has_listings",
                    no_source_stands_more_than_three_times_in_a_row_while_another_has_listings);
    g_test_add_func("/search/equal_scores_are_ordered_by_source_and_id", equal_scores_are_ordered_by_source_and_id);
    g_test_add_func("/search/nothing_is_sorted_without_harm", nothing_is_sorted_without_harm);
    return g_test_run();
}
