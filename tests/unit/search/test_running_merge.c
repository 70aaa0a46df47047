/*
 * The running merge against the rule that its header states, done at the end: whatever the order of arrival, the pieces,
 * duplicates and looks in between, both give the same list.
 */
#include "search/merge.h"

#include "base/random.h"
#include "listings/address.h"
#include "listings/near.h"
#include "search/value.h"

#define OFFERS_LIMIT 160
#define ROUNDS       200

typedef struct {
    Listing listing;
    Money bid;
} Offer;

/* ---- the rule, as simply as it can be said ---- */

typedef struct {
    const Offer *offer;
    size_t group; /* index of its survivor */
} Seat;

static int
completeness_of(const Listing *l)
{
    return !str_is_empty(l->company) + !str_is_empty(l->location) + !str_is_empty(l->snippet) +
           (l->posted_at_us != TIMESTAMP_NONE);
}

static int
compare_seats(const void *left, const void *right)
{
    const Offer *a = ((const Seat *)left)->offer, *b = ((const Seat *)right)->offer;
    int64_t x = click_value(a->bid), y = click_value(b->bid);
    const Str texts[][2] = {
        {a->listing.source, b->listing.source},   {a->listing.id, b->listing.id},
        {a->listing.url, b->listing.url},         {a->listing.title, b->listing.title},
        {a->listing.company, b->listing.company}, {a->listing.location, b->listing.location},
        {a->listing.snippet, b->listing.snippet},
    };
    int order = x != y ? (x > y ? -1 : 1) : completeness_of(&b->listing) - completeness_of(&a->listing);

    for (size_t i = 0; order == 0 && i < G_N_ELEMENTS(texts); i++)
        order = str_compare(texts[i][0], texts[i][1]);
    return order;
}

typedef bool (*SameFn)(const Listing *a, const Listing *b);

static bool
same_id(const Listing *a, const Listing *b)
{
    return str_equal(a->source, b->source) && str_equal(a->id, b->id);
}

static bool
same_position(const Listing *a, const Listing *b)
{
    g_autoptr(Arena) arena = arena_new(1024);
    Fingerprint x, y;

    return fingerprint_of_position(a, company_normalise(arena, a->company), &x) &&
           fingerprint_of_position(b, company_normalise(arena, b->company), &y) && fingerprint_equal(x, y);
}

static bool
same_address(const Listing *a, const Listing *b)
{
    Fingerprint x, y;

    return fingerprint_of_address(a->url, &x) && fingerprint_of_address(b->url, &y) && fingerprint_equal(x, y);
}

/* Among the sixteen last survivors before it of its bucket, the last one first. */
static size_t
near_group(const Seat *seats, size_t at)
{
    g_autoptr(Arena) arena = arena_new(4096);
    const Listing *listing = &seats[at].offer->listing;
    NearSketch sketch = near_sketch(listing, company_normalise(arena, listing->company), arena);
    int compared = 0;

    for (size_t i = at; sketch.bucket != 0 && i-- > 0 && compared < 16;) {
        const Listing *other = &seats[i].offer->listing;
        NearSketch survivor = near_sketch(other, company_normalise(arena, other->company), arena);

        if (seats[i].group != i || survivor.bucket != sketch.bucket)
            continue;
        compared++;
        if (!str_equal(other->source, listing->source) && near_same(&survivor, &sketch))
            return i;
    }
    return at;
}

static size_t
group_of(const Seat *seats, size_t at)
{
    static const SameFn SAME[] = {same_id, same_position, same_address};

    for (size_t rule = 0; rule < G_N_ELEMENTS(SAME); rule++)
        for (size_t i = 0; i < at; i++)
            if (SAME[rule](&seats[i].offer->listing, &seats[at].offer->listing))
                return seats[i].group;
    return near_group(seats, at);
}

