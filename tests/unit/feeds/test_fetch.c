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
    partner->shared = exchange_shared_new(&partner->shelf.clock.clock, NULL);
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

#define HEADERS(...)                                                                                                   \
    {                                                                                                                  \
        (const HttpHeader[]){__VA_ARGS__}, sizeof((const HttpHeader[]){__VA_ARGS__}) / sizeof(HttpHeader)              \
    }

static void
assert_asked_with(Partner *partner, size_t request, const char *headers)
{
    const char *sent = fake_client_request(partner->client, request)->headers->str;

    if (headers == NULL)
        g_assert_null(strstr(sent, "If-"));
    else if (strstr(sent, headers) == NULL)
        g_error("request %" G_GSIZE_FORMAT " has no \"%s\" but:\n%s", request, headers, sent);
}

static void
a_feed_that_has_not_changed_is_not_sent_again(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    g_auto(Partner) partner;
    FeedSummary summary;

    partner_init(&partner, test);
    answers(&partner, (FakeAnswer){.body = TWO,
                                   .times = 1,
                                   .headers = HEADERS({STR("ETag"), STR("\"v1\"")},
                                                      {STR("Last-Modified"), STR("Tue, 24 Nov 2026 08:00:00 GMT")})});
    answers(&partner, (FakeAnswer){.status = 304, .times = 3});
    answers(&partner, (FakeAnswer){.body = TWO});
    g_assert_true(fetch(&partner, &summary, &error));
    assert_asked_with(&partner, 0, NULL);
    for (int i = 0; i < 3; i++) {
        if (!fetch(&partner, &summary, &error))
            g_assert_no_error(error);
        g_assert_true(summary.complete && summary.unchanged && !summary.guarded);
        g_assert_cmpint(summary.gone, ==, 0);
        assert_asked_with(&partner, 1 + (size_t)i,
                          "If-None-Match: \"v1\"\nIf-Modified-Since: Tue, 24 Nov 2026 08:00:00 GMT\n");
    }
    shelf_assert_found(&partner.shelf, &(Question){.keywords = STR("welder")}, "a");
    g_assert_true(fetch(&partner, &summary, &error));
    g_assert_cmpint(summary.same, ==, 2);
    /* That answer had no validator. */
    g_assert_true(fetch(&partner, &summary, &error));
    assert_asked_with(&partner, 5, NULL);
}

static void
what_has_not_changed_is_as_young_as_the_answer_that_says_so(DbTest *test)
{
    const HttpHeaders tagged = HEADERS({STR("ETag"), STR("\"v1\"")});
    g_autoptr(GError) error = NULL;
    g_auto(Partner) partner;
    int64_t begun_us = SHELF_BEGINS_US;
    FeedSummary summary;

    partner_init(&partner, test);
    answers(&partner, (FakeAnswer){.body = TWO, .times = 1, .headers = tagged});
    answers(&partner, (FakeAnswer){.body = "{\"items\": [{\"id\": \"b\", \"title\": \"Nurse\", "
                                           "\"url\": \"https://x.example/b\"}]}",
                                   .times = 1,
                                   .headers = tagged});
    answers(&partner, (FakeAnswer){.status = 304});
    for (int i = 0; i < 3; i++) {
        begun_us = partner.shelf.clock.now;
        if (!fetch(&partner, &summary, &error))
            g_assert_no_error(error);
        fake_clock_advance_us(&partner.shelf.clock, US_PER_HOUR);
        g_assert_cmpint(shelf_confirmed_at_us(&partner.shelf, "b"), ==, begun_us);
    }
    g_assert_true(summary.unchanged);
}

