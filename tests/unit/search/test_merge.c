#include "search/merge.h"

#include "base/random.h"
#include "search/value.h"

#define USD(micros) ((Money){(micros), {"USD"}})

static Listing
listing(const char *source, const char *id, const char *title, const char *company)
{
    return (Listing){
        .source = str_of(source),
        .id = str_of(id),
        .title = str_of(title),
        .company = str_of(company),
        .location = STR("Bonn"),
        .url = STR("https://x.example/"),
        .posted_at_us = TIMESTAMP_NONE,
        .expires_at_us = TIMESTAMP_NONE,
    };
}

typedef struct {
    Listing listing;
    Money bid;
} Offer;

static Merged *
merge_all(const Offer *offers, const size_t *order, size_t count, SeenKeys *seen, Arena *arena, size_t *ret_count)
{
    g_autoptr(Merge) merge = merge_new(seen);

    for (size_t i = 0; i < count; i++)
        merge_add(merge, &offers[order[i]].listing, offers[order[i]].bid, click_value(offers[order[i]].bid));
    return merge_finish(merge, arena, ret_count);
}

static void
the_duplicate_that_pays_most_survives_and_names_the_others(void)
{
    const Offer offers[] = {
        {listing("b", "1", "Nurse (m/w/d)", "Acme Inc"), USD(100000)},
        {listing("a", "9", "Nurse", "ACME"), USD(300000)},
        {listing("c", "5", "nurse", "Acme, Inc."), USD(0)},
        {listing("c", "6", "Doctor", "Acme"), USD(0)},
    };
    const size_t order[] = {0, 1, 2, 3};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(SeenKeys) seen = seen_keys_new();
    size_t count;
    Merged *merged = merge_all(offers, order, 4, seen, arena, &count);

    g_assert_cmpuint(count, ==, 2);
    g_assert_true(str_is(merged[0].listing->source, "a"));
    g_assert_cmpuint(merged[0].also_from.count, ==, 2);
    g_assert_true(str_is(merged[0].also_from.items[0], "b"));
    g_assert_true(str_is(merged[0].also_from.items[1], "c"));
    g_assert_cmpuint(merged[1].also_from.count, ==, 0);
}

static Listing
in_bonn(Listing listing)
{
    listing.city = STR("Bonn");
    listing.country = STR("DE");
    return listing;
}

static void
one_position_in_other_words_of_another_source_is_a_duplicate(void)
{
    const Offer offers[] = {
        {in_bonn(listing("a", "1", "Java Developer (m/w/d)", "Acme GmbH")), USD(3)},
        {in_bonn(listing("b", "7", "Developer Java, Bonn", "Acme")), USD(2)},
        {in_bonn(listing("a", "2", "Developer (Java)", "Acme")), USD(1)},
        {in_bonn(listing("c", "3", "Senior Java Developer", "Acme")), USD(0)},
    };
    const size_t order[] = {3, 1, 2, 0};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(SeenKeys) seen = seen_keys_new();
    size_t count;
    Merged *merged = merge_all(offers, order, 4, seen, arena, &count);

    /* b's is a's; a's own two are two positions, for it knows them apart; a senior is somebody else. */
    g_assert_cmpuint(count, ==, 3);
    g_assert_true(str_is(merged[0].listing->id, "1"));
    g_assert_cmpuint(merged[0].also_from.count, ==, 1);
    g_assert_true(str_is(merged[0].also_from.items[0], "b"));
    g_assert_true(str_is(merged[1].listing->id, "2"));
    g_assert_true(str_is(merged[2].listing->id, "3"));
}

static void
of_equal_bids_the_more_complete_survives_then_the_name_decides(void)
{
    Offer offers[] = {
        {listing("a", "1", "Nurse", "Acme"), USD(5)},
        {listing("z", "1", "Nurse", "Acme"), USD(5)},
        {listing("y", "2", "Cook", "Acme"), USD(5)},
        {listing("x", "2", "Cook", "Acme"), USD(5)},
    };
    const size_t order[] = {0, 1, 2, 3};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(SeenKeys) seen = seen_keys_new();
    size_t count;
    Merged *merged;

    offers[1].listing.snippet = STR("Work with people");
    merged = merge_all(offers, order, 4, seen, arena, &count);
    g_assert_cmpuint(count, ==, 2);
    g_assert_true(str_is(merged[0].listing->source, "z"));
    g_assert_true(str_is(merged[1].listing->source, "x"));
}

static void
one_source_repeating_an_id_counts_once(void)
{
    const Offer offers[] = {
        {listing("a", "1", "Nurse", NULL), USD(0)},
        {listing("a", "1", "Nurse, night shift", NULL), USD(0)},
    };
    const size_t order[] = {0, 1};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(SeenKeys) seen = seen_keys_new();
    size_t count;

    merge_all(offers, order, 2, seen, arena, &count);
    g_assert_cmpuint(count, ==, 1);
}

static void
without_a_company_two_sources_are_not_merged(void)
{
    const Offer offers[] = {
        {listing("a", "1", "Nurse", NULL), USD(0)},
        {listing("b", "1", "Nurse", NULL), USD(0)},
    };
    const size_t order[] = {0, 1};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(SeenKeys) seen = seen_keys_new();
    size_t count;

    merge_all(offers, order, 2, seen, arena, &count);
    g_assert_cmpuint(count, ==, 2);
}