/* One line for each survivor: itself, and the other sources. */
static char *
list_at_the_end(const Offer *offers, const size_t *order, size_t count)
{
    g_autofree Seat *seats = g_new0(Seat, count);
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < count; i++)
        seats[i].offer = &offers[order[i]];
    qsort(seats, count, sizeof *seats, compare_seats);
    for (size_t i = 0; i < count; i++)
        seats[i].group = group_of(seats, i);
    for (size_t i = 0; i < count; i++) {
        bool others['h' - 'a'] = {false};

        if (seats[i].group != i)
            continue;
        for (size_t k = 0; k < count; k++)
            if (seats[k].group == i)
                others[seats[k].offer->listing.source.at[0] - 'a'] = true;
        g_string_append_printf(text, "%.*s %.*s %.*s:", STR_FORMAT(seats[i].offer->listing.source),
                               STR_FORMAT(seats[i].offer->listing.id), STR_FORMAT(seats[i].offer->listing.url));
        for (size_t k = 0; k < G_N_ELEMENTS(others); k++)
            if (others[k] && k != (size_t)(seats[i].offer->listing.source.at[0] - 'a'))
                g_string_append_printf(text, " %c", (char)('a' + k));
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

/* ---- the running merge ---- */

static char *
list_of(const Merged *merged, size_t count)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < count; i++) {
        g_string_append_printf(text, "%.*s %.*s %.*s:", STR_FORMAT(merged[i].listing->source),
                               STR_FORMAT(merged[i].listing->id), STR_FORMAT(merged[i].listing->url));
        for (size_t k = 0; k < merged[i].also_from.count; k++)
            g_string_append_printf(text, " %.*s", STR_FORMAT(merged[i].also_from.items[k]));
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}

static void
assert_as_at_the_end(char *running, const Offer *offers, const size_t *order, size_t count)
{
    g_autofree char *mine = running;
    g_autofree char *simple = list_at_the_end(offers, order, count);

    g_assert_cmpstr(mine, ==, simple);
}

/* ---- offers that meet in every way ---- */

/* A few companies, titles in other words, ids that come again, and addresses that lead to one page. */
static void
make_offers(Random *random, Offer *offers, size_t count, Arena *arena)
{
    static const char *const SOURCES[] = {"a", "b", "c", "d", "e", "f", "g"};
    static const char *const TITLES[] = {
        "Java Developer", "Developer (Java)", "Developer Java, Bonn", "Senior Java Developer",
        "Nurse",          "Nurse (m/f)",      "Night Nurse",          "Cook",
        "Cook II",        "Head of Sales",    "Sales (Head of)",      "Head of Sales, Europe",
        "Head Sales",
    };
    static const char *const COMPANIES[] = {"Acme", "ACME Inc", "Acme Robotics GmbH", "Bolt", "Bolt & Nut", NULL};
    uint64_t sources = 1 + random_below(random, G_N_ELEMENTS(SOURCES));
    uint64_t companies = 1 + random_below(random, G_N_ELEMENTS(COMPANIES));
    uint64_t ids = 1 + random_below(random, 60);

    for (size_t i = 0; i < count; i++) {
        if (i > 0 && random_below(random, 10) == 0) { /* the very same once more */
            offers[i] = offers[random_below(random, i)];
            continue;
        }
        offers[i].listing = (Listing){
            .source = str_of(SOURCES[random_below(random, sources)]),
            .id = arena_printf(arena, "%u", (unsigned)random_below(random, ids)),
            .title = str_of(TITLES[random_below(random, G_N_ELEMENTS(TITLES))]),
            .company = str_of(COMPANIES[random_below(random, companies)]),
            .location = STR("Bonn"),
            .city = random_below(random, 4) > 0 ? STR("Bonn") : STR_NONE,
            .country = STR("DE"),
            .snippet = random_below(random, 2) > 0 ? arena_printf(arena, "text %u", (unsigned)i) : STR_NONE,
            .url = random_below(random, 3) > 0 ? arena_printf(arena, "https://x.example/%u", (unsigned)i)
                                               : arena_printf(arena, "https://x.example/%u?utm_source=%u",
                                                              100000 + (unsigned)(i % 17), (unsigned)i),
            .posted_at_us = random_below(random, 2) > 0 ? 1 : TIMESTAMP_NONE,
            .expires_at_us = TIMESTAMP_NONE,
        };
        offers[i].bid = (Money){(int64_t)random_below(random, 3) * 100000, {"USD"}};
    }
}

