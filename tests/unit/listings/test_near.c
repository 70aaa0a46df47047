#include "listings/near.h"

#include "listings/fingerprint.h"

#include "listings/normalise.h"

typedef struct {
    const char *title, *company, *location, *snippet;
} Post;

#define TEXT                                                                                                           \
    "As our new baker you make bread and rolls by hand every night, look after the ovens, keep the shop clean and "    \
    "teach "                                                                                                           \
    "our apprentices what you know of dough."
#define OTHER_TEXT                                                                                                     \
    "You drive our van to forty customers in the city each morning, load it before that with what was ordered, and "   \
    "write "                                                                                                           \
    "down what comes back."

static bool
same(Post one, Post other)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Post posts[2] = {one, other};
    Listing listings[2];
    NearSketch sketches[2];
    bool alike, reverse;

    for (int i = 0; i < 2; i++) {
        Listing *listing = &listings[i];

        *listing = (Listing){.title = str_of(posts[i].title),
                             .company = str_of(posts[i].company),
                             .location = str_of(posts[i].location),
                             .snippet = str_of(posts[i].snippet)};
        listing->remote = listing->location.at != NULL ? remote_parse(listing->location) : REMOTE_UNKNOWN;
        listing_normalise(arena, NULL, listing);
        sketches[i] = near_sketch(listing, company_normalise(arena, listing->company), arena);
    }
    alike = near_same(&sketches[0], &sketches[1]);
    reverse = near_same(&sketches[1], &sketches[0]);
    g_assert_true(alike == reverse);
    g_assert_true(!alike || (sketches[0].bucket == sketches[1].bucket && sketches[0].bucket != 0));
    return alike;
}

static void
one_position_in_other_words_is_recognised(void)
{
    g_assert_true(same((Post){"Java Developer (m/w/d) Berlin", "Acme GmbH", "Berlin", NULL},
                       (Post){"Developer, Java", "Acme", "10115 Berlin, Germany", NULL}));
    g_assert_true(same((Post){"Baker - REF40213", "Acme Bread Ltd", "Leeds, UK", NULL},
                       (Post){"Baker (full time)", "Acme", "Leeds, England", NULL}));
    g_assert_true(
        same((Post){"Baker", "Acme", "Remote, US", NULL}, (Post){"Baker (Remote)", "Acme", "US - Remote", NULL}));
    g_assert_true(
        same((Post){"Baker, summer 2026", "Acme", "Leeds, UK", NULL}, (Post){"Baker", "Acme", "Leeds, UK", NULL}));
    g_assert_true(same((Post){"Baker for bread and rolls", "Acme", "Leeds, UK", TEXT},
                       (Post){"Baker, bread", "Acme", "Leeds", TEXT " Apply today."}));
    g_assert_true(same((Post){"Baker", "Acme", NULL, TEXT}, (Post){"Baker", "Acme", "Leeds, UK", TEXT}));
}

static void
other_positions_stay_apart(void)
{
    Post post = {"Baker", "Acme", "Leeds, UK", TEXT};

    g_assert_false(same(post, (Post){"Senior Baker", "Acme", "Leeds, UK", TEXT}));
    g_assert_false(same(post, (Post){"Baker", "Acme", "York, UK", TEXT}));
    g_assert_false(same(post, (Post){"Baker", "Acmeon", "Leeds, UK", TEXT}));
    g_assert_false(same(post, (Post){"Driver", "Acme", "Leeds, UK", TEXT}));
    g_assert_false(same(post, (Post){"Baker and driver of vans", "Acme", "Leeds, UK", OTHER_TEXT}));
    g_assert_false(same(post, (Post){"Baker", NULL, "Leeds, UK", TEXT}));
    g_assert_false(same(post, (Post){"Baker", "Acme", "Remote, UK", TEXT}));
    g_assert_false(same((Post){"Baker, summer 2026", "Acme", "Leeds, UK", TEXT},
                        (Post){"Baker, winter", "Acme", "Leeds, UK", TEXT}));
    g_assert_false(
        same((Post){"Baker 2026", "Acme", "Leeds, UK", TEXT}, (Post){"Baker 2025", "Acme", "Leeds, UK", TEXT}));
    g_assert_false(
        same((Post){"Engineer II", "Acme", "Leeds, UK", TEXT}, (Post){"Engineer III", "Acme", "Leeds, UK", TEXT}));
    g_assert_false(same((Post){"Berlin", "Acme", "Berlin", NULL}, (Post){"(m/w/d)", "Acme", "Berlin", NULL}));
    g_assert_false(same((Post){"Baker", "Acme", NULL, NULL}, (Post){"Baker", "Acme", "Leeds, UK", NULL}));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listings/one_position_in_other_words_is_recognised", one_position_in_other_words_is_recognised);
    g_test_add_func("/listings/other_positions_stay_apart", other_positions_stay_apart);
    return g_test_run();
}