static void
what_broke_off_goes_on_where_it_stopped(DbTest *test)
{
    static const char REST[] = "{\"id\": \"b\", \"title\": \"Nurse\", \"url\": \"https://x.example/b\"}]}";
    size_t half = sizeof TWO - sizeof REST;
    g_autofree char *range = g_strdup_printf("bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT "/%" G_GSIZE_FORMAT, half,
                                             sizeof TWO - 2, sizeof TWO - 1);
    g_autofree char *asked = g_strdup_printf("Range: bytes=%" G_GSIZE_FORMAT "-\nIf-Range: \"v1\"\n", half);
    g_autoptr(GError) error = NULL;
    g_auto(Partner) partner;
    FeedSummary summary;

    partner_init(&partner, test);
    answers(&partner,
            (FakeAnswer){.body = TWO,
                         .status = 200,
                         .body_size = half,
                         .times = 1,
                         .outcome = HTTP_OUTCOME_BROKEN,
                         .headers = HEADERS({STR("ETag"), STR("\"v1\"")}, {STR("Accept-Ranges"), STR("bytes")})});
    answers(&partner,
            (FakeAnswer){.body = REST, .status = 206, .headers = HEADERS({STR("Content-Range"), str_of(range)})});
    if (!fetch(&partner, &summary, &error))
        g_assert_no_error(error);
    g_assert_true(summary.complete);
    g_assert_cmpint(summary.added, ==, 2);
    g_assert_cmpuint(summary.bytes, ==, sizeof TWO - 1);
    assert_asked_with(&partner, 1, asked);
}

static void
a_feed_that_changed_while_it_broke_off_is_read_from_its_beginning(DbTest *test)
{
    static const char NEWER[] =
        "{\"items\": [{\"id\": \"a\", \"title\": \"Baker\", \"url\": \"https://x.example/a\"}]}";
    g_autoptr(GError) error = NULL;
    g_auto(Partner) partner;
    FeedSummary summary;

    partner_init(&partner, test);
    answers(&partner,
            (FakeAnswer){.body = TWO,
                         .status = 200,
                         .body_size = sizeof TWO - 3,
                         .times = 1,
                         .outcome = HTTP_OUTCOME_BROKEN,
                         .headers = HEADERS({STR("ETag"), STR("\"v1\"")}, {STR("Accept-Ranges"), STR("bytes")})});
    answers(&partner, (FakeAnswer){.body = NEWER});
    if (!fetch(&partner, &summary, &error))
        g_assert_no_error(error);
    g_assert_true(summary.complete);
    g_assert_cmpint(summary.clashed, ==, 0);
    shelf_assert_found(&partner.shelf, &(Question){.keywords = STR("baker")}, "a");
}

static void
what_cannot_be_continued_fails_and_takes_nothing_away(DbTest *test)
{
    const FakeAnswer FIRST[] = {
        /* no ranges; only a weak tag; inflated on its way */
        {.headers = HEADERS({STR("ETag"), STR("\"v1\"")})},
        {.headers = HEADERS({STR("ETag"), STR("W/\"v1\"")}, {STR("Accept-Ranges"), STR("bytes")})},
        {.headers = HEADERS({STR("ETag"), STR("\"v1\"")}, {STR("Accept-Ranges"), STR("bytes")},
                            {STR("Content-Encoding"), STR("gzip")})},
        /* this one could, but never does */
        {.headers = HEADERS({STR("ETag"), STR("\"v1\"")}, {STR("Accept-Ranges"), STR("bytes")})},
    };

    g_auto(Partner) partner;

    partner_init(&partner, test);
    answers(&partner, (FakeAnswer){.body = "no", .status = 416});
    for (size_t i = 0; i < G_N_ELEMENTS(FIRST); i++) {
        g_autoptr(GError) error = NULL;
        FeedSummary summary;
        FakeAnswer first = FIRST[i];

        first.body = TWO;
        first.status = 200;
        first.body_size = 30;
        first.times = 1;
        first.outcome = HTTP_OUTCOME_BROKEN;
        answers(&partner, first);
        g_assert_false(fetch(&partner, &summary, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
        g_assert_false(summary.complete);
        g_assert_cmpuint(fake_client_request_count(partner.client), ==, i < 3 ? i + 1 : 7);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("feeds", a_feed_is_read_as_it_arrives);
    DB_TEST("feeds", the_detail_of_each_listing_is_stored_with_it);
    DB_TEST("feeds", a_partner_that_fails_takes_nothing_away_and_says_why);
    DB_TEST("feeds", a_feed_that_has_not_changed_is_not_sent_again);
    DB_TEST("feeds", what_has_not_changed_is_as_young_as_the_answer_that_says_so);
    DB_TEST("feeds", what_broke_off_goes_on_where_it_stopped);
    DB_TEST("feeds", a_feed_that_changed_while_it_broke_off_is_read_from_its_beginning);
    DB_TEST("feeds", what_cannot_be_continued_fails_and_takes_nothing_away);
    return db_test_run();
}