static void
shuffle(Random *random, size_t *order, size_t count)
{
    for (size_t i = count; i-- > 1;) {
        size_t k = random_below(random, i + 1), kept = order[i];

        order[i] = order[k];
        order[k] = kept;
    }
}

static void
whatever_the_order_and_the_pieces_it_is_as_if_done_at_the_end(void)
{
    SeededRandom random;
    size_t merged_ever = 0;

    seeded_random_init(&random, 20261124);
    for (int round = 0; round < ROUNDS; round++) {
        g_autoptr(Arena) arena = arena_new(16384);
        g_autoptr(SeenKeys) seen = seen_keys_new();
        g_autoptr(Merge) merge = merge_new(seen);
        Offer offers[OFFERS_LIMIT];
        size_t order[OFFERS_LIMIT], count = 1 + random_below(&random.random, OFFERS_LIMIT), kept;
        Merged *merged;

        make_offers(&random.random, offers, count, arena);
        for (size_t i = 0; i < count; i++)
            order[i] = i;
        shuffle(&random.random, order, count);
        for (size_t i = 0; i < count; i++) {
            merge_add(merge, &offers[order[i]].listing, offers[order[i]].bid, click_value(offers[order[i]].bid));
            if (random_below(&random.random, 5) == 0)
                merge_settle(merge);
            if (random_below(&random.random, 40) == 0) {
                merged = merge_so_far(merge, arena, &kept);
                assert_as_at_the_end(list_of(merged, kept), offers, order, i + 1);
            }
        }
        merged = merge_finish(merge, arena, &kept);
        assert_as_at_the_end(list_of(merged, kept), offers, order, count);
        merged_ever += count - kept;
    }
    g_assert_cmpuint(merged_ever, >, ROUNDS);
}

static void
keys_of_all_that_came_are_there_for_the_next_page(void)
{
    SeededRandom random;

    seeded_random_init(&random, 5);
    for (int round = 0; round < ROUNDS; round++) {
        g_autoptr(Arena) arena = arena_new(16384);
        g_autoptr(SeenKeys) seen = seen_keys_new();
        Offer offers[OFFERS_LIMIT];
        size_t count = 2 + random_below(&random.random, OFFERS_LIMIT - 1), pages = 1 + random_below(&random.random, 3);
        size_t kept;

        make_offers(&random.random, offers, count, arena);
        for (size_t page = 0; page < pages; page++) {
            g_autoptr(Merge) merge = merge_new(seen);

            for (size_t i = page * count / pages; i < (page + 1) * count / pages; i++)
                merge_add(merge, &offers[i].listing, offers[i].bid, click_value(offers[i].bid));
            merge_finish(merge, arena, &kept);
        }
        for (size_t i = 0; i < count; i++) {
            g_autoptr(Merge) merge = merge_new(seen);

            merge_add(merge, &offers[i].listing, offers[i].bid, click_value(offers[i].bid));
            g_assert_cmpuint(merge_count(merge), ==, 0);
            merge_finish(merge, arena, &kept);
            g_assert_cmpuint(kept, ==, 0);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/search/whatever_the_order_and_the_pieces_it_is_as_if_done_at_the_end",
                    whatever_the_order_and_the_pieces_it_is_as_if_done_at_the_end);
    g_test_add_func("/search/keys_of_all_that_came_are_there_for_the_next_page",
                    keys_of_all_that_came_are_there_for_the_next_page);
    return g_test_run();
}
