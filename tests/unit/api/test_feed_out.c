/* The stored listings as a feed of links: while the prices in it hold. */
#include "api/feed_out.h"

#include "feeds/shelf.h"

static const char PRICED[] = "source: shelf\n"
                             "partner: Shelf (of the tests)\n"
                             "click: {lifetime: 4h}\n"
                             "feed:\n"
                             "  get: https://shelf.example/feed.json\n"
                             "  every: 1h\n"
                             "  full: true\n"
                             "  answer: {json: \"items[*]\"}\n"
                             "  listing: {id: id, title: title, url: url}\n";

static const Posting TWO[] = {{.id = "1", .title = "Nurse"}, {.id = "2", .title = "Welder"}, {0}};

static const TokenKeyRing RING = {.count = 1, .keys = {{.id = 1}}};

static FeedOut *
feed_of(Shelf *shelf, FeedAsk *ask)
{
    g_autoptr(GError) error = NULL;
    FeedOut *feed;

    feed_ask_init(ask, shelf->arena);
    feed = feed_out_new(&(FeedOutSpec){.sources = shelf->sources,
                                       .ring = &RING,
                                       .random = &shelf->random.random,
                                       .mint = &shelf->mint,
                                       .clock = &shelf->clock.clock,
                                       .base_url = "https://feed.example",
                                       .token_lifetime_us = 7 * US_PER_DAY},
                        ask, &error);
    g_assert_no_error(error);
    return feed;
}

/* The feed's text; ret_count: how many listings it has. */
static GString *
whole_feed(Shelf *shelf, int64_t *ret_count)
{
    FeedAsk ask;
    g_autoptr(FeedOut) feed = feed_of(shelf, &ask);
    g_autoptr(GError) error = NULL;
    GString *text = g_string_new(NULL);
    bool last = false;

    while (!last)
        if (!feed_out_next(feed, shelf->db, text, &last, &error))
            g_assert_no_error(error);
    *ret_count = feed_out_count(feed);
    return text;
}

static void
a_listing_is_in_the_feed_while_its_price_holds_and_its_link_is_as_old_as_its_pull(DbTest *test)
{
    g_auto(Shelf) shelf;
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) young = NULL, old = NULL;
    const char *link;
    ClickToken token;
    int64_t count;

    shelf_init_with(&shelf, test, PRICED);
    shelf_pull(&shelf, TWO);
    young = whole_feed(&shelf, &count);
    g_assert_cmpint(count, ==, 2);
    link = strstr(young->str, "/c/") + strlen("/c/");
    if (!token_open(&RING, (Str){link, strcspn(link, "\"")}, shelf.clock.now, US_PER_DAY, shelf.arena, &token, &error))
        g_assert_no_error(error);
    g_assert_cmpint(token.confirmed_at_us, ==, SHELF_BEGINS_US);
    g_assert_cmpint(token.issued_at_us, ==, shelf.clock.now);
    fake_clock_advance_us(&shelf.clock, 3 * US_PER_HOUR + US_PER_SECOND);
    old = whole_feed(&shelf, &count);
    g_assert_cmpint(count, ==, 0);
}

static FeedVersion
version_of(Shelf *shelf)
{
    FeedAsk ask;
    g_autoptr(FeedOut) feed = feed_of(shelf, &ask);
    g_autoptr(GError) error = NULL;
    FeedVersion version;

    if (!feed_out_version(feed, shelf->db, &version, &error))
        g_assert_no_error(error);
    return version;
}

static void
a_feed_is_another_twice_in_the_life_of_the_prices_in_it(DbTest *test)
{
    g_auto(Shelf) shelf;
    int changes = 0;
    FeedVersion before;

    shelf_init_with(&shelf, test, PRICED);
    shelf_pull(&shelf, TWO);
    before = version_of(&shelf);
    for (int i = 0; i < 24; i++) {
        FeedVersion now;

        fake_clock_advance_us(&shelf.clock, US_PER_HOUR);
        now = version_of(&shelf);
        changes += strcmp(now.etag, before.etag) != 0;
        before = now;
    }
    g_assert_cmpint(changes, ==, 12);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("api", a_listing_is_in_the_feed_while_its_price_holds_and_its_link_is_as_old_as_its_pull);
    DB_TEST("api", a_feed_is_another_twice_in_the_life_of_the_prices_in_it);
    return db_test_run();
}
