#include "engine_fixture.h"

#include <glib/gstdio.h>

#include "feeds/listing_store.h"
#include "store/migrate.h"
#include "support/db_test.h"
#include "tracking/search_store.h"

#define PATIENCE_US (60 * US_PER_SECOND)

static void
migrate_ok(DbTest *test)
{
    g_autoptr(GError) error = NULL;

    if (!migrate(test->db, clock_system(), NULL, &error))
        g_assert_no_error(error);
}

/* ---- the event ---- */

static Spool *
open_spool(const char *path, const char *database_url)
{
    SpoolSpec spec = {.path = path, .database_url = database_url, .queue_limit = 100, .clock = clock_system()};
    g_autoptr(GError) error = NULL;
    Spool *spool = spool_open(&spec, &error);

    g_assert_no_error(error);
    return spool;
}

static void
remove_folder(const char *folder)
{
    g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(files)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_assert_cmpint(g_remove(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static SearchRecord
find_record(DbTest *test, Id id, Arena *arena)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(test->db, DB_READ, &error);
    SearchRecord record = {0};

    g_assert_no_error(error);
    if (!search_find(tx, id, arena, &record, &error))
        g_assert_no_error(error);
    return record;
}

static void
assert_recorded(const Caught *caught, const SearchRecord *record, Arena *arena)
{
    ptrdiff_t before = -1;

    g_assert_true(str_is(record->event.keywords, "nurse"));
    g_assert_true(str_is(record->event.mode, "widest"));
    g_assert_cmpint(record->event.at_us, ==, caught->answer.at_us);
    g_assert_cmpint(record->event.took_us, ==, caught->answer.took_us);
    g_assert_true(record->event.partial);
    for (size_t i = 0; i < caught->answer.listing_count; i++) {
        const Listing *listing = caught->answer.listings[i].listing;
        Str title = arena_printf(arena, "\"%.*s\"", STR_FORMAT(listing->title));
        ptrdiff_t at = str_find(record->shown, title);

        /* In the order of the answer. */
        g_assert_cmpint(at, >, before);
        before = at;
    }
    g_assert_cmpint(str_find(record->event.sources, STR("{\"source\":\"alpha\",\"status\":\"ok\",\"count\":2,"
                                                        "\"took_ms\":5}")),
                    >=, 0);
    g_assert_cmpint(str_find(record->event.sources, STR("\"source\":\"beta\",\"status\":\"transient\"")), >=, 0);
    g_assert_cmpint(str_find(record->event.sources, STR("gamma")), <, 0);
}

static void
a_search_is_recorded_with_what_it_showed(DbTest *test)
{
    g_autofree char *folder = g_dir_make_tmp("weir-search-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "spool.db", NULL);
    EngineParts parts = {0};
    EngineFixture f = {0};
    Caught *caught;
    SearchRecord record;

    migrate_ok(test);
    parts.spool = open_spool(path, test->url);
    engine_fixture_set_up(&f, &parts);
    fixture_listings(&f, "alpha", 0, "1|Nurse aide|Acme|0.25,2|Cook|Acme|0.10", 5);
    fixture_failure(&f, "beta", 500, HTTP_OUTCOME_ANSWERED, 7);
    caught = fixture_answer(&f, "mode=widest&sources=alpha,beta");
    g_assert_cmpuint(caught->answer.listing_count, ==, 2);
    g_assert_true(spool_flush(parts.spool, clock_monotonic_us(clock_system()) + PATIENCE_US));
    record = find_record(test, caught->answer.search_id, f.arena);
    assert_recorded(caught, &record, f.arena);
    engine_fixture_tear_down(&f, &parts);
    spool_close(parts.spool, PATIENCE_US);
    remove_folder(folder);
}

/* The second one merges, and tells it whole; the third one names the page. */
static void
searches_that_are_answered_alike_are_recorded_alike(DbTest *test)
{
    g_autofree char *folder = g_dir_make_tmp("weir-search-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "spool.db", NULL);
    EngineParts parts = {0};
    EngineFixture f = {0};
    Caught *caught[3];
    SearchRecord records[3];

    migrate_ok(test);
    parts.spool = open_spool(path, test->url);
    engine_fixture_set_up(&f, &parts);
    fixture_listings(&f, "kept", 0, "1|Nurse aide|Acme|0.25,2|Cook|Acme|0.10", 5);
    for (size_t i = 0; i < G_N_ELEMENTS(caught); i++)
        caught[i] = fixture_answer(&f, "sources=kept");
    g_assert_true(spool_flush(parts.spool, clock_monotonic_us(clock_system()) + PATIENCE_US));
    for (size_t i = 0; i < G_N_ELEMENTS(caught); i++) {
        records[i] = find_record(test, caught[i]->answer.search_id, f.arena);
        g_assert_cmpuint(records[i].event.shown_count, ==, 2);
        g_assert_cmpstr(records[i].shown.at, ==, records[0].shown.at);
        g_assert_true(str_is(records[i].event.keywords, "nurse"));
        g_assert_cmpint(records[i].event.at_us, ==, caught[i]->answer.at_us);
    }
    g_assert_cmpstr(records[2].event.sources.at, ==, records[1].event.sources.at);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search WHERE page_id IS NULL"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search_page"), ==, 1);
    engine_fixture_tear_down(&f, &parts);
    spool_close(parts.spool, PATIENCE_US);
    remove_folder(folder);
}

/* ---- the index ---- */

static void
store_listings(DbTest *test, int count, int64_t pulled_at_us)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(test->db, DB_WRITE, &error);
    g_autoptr(Arena) scratch = arena_new(4096);
    g_autoptr(IndexBatch) index = index_batch_new();
    FakeClock clock;
    IdMint mint;
    Id pull_id;

    fake_clock_init(&clock, pulled_at_us);
    id_mint_init(&mint, &clock.clock, 2);
    pull_id = id_mint(&mint);
    for (int i = 0; i < count; i++) {
        Listing listing = {
            .source = STR("shelf"),
            .id = arena_printf(scratch, "%d", i),
            .title = arena_printf(scratch, "Nurse on shelf %d", i),
            .company = STR("Shelf"),
            .url = arena_printf(scratch, "https://shelf.example/%d", i),
            .posted_at_us = START_US - i * US_PER_DAY,
            .expires_at_us = TIMESTAMP_NONE,
        };
        StoredOutcome outcome;
        bool clashed;

        if (!listing_store_put(tx, &listing, pull_id, &mint, START_US, index, &outcome, &clashed, &error))
            g_assert_no_error(error);
    }
    g_assert_true(index_batch_write(index, tx, &error));
    g_assert_true(db_commit_auto(&tx, &error));
    g_assert_no_error(error);
}

/* Asks with workers of its own; they end, and with them the look into the index, before the loop goes on. */
static Caught *
answer_with_index(EngineFixture *f, EngineParts *parts, const char *url, const char *text)
{
    Caught *caught;

    parts->index = db_workers_new(url, 1, 8);
    engine_fixture_set_up(f, parts);
    fixture_listings(f, "alpha", 0, "1|Nurse|Acme|0.10", 0);
    caught = fixture_search(f, text);
    fake_loop_run(f->loop);
    db_workers_free(parts->index);
    g_assert_true(fake_loop_run_until(f->loop, &caught->done, US_PER_MINUTE));
    return caught;
}

static void
stored_listings_are_answered_beside_live_ones(DbTest *test)
{
    EngineParts parts = {0};
    EngineFixture f = {0};
    Caught *caught;

    migrate_ok(test);
    store_listings(test, 3, START_US);
    caught = answer_with_index(&f, &parts, test->url, "mode=widest&sources=alpha,shelf");
    assert_status(caught, "alpha", SOURCE_OK);
    assert_status(caught, "shelf", SOURCE_OK);
    g_assert_cmpuint(caught_source(caught, "shelf")->count, ==, 3);
    g_assert_cmpuint(caught->answer.listing_count, ==, 4);
    g_assert_false(caught->answer.partial);
    engine_fixture_tear_down(&f, &parts);
}

static void
a_stored_listing_is_shown_while_its_price_holds_and_its_link_is_as_old_as_its_pull(DbTest *test)
{
    int64_t pulled_at_us = START_US - 23 * US_PER_HOUR;
    EngineParts parts = {.cache = {.index = {.fresh_us = US_PER_DAY}}};
    EngineFixture f = {0};
    Caught *caught;

    migrate_ok(test);
    store_listings(test, 3, pulled_at_us);
    caught = answer_with_index(&f, &parts, test->url, "mode=widest&sources=shelf");
    g_assert_cmpuint(caught->answer.listing_count, ==, 3);
    g_assert_cmpint(fixture_open(&f, &caught->answer.listings[0]).confirmed_at_us, ==, pulled_at_us);
    /* The answer is kept for longer than the prices in it hold. */
    fake_loop_advance_us(f.loop, US_PER_HOUR - US_PER_MINUTE);
    for (int i = 0; i < 2; i++) /* from the answer, and from the first page made of it */
        g_assert_cmpuint(fixture_answer(&f, "sources=shelf")->answer.listing_count, ==, 3);
    fake_loop_advance_us(f.loop, 2 * US_PER_MINUTE);
    caught = fixture_answer(&f, "sources=shelf");
    assert_status(caught, "shelf", SOURCE_OK);
    g_assert_cmpuint(caught->answer.listing_count, ==, 0);
    engine_fixture_tear_down(&f, &parts);
}

/* Nothing is left that could ask the database: what is answered then was kept. */
static void
a_search_that_was_asked_before_needs_no_database(DbTest *test)
{
    EngineParts parts = {.cache = {.index = {.fresh_us = 30 * US_PER_SECOND}}};
    EngineFixture f = {0};
    Caught *first, *second;

    migrate_ok(test);
    store_listings(test, 3, START_US);
    first = answer_with_index(&f, &parts, test->url, "mode=widest&sources=kept,shelf");
    assert_status(first, "shelf", SOURCE_OK);
    g_assert_cmpint(caught_source(first, "shelf")->cache, ==, CACHE_MISS);
    second = fixture_answer(&f, "mode=fastest&sources=shelf");
    assert_status(second, "shelf", SOURCE_OK);
    g_assert_cmpint(second->done_us, ==, 0);
    g_assert_cmpstr(second->answer.cache, ==, "hit");
    g_assert_cmpuint(second->answer.listing_count, ==, 3);
    g_assert_cmpint(first->answer.search_id, !=, second->answer.search_id);
    engine_fixture_tear_down(&f, &parts);
}

static double
looks_learned(EngineFixture *f)
{
    return learned_belief(search_engine_learned(f->engine), LEARNED_INDEX, START_US).calls;
}

static void
what_several_searches_wait_for_is_learned_once(DbTest *test)
{
    EngineParts parts = {.index = db_workers_new(test->url, 1, 8)};
    EngineFixture f = {0};
    Caught *first, *second;

    migrate_ok(test);
    store_listings(test, 3, START_US);
    engine_fixture_set_up(&f, &parts);
    first = fixture_search(&f, "mode=widest&sources=shelf");
    second = fixture_search(&f, "mode=widest&sources=shelf");
    fake_loop_run(f.loop);
    db_workers_free(parts.index);
    g_assert_true(fake_loop_run_until(f.loop, &second->done, US_PER_MINUTE));
    assert_status(first, "shelf", SOURCE_OK);
    g_assert_true(caught_source(second, "shelf")->collapsed);
    g_assert_cmpfloat(looks_learned(&f), ==, 1);
    engine_fixture_tear_down(&f, &parts);
}

static void
a_database_that_is_down_costs_only_stored_listings(DbTest *test)
{
    EngineParts parts = {0};
    EngineFixture f = {0};
    Caught *caught;

    (void)test;
    caught = answer_with_index(&f, &parts, "postgresql://127.0.0.1:1/none", "mode=widest&sources=alpha,shelf");
    assert_status(caught, "alpha", SOURCE_OK);
    assert_status(caught, "shelf", SOURCE_TRANSIENT);
    g_assert_true(str_starts_with(caught_source(caught, "shelf")->reason, STR("the index: ")));
    g_assert_cmpuint(caught->answer.listing_count, ==, 1);
    g_assert_true(caught->answer.partial);
    engine_fixture_tear_down(&f, &parts);
}

static void
without_an_index_a_feed_is_skipped_with_the_reason(DbTest *test)
{
    EngineParts parts = {0};
    EngineFixture f = {0};
    Caught *caught;

    (void)test;
    engine_fixture_set_up(&f, &parts);
    caught = fixture_answer(&f, "sources=shelf");
    assert_status(caught, "shelf", SOURCE_SKIPPED);
    g_assert_true(str_is(caught_source(caught, "shelf")->reason, "has only a feed, and this process has no index"));
    engine_fixture_tear_down(&f, &parts);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("search", a_search_is_recorded_with_what_it_showed);
    DB_TEST("search", searches_that_are_answered_alike_are_recorded_alike);
    DB_TEST("search", stored_listings_are_answered_beside_live_ones);
    DB_TEST("search", a_stored_listing_is_shown_while_its_price_holds_and_its_link_is_as_old_as_its_pull);
    DB_TEST("search", a_search_that_was_asked_before_needs_no_database);
    DB_TEST("search", what_several_searches_wait_for_is_learned_once);
    db_test_add_on(DB_ENGINE_SQLITE, "search", "a_database_that_is_down_costs_only_stored_listings",
                   a_database_that_is_down_costs_only_stored_listings);
    db_test_add_on(DB_ENGINE_SQLITE, "search", "without_an_index_a_feed_is_skipped_with_the_reason",
                   without_an_index_a_feed_is_skipped_with_the_reason);
    return db_test_run();
}