static void
what_was_merged_before_is_not_merged_again_under_another_source(void)
{
    const Offer offers[] = {
        {listing("a", "1", "Nurse", "Acme"), USD(10)},
        {listing("b", "2", "Nurse", "Acme"), USD(1)},
        {listing("b", "2", "Nurse, new title", "Acme"), USD(1)},
    };
    const size_t first[] = {0, 1}, second[] = {2};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(SeenKeys) seen = seen_keys_new();
    size_t count;

    merge_all(offers, first, 2, seen, arena, &count);
    g_assert_cmpuint(count, ==, 1);
    merge_all(offers, second, 1, seen, arena, &count);
    g_assert_cmpuint(count, ==, 0);
}

static void
the_running_count_knows_duplicates(void)
{
    const Listing a = listing("a", "1", "Nurse", "Acme"), b = listing("b", "1", "Nurse", "Acme"),
                  c = listing("b", "2", "Cook", "Acme");
    g_autoptr(SeenKeys) seen = seen_keys_new();
    g_autoptr(Merge) merge = merge_new(seen);

    merge_add(merge, &a, USD(0), 0);
    merge_add(merge, &b, USD(0), 0);
    g_assert_cmpuint(merge_count(merge), ==, 1);
    merge_add(merge, &c, USD(0), 0);
    g_assert_cmpuint(merge_count(merge), ==, 2);
}

static void
bids_in_other_currencies_are_weighed_not_compared_as_numbers(void)
{
    g_assert_cmpint(click_value((Money){20 * MICROS_PER_UNIT, {"JPY"}}), <, click_value(USD(MICROS_PER_UNIT)));
    g_assert_cmpint(click_value((Money){MICROS_PER_UNIT, {"GBP"}}), >, click_value(USD(MICROS_PER_UNIT)));
    g_assert_cmpint(click_value((Money){MICROS_PER_UNIT, {""}}), ==, 0);
    g_assert_cmpint(click_value(USD(-5)), ==, 0);
    g_assert_cmpint(click_value(USD(INT64_MAX)), >, 0);
}

/* ---- any order of arrival gives the same list ---- */

#define OFFERS 120
#define ORDERS 300

static void
make_offers(Random *random, Offer *offers, Arena *arena)
{
    static const char *const SOURCES[] = {"a", "b", "c", "d"};
    static const char *const TITLES[] = {"Nurse", "nurse (m/f)", "Cook", "Driver", "Baker", "Clerk"};
    static const char *const COMPANIES[] = {"Acme", "ACME Inc", "Bolt", NULL};

    for (size_t i = 0; i < OFFERS; i++) {
        offers[i].listing = listing(SOURCES[random_below(random, 4)], NULL, TITLES[random_below(random, 6)],
                                    COMPANIES[random_below(random, 4)]);
        offers[i].listing.id = arena_printf(arena, "%d", (int)random_below(random, 40));
        offers[i].listing.snippet = random_below(random, 2) ? arena_printf(arena, "text %d", (int)i) : STR_NONE;
        offers[i].listing.url = arena_printf(arena, "https://x.example/%d", (int)i);
        offers[i].bid = USD((int64_t)random_below(random, 3) * 100000);
    }
}

static void
assert_same(const Merged *a, const Merged *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_assert_true(a[i].listing == b[i].listing);
        g_assert_cmpuint(a[i].also_from.count, ==, b[i].also_from.count);
        for (size_t k = 0; k < a[i].also_from.count; k++)
            g_assert_true(str_equal(a[i].also_from.items[k], b[i].also_from.items[k]));
    }
}

static void
any_order_of_arrival_gives_the_same_list(void)
{
    SeededRandom random;
    g_autoptr(Arena) arena = arena_new(16384);
    Offer offers[OFFERS];
    size_t order[OFFERS], count, expected_count = 0;
    Merged *expected = NULL;

    seeded_random_init(&random, 20261124);
    make_offers(&random.random, offers, arena);
    for (size_t i = 0; i < OFFERS; i++)
        order[i] = i;
    for (int run = 0; run < ORDERS; run++) {
        g_autoptr(SeenKeys) seen = seen_keys_new();
        Merged *merged = merge_all(offers, order, OFFERS, seen, arena, &count);

        if (expected == NULL) {
            expected = merged;
            expected_count = count;
            g_assert_cmpuint(count, >, 5);
            g_assert_cmpuint(count, <, OFFERS);
        }
        g_assert_cmpuint(count, ==, expected_count);
        assert_same(merged, expected, count);
        for (size_t i = OFFERS - 1; i > 0; i--) {
            size_t k = random_below(&random.random, i + 1), kept = order[i];

            order[i] = order[k];
            order[k] = kept;
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/search/the_duplicate_that_pays_most_survives_and_names_the_others",
                    the_duplicate_that_pays_most_survives_and_names_the_others);
    g_test_add_func("/search/one_position_in_other_words_of_another_source_is_a_duplicate",
                    one_position_in_other_words_of_another_source_is_a_duplicate);
    g_test_add_func("/search/of_equal_bids_the_more_complete_survives_then_the_name_decides",
                    of_equal_bids_the_more_complete_survives_then_the_name_decides);
    g_test_add_func("/search/one_source_repeating_an_id_counts_once", one_source_repeating_an_id_counts_once);
    g_test_add_func("/search/without_a_company_two_sources_are_not_merged",
                    without_a_company_two_sources_are_not_merged);
    g_test_add_func("/search/what_was_merged_before_is_not_merged_again_under_another_source",
                    what_was_merged_before_is_not_merged_again_under_another_source);
    g_test_add_func("/search/the_running_count_knows_duplicates", the_running_count_knows_duplicates);
    g_test_add_func("/search/bids_in_other_currencies_are_weighed_not_compared_as_numbers",
                    bids_in_other_currencies_are_weighed_not_compared_as_numbers);
    g_test_add_func("/search/any_order_of_arrival_gives_the_same_list", any_order_of_arrival_gives_the_same_list);
    return g_test_run();
}
