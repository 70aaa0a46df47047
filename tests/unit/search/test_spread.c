#include "search/spread.h"

#include "base/random.h"

/* "a" is a listing of source a; points fall by one from each to the next but where said otherwise. */
static const char *
spread_of(const SpreadRule *rule, const char *sources, const int32_t *points, size_t fixed, char *to)
{
    size_t count = strlen(sources);
    g_autofree SpreadItem *items = g_new0(SpreadItem, count);

    for (size_t i = 0; i < count; i++)
        items[i] = (SpreadItem){{sources + i, 1}, points == NULL ? 1000 - (int32_t)i : points[i], 0, i};
    spread_sort(rule, items, fixed, count);
    for (size_t i = 0; i < count; i++)
        to[i] = items[i].source.at[0];
    to[count] = '\0';
    return to;
}

static void
without_a_rule_points_decide(void)
{
    const SpreadRule none = {1, 1, 0};
    char to[16];

    g_assert_cmpstr(spread_of(&none, "aaaabbbb", NULL, 0, to), ==, "aaaabbbb");
}

static void
no_source_has_more_than_its_share_of_a_window_while_another_has_listings(void)
{
    const SpreadRule rule = {4, 3, 0};
    char to[16];

    g_assert_cmpstr(spread_of(&rule, "aaaaaaaabb", NULL, 0, to), ==, "aaabaaabaa");
    g_assert_cmpstr(spread_of(&rule, "aaaa", NULL, 0, to), ==, "aaaa");
}

static void
a_repeat_costs_points_and_what_is_much_better_stays_first(void)
{
    const SpreadRule rule = {3, 3, 100};
    const int32_t near[] = {1000, 990, 980, 950, 940}, far[] = {1000, 990, 980, 500, 400};
    char to[16];

    g_assert_cmpstr(spread_of(&rule, "aaabb", near, 0, to), ==, "abaab");
    g_assert_cmpstr(spread_of(&rule, "aaabb", far, 0, to), ==, "aaabb");
}

static void
what_stands_before_counts_and_stays(void)
{
    const SpreadRule rule = {3, 2, 0};
    char to[16];

    /* Two of a end the page before: the next page begins with another. */
    g_assert_cmpstr(spread_of(&rule, "baaaab", NULL, 3, to), ==, "baabaa");
    g_assert_cmpstr(spread_of(&rule, "baaaab", NULL, 6, to), ==, "baaaab");
}

static void
equal_points_keep_their_order(void)
{
    const SpreadRule rule = {2, 2, 0};
    const int32_t equal[] = {7, 7, 7, 7};
    char to[16];

    g_assert_cmpstr(spread_of(&rule, "badc", equal, 0, to), ==, "badc");
}

/* ---- for any rule and any listings ---- */

#define ROUNDS  2000
#define MOST    40
#define SOURCES "abcdef"

static bool
other_is_left(const SpreadItem *items, size_t from, size_t count, Str source)
{
    for (size_t i = from; i < count; i++)
        if (!str_equal(items[i].source, source))
            return true;
    return false;
}

static unsigned
count_before(const SpreadItem *items, size_t place, unsigned window)
{
    unsigned within = 0;

    for (size_t i = place - MIN(place, window - 1); i < place; i++)
        within += str_equal(items[i].source, items[place].source);
    return within;
}

static void
assert_spread(const SpreadRule *rule, const SpreadItem *items, size_t fixed, size_t count)
{
    bool there[MOST] = {false};

    for (size_t i = 0; i < count; i++) {
        unsigned before = count_before(items, i, rule->window);

        g_assert_false(there[items[i].from]); /* each once */
        there[items[i].from] = true;
        if (i < fixed) {
            g_assert_cmpuint(items[i].from, ==, i);
            continue;
        }
        g_assert_cmpint(items[i].repeats, ==, -(int32_t)before * rule->repeat);
        if (before >= rule->most) /* then all others have had at least as much, or nothing is left of them */
            for (size_t k = i; k < count; k++) {
                SpreadItem swapped[MOST];

                memcpy(swapped, items, count * sizeof *items);
                swapped[i] = items[k];
                g_assert_true(!other_is_left(items, k, k + 1, items[i].source) ||
                              count_before(swapped, i, rule->window) >= rule->most);
            }
    }
}

static void
each_listing_has_one_place_and_each_place_its_rule(void)
{
    SeededRandom seeded;
    Random *random = &seeded.random;

    seeded_random_init(&seeded, 11);
    for (int round = 0; round < ROUNDS; round++) {
        unsigned window = 1 + (unsigned)random_below(random, 12);
        SpreadRule rule = {window, 1 + (unsigned)random_below(random, window), (int32_t)random_below(random, 3) * 40};
        size_t count = random_below(random, MOST + 1), fixed = random_below(random, (uint32_t)count + 1);
        SpreadItem items[MOST];
        int32_t points = 1000;

        for (size_t i = 0; i < count; i++) {
            points -= (int32_t)random_below(random, 30);
            items[i] = (SpreadItem){{SOURCES + random_below(random, 1 + random_below(random, 6)), 1}, points, 0, i};
        }
        spread_sort(&rule, items, fixed, count);
        assert_spread(&rule, items, fixed, count);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/search/without_a_rule_points_decide", without_a_rule_points_decide);
    g_test_add_func("/search/no_source_has_more_than_its_share_of_a_window_while_another_has_listings",
                    no_source_has_more_than_its_share_of_a_window_while_another_has_listings);
    g_test_add_func("/search/a_repeat_costs_points_and_what_is_much_better_stays_first",
                    a_repeat_costs_points_and_what_is_much_better_stays_first);
    g_test_add_func("/search/what_stands_before_counts_and_stays", what_stands_before_counts_and_stays);
    g_test_add_func("/search/equal_points_keep_their_order", equal_points_keep_their_order);
    g_test_add_func("/search/each_listing_has_one_place_and_each_place_its_rule",
                    each_listing_has_one_place_and_each_place_its_rule);
    return g_test_run();
}
