/* Fetching: a feed that comes by HTTP, page by page, and what may go wrong on the way. */
#include "feeds/fetch.h"

#include "feeds/shelf.h"
#include "support/fake_client.h"

#define FEED "https://shelf.example/feed.json"

typedef struct {
    Shelf shelf;
    FakeLoop *loop;
    FakeClient *client;
    ExchangeShared *shared;
    Exchanges *exchanges;
} Partner;

static void
partner_init_with(Partner *partner, DbTest *test, const char *definition)
{
    if (definition == NULL)
        shelf_init(&partner->shelf, test);
    else
        shelf_init_with(&partner->shelf, test, definition);
    partner->loop = fake_loop_new(&partner->shelf.clock);
    partner->client = fake_client_new(partner->loop);
    partner->shared = exchange_shared_new(&partner->shelf.clock.clock);
    partner->exchanges =
        exchanges_new(fake_loop_base(partner->loop), fake_client_base(partner->client), partner->shared, false);
}

static void
partner_init(Partner *partner, DbTest *test)
{
    partner_init_with(partner, test, NULL);
}

static void
partner_clear(Partner *partner)
{
    exchanges_free(partner->exchanges);
    exchange_shared_free(partner->shared);
    fake_client_free(partner->client);
    fake_loop_free(partner->loop);
    shelf_clear(&partner->shelf);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Partner, partner_clear)

static void
run_until(void *loop, const bool *done)
{
    g_assert_true(fake_loop_run_until(loop, done, US_PER_DAY));
}

/* The partner answers so from now on. */
static void
answers(Partner *partner, FakeAnswer answer)
{
    answer.url = FEED;
    fake_client_answer(partner->client, &answer);
}

static bool
fetch(Partner *partner, FeedSummary *ret_summary, GError **error)
{
    Shelf *shelf = &partner->shelf;
    const FeedFetcher fetcher = {.exchanges = partner->exchanges, .run_until = run_until, .loop = partner->loop};

    return feed_fetch(
        &(FeedPullSpec){.db = shelf->db, .feed = shelf->feed, .clock = &shelf->clock.clock, .mint = &shelf->mint},
        &fetcher, ret_summary, error);
}

static const char TWO[] = "{\"items\": [{\"id\": \"a\", \"title\": \"Welder\", \"url\": \"https://x.example/a\"}, "
                          "{\"id\": \"b\", \"title\": \"Nurse\", \"url\": \"https://x.example/b\"}]}";

static void
a_feed_is_read_as_it_arrives(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    g_auto(Partner) partner;
    FeedSummary summary;

    partner_init(&partner, test);
    answers(&partner, (FakeAnswer){.body = TWO, .piece_size = 7, .piece_gap_us = US_PER_MS});
    if (!fetch(&partner, &summary, &error))
        g_assert_no_error(error);
    g_assert_true(summary.complete);
    g_assert_cmpint(summary.added, ==, 2);
    g_assert_cmpuint(summary.bytes, ==, sizeof TWO - 1);
    g_assert_cmpstr(fake_client_request(partner.client, 0)->url, ==, FEED);
    g_assert_cmpuint(fake_client_request_count(partner.client), ==, 1);
}

static void
a_partner_that_fails_takes_nothing_away_and_says_why(DbTest *test)
{
    const struct {
        FakeAnswer answer;
        WeirError code;
    } CASES[] = {
        {{.outcome = HTTP_OUTCOME_CONNECT}, WEIR_ERROR_UNAVAILABLE},
        {{.status = 503, .body = "busy"}, WEIR_ERROR_UNAVAILABLE},
        {{.status = 429, .body = "slow down"}, WEIR_ERROR_UNAVAILABLE},
        {{.status = 401, .body = "who are you?"}, WEIR_ERROR_INVALID},
        {{.status = 404, .body = "gone"}, WEIR_ERROR_INVALID},
        {{.body = "{\"items\": [", .piece_size = 3}, WEIR_ERROR_INVALID},
        {{.body = "<html>maintenance</html>"}, WEIR_ERROR_INVALID},
        {{.body = TWO, .piece_size = 50, .piece_gap_us = US_PER_DAY}, WEIR_ERROR_UNAVAILABLE},
        {{.body = TWO, .outcome = HTTP_OUTCOME_BROKEN}, WEIR_ERROR_UNAVAILABLE},
        {{.body = TWO, .outcome = HTTP_OUTCOME_TOO_LARGE}, WEIR_ERROR_UNAVAILABLE},
    };
    g_auto(Partner) partner;
    FeedSummary summary;

    partner_init(&partner, test);
    answers(&partner, (FakeAnswer){.body = TWO});
    g_assert_true(fetch(&partner, &summary, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GError) error = NULL;

        answers(&partner, CASES[i].answer);
        g_assert_false(fetch(&partner, &summary, &error));
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, "shelf feed: "));
        g_assert_cmpstr(weir_error_name(weir_error_code(error)), ==, weir_error_name(CASES[i].code));
        g_assert_false(summary.complete);
    }
    g_assert_cmpint(
        db_test_int(test->db, "SELECT COUNT(*) FROM listing_seen WHERE absences = 0 AND gone_at_us IS NULL"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM feed_pull WHERE status = 'failed' AND message <> ''"),
                    ==, (int64_t)G_N_ELEMENTS(CASES));
}

/* The second step: its text is stored; where it fails, the listing is stored without. */
static void
the_detail_of_each_listing_is_stored_with_it(DbTest *test)
{
    static const char DEFINITION[] = "source: shelf\npartner: Shelf\nfeed:\n  get: https://shelf.example/feed.json\n"
                                     "  full: true\n  answer: {json: 'items[*]'}\n"
                                     "  listing: {id: id, title: title, url: url}\n"
                                     "  detail:\n    get: 'https://shelf.example/item/{item_id}'\n"
                                     "    answer: {json: .}\n    listing: {description: text}\n";
    g_autoptr(GError) error = NULL;
    g_auto(Partner) partner;
    FeedSummary summary;

    partner_init_with(&partner, test, DEFINITION);
    answers(&partner, (FakeAnswer){.body = TWO});
    fake_client_answer(partner.client, &(FakeAnswer){.url = "https://shelf.example/item/a",
                                                     .body = "{\"text\": \"Join steel with care\"}"});
    fake_client_answer(partner.client,
                       &(FakeAnswer){.url = "https://shelf.example/item/b", .status = 500, .body = "oops"});
    if (!fetch(&partner, &summary, &error))
        g_assert_no_error(error);
    g_assert_true(summary.complete);
    g_assert_cmpint(summary.added, ==, 2);
    g_assert_cmpuint(summary.without_detail, ==, 1);
    shelf_assert_found(&partner.shelf, &(Question){.keywords = STR("steel"), .page = 1, .per_page = 10}, "a");
    shelf_assert_found(&partner.shelf, &(Question){.keywords = STR("nurse"), .page = 1, .per_page = 10}, "b");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("feeds", a_feed_is_read_as_it_arrives);
    DB_TEST("feeds", the_detail_of_each_listing_is_stored_with_it);
    DB_TEST("feeds", a_partner_that_fails_takes_nothing_away_and_says_why);
    return db_test_run();
}
