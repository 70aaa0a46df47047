#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.h"
#include "store/migrate.h"
#include "support/db_test.h"
#include "tracking/spool.h"

#define CHILD_ARGUMENT "--add-clicks"
#define PATIENCE_US    (60 * US_PER_SECOND)
#define DOWN           "postgresql://127.0.0.1:1/none"

static void
migrate_ok(Db *db)
{
    g_autoptr(GError) error = NULL;

    if (!migrate(db, clock_system(), NULL, &error))
        g_assert_no_error(error);
}

static Spool *
open_spool(const char *path, const char *database_url, size_t queue_limit)
{
    g_autoptr(GError) error = NULL;
    Spool *spool = spool_open(
        &(SpoolSpec){.path = path, .database_url = database_url, .queue_limit = queue_limit, .clock = clock_system()},
        &error);

    g_assert_no_error(error);
    return spool;
}

static bool
flush(Spool *spool)
{
    return spool_flush(spool, clock_monotonic_us(clock_system()) + PATIENCE_US);
}

static bool
try_add_click(Spool *spool, Id id, void (*durable)(void *data, const GError *error), void *data, GError **error)
{
    g_autoptr(GString) bytes = g_string_new(NULL);
    ClickEvent click = {.id = id, .at_us = 1, .search_id = 1, .position = 1, .source = STR("acme"), .sub_id = STR("s")};

    event_write_click(&click, bytes);
    return spool_add(spool, EVENT_CLICK, id, bytes, durable, data, error);
}

static void
add_click(Spool *spool, Id id)
{
    g_autoptr(GError) error = NULL;

    if (!try_add_click(spool, id, NULL, NULL, &error))
        g_assert_no_error(error);
}

typedef struct {
    char *folder, *path;
} Place;

static Place
place_new(void)
{
    Place place = {.folder = g_dir_make_tmp("weir-spool-XXXXXX", NULL)};

    place.path = g_build_filename(place.folder, "spool.db", NULL);
    return place;
}

static void
place_free(Place *place)
{
    g_autoptr(GDir) files = g_dir_open(place->folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(files)) != NULL) {
        g_autofree char *path = g_build_filename(place->folder, name, NULL);

        g_remove(path);
    }
    g_rmdir(place->folder);
    g_free(place->folder);
    g_free(place->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_free)

static int64_t
spool_int(const Place *place, const char *sql)
{
    g_autofree char *url = g_strconcat("sqlite:", place->path, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Db) db = db_open(url, &error);

    g_assert_no_error(error);
    return db_test_int(db, sql);
}

/* ---- a latch for durable() ---- */

typedef struct {
    GMutex lock;
    GCond changed;
    int done, failed;
    bool blocked;
} Latch;

static void
latch_durable(void *data, const GError *error)
{
    Latch *latch = data;

    g_mutex_lock(&latch->lock);
    while (latch->blocked)
        g_cond_wait(&latch->changed, &latch->lock);
    latch->done++;
    latch->failed += error != NULL;
    g_cond_broadcast(&latch->changed);
    g_mutex_unlock(&latch->lock);
}

static void
latch_wait(Latch *latch, int done)
{
    g_mutex_lock(&latch->lock);
    while (latch->done < done)
        g_cond_wait(&latch->changed, &latch->lock);
    g_mutex_unlock(&latch->lock);
}

static void
latch_release(Latch *latch)
{
    g_mutex_lock(&latch->lock);
    latch->blocked = false;
    g_cond_broadcast(&latch->changed);
    g_mutex_unlock(&latch->lock);
}

/* ---- the tests ---- */

static void
an_event_reaches_the_database_and_leaves_the_spool(DbTest *test)
{
    g_auto(Place) place = place_new();
    Spool *spool;

    migrate_ok(test->db);
    spool = open_spool(place.path, test->url, 10000);
    for (Id id = 1; id <= 1234; id++)
        add_click(spool, id);
    g_assert_true(flush(spool));
    g_assert_cmpint(spool_backlog(spool), ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click"), ==, 1234);
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(spool_int(&place, "SELECT COALESCE(SUM(events), 0) FROM batch"), ==, 0);
}

static void
a_durable_click_outlives_its_process_and_ships_at_the_next_start(DbTest *test)
{
    g_auto(Place) place = place_new();
    Latch latch = {0};
    Spool *spool;

    migrate_ok(test->db);
    spool = open_spool(place.path, DOWN, 100);
    g_assert_true(try_add_click(spool, 1, latch_durable, &latch, NULL));
    g_assert_true(try_add_click(spool, 2, latch_durable, &latch, NULL));
    latch_wait(&latch, 2);
    g_assert_cmpint(latch.failed, ==, 0);
    g_assert_cmpint(spool_backlog(spool), ==, 2);
    spool_close(spool, 0);
    g_assert_cmpint(spool_int(&place, "SELECT COALESCE(SUM(events), 0) FROM batch"), ==, 2);

    spool = open_spool(place.path, test->url, 100);
    g_assert_cmpint(spool_backlog(spool), <=, 2);
    add_click(spool, 3);
    g_assert_true(flush(spool));
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click"), ==, 3);
    g_assert_cmpint(latch.done, ==, 2);
}

/* Nobody flushes, and none of them is waited for: the moment that they linger passes by itself. */
static void
events_that_nobody_waits_for_get_there_by_themselves(DbTest *test)
{
    g_auto(Place) place = place_new();
    int64_t until_us = g_get_monotonic_time() + 30 * US_PER_SECOND;
    Spool *spool;

    migrate_ok(test->db);
    spool = open_spool(place.path, test->url, 10000);
    for (Id id = 1; id <= 3; id++)
        add_click(spool, id);
    while (spool_backlog(spool) > 0 && g_get_monotonic_time() < until_us)
        g_usleep(1000);
    g_assert_cmpint(spool_backlog(spool), ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click"), ==, 3);
    spool_close(spool, 0);
}

static void
add_search_of_page(Spool *spool, Id id, Id page_id)
{
    const ShownListing shown[] = {{STR("acme"), STR("1"), STR("Nurse"), {450000, {"USD"}}}};
    SearchEvent search = {.id = id, .at_us = 1000, .shown_count = 1, .page_id = page_id};
    PageEvent page = {.id = page_id, .made_at_us = 900, .shown = shown, .shown_count = 1, .sources = STR("[1]")};
    g_autoptr(GString) search_bytes = g_string_new(NULL), page_bytes = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    event_write_search(&search, search_bytes);
    event_write_page(&page, page_bytes);
    g_assert_true(spool_add_search(spool, id, search_bytes, page_id, str_of_gstring(page_bytes), &error));
    g_assert_no_error(error);
}

/* The page goes along once a commit, and once into the database. */
static void
searches_that_showed_the_same_are_stored_with_it_once(DbTest *test)
{
    g_auto(Place) place = place_new();
    Spool *spool;

    migrate_ok(test->db);
    spool = open_spool(place.path, test->url, 10000);
    for (Id id = 1; id <= 1000; id++)
        add_search_of_page(spool, 5000 + id, id % 3 + 1);
    g_assert_true(flush(spool));
    for (Id id = 1001; id <= 1010; id++)
        add_search_of_page(spool, 5000 + id, id % 3 + 1);
    g_assert_true(flush(spool));
    g_assert_cmpint(spool_backlog(spool), ==, 0);
    g_assert_cmpint(spool_quarantined(spool), ==, 0);
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search_page"), ==, 3);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM search s JOIN search_page p ON p.id = s.page_id "
                                          "WHERE p.sources = '[1]' AND p.shown LIKE '%Nurse%'"),
                    ==, 1010);
}

/* In whatever commit they are, both are in it: what a database gets after a crash is never the one without the other. */
static void
a_search_and_its_page_wait_in_the_same_commit(void)
{
    g_auto(Place) place = place_new();
    Latch latch = {0};
    Spool *spool = open_spool(place.path, DOWN, 1000);

    for (int i = 1; i <= 5; i++) {
        add_search_of_page(spool, i, 77);
        g_assert_true(try_add_click(spool, 100 + i, latch_durable, &latch, NULL));
        latch_wait(&latch, i);
    }
    spool_close(spool, 0);
    /* A search, its page and a click each. */
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM batch WHERE events = 3"), ==, 5);
}

static void
an_event_that_comes_twice_is_stored_once(DbTest *test)
{
    g_auto(Place) place = place_new();
    Spool *spool;

    migrate_ok(test->db);
    spool = open_spool(place.path, test->url, 100);
    for (int i = 0; i < 3; i++) {
        add_click(spool, 42);
        g_assert_true(flush(spool));
    }
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click"), ==, 1);
}

static void
poison_is_put_aside_and_blocks_nothing(DbTest *test)
{
    g_auto(Place) place = place_new();
    g_autoptr(GString) garbage = g_string_new("garbage"), empty = g_string_new(NULL), bad = g_string_new(NULL);
    ClickEvent no_source = {.id = 7};
    g_autoptr(GError) error = NULL;
    Spool *spool;

    migrate_ok(test->db);
    event_write_click(&no_source, bad);
    spool = open_spool(place.path, test->url, 100);
    add_click(spool, 1);
    g_assert_true(spool_add(spool, EVENT_CLICK, 5, garbage, NULL, NULL, &error));
    g_assert_true(spool_add(spool, EVENT_SEARCH, 6, empty, NULL, NULL, &error));
    g_assert_true(spool_add(spool, EVENT_CLICK, 7, bad, NULL, NULL, &error));
    g_assert_true(spool_add(spool, (EventKind)9, 8, bad, NULL, NULL, &error));
    add_click(spool, 2);
    g_assert_true(flush(spool));
    g_assert_cmpint(spool_backlog(spool), ==, 0);
    g_assert_cmpint(spool_quarantined(spool), ==, 4);
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click"), ==, 2);
    g_assert_cmpint(spool_int(&place, "SELECT COALESCE(SUM(events), 0) FROM batch"), ==, 0);
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM quarantine WHERE reason <> '' AND id BETWEEN 5 AND 8"), ==,
                    4);

    spool = open_spool(place.path, test->url, 100);
    g_assert_cmpint(spool_quarantined(spool), ==, 4);
    spool_close(spool, 0);
}

static Spool *
open_forgetful(const char *path, const char *database_url, const Clock *clock)
{
    g_autoptr(GError) error = NULL;
    Spool *spool = spool_open(&(SpoolSpec){.path = path,
                                           .database_url = database_url,
                                           .queue_limit = 100,
                                           .quarantine_age_us = 30 * US_PER_DAY,
                                           .clock = clock},
                              &error);

    g_assert_no_error(error);
    return spool;
}

static void
add_garbage(Spool *spool, Id id, const Clock *clock)
{
    g_autoptr(GString) garbage = g_string_new("garbage");
    g_autoptr(GError) error = NULL;

    g_assert_true(spool_add(spool, EVENT_CLICK, id, garbage, NULL, NULL, &error));
    g_assert_true(spool_flush(spool, clock_monotonic_us(clock) + PATIENCE_US));
}

static void
what_was_put_aside_is_forgotten_after_its_time(DbTest *test)
{
    g_auto(Place) place = place_new();
    FakeClock clock;
    Spool *spool;

    migrate_ok(test->db);
    fake_clock_init(&clock, 1000 * US_PER_DAY);
    spool = open_forgetful(place.path, test->url, &clock.clock);
    add_garbage(spool, 1, &clock.clock);
    spool_close(spool, 0);
    fake_clock_advance_us(&clock, 20 * US_PER_DAY);
    spool = open_forgetful(place.path, test->url, &clock.clock);
    g_assert_cmpint(spool_quarantined(spool), ==, 1);
    add_garbage(spool, 2, &clock.clock);
    spool_close(spool, 0);
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM quarantine"), ==, 2);
    /* The first is too old when the third comes, the second when the spool is opened after that. */
    fake_clock_advance_us(&clock, 10 * US_PER_DAY);
    spool = open_forgetful(place.path, test->url, &clock.clock);
    fake_clock_advance_us(&clock, 1);
    add_garbage(spool, 3, &clock.clock);
    spool_close(spool, 0);
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM quarantine WHERE id IN (2, 3)"), ==, 2);
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM quarantine"), ==, 2);
    fake_clock_advance_us(&clock, 25 * US_PER_DAY);
    spool = open_forgetful(place.path, test->url, &clock.clock);
    g_assert_cmpint(spool_quarantined(spool), ==, 1);
    spool_close(spool, 0);
    g_assert_cmpint(spool_int(&place, "SELECT MAX(id) FROM quarantine"), ==, 3);
    /* Without an age, for ever. */
    spool_close(open_spool(place.path, test->url, 100), 0);
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM quarantine"), ==, 1);
}

/* A database without our tables refuses everything: that is no event's fault. */
static void
events_wait_for_tables_that_are_missing(DbTest *test)
{
    g_auto(Place) place = place_new();
    Spool *spool = open_spool(place.path, test->url, 100);

    for (Id id = 1; id <= 5; id++)
        add_click(spool, id);
    g_assert_false(spool_flush(spool, clock_monotonic_us(clock_system()) + 300 * US_PER_MS));
    g_assert_cmpint(spool_quarantined(spool), ==, 0);
    migrate_ok(test->db);
    g_assert_true(flush(spool));
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click"), ==, 5);
}

static void
events_wait_for_a_database_that_is_down(void)
{
    g_auto(Place) place = place_new(), other = place_new();
    g_autofree char *folder = g_build_filename(other.folder, "later", NULL);
    g_autofree char *url = g_strconcat("sqlite:", folder, "/test.db", NULL);
    Spool *spool = open_spool(place.path, url, 100);
    g_autoptr(GError) error = NULL;
    g_autoptr(Db) db = NULL;

    add_click(spool, 1);
    g_assert_false(spool_flush(spool, clock_monotonic_us(clock_system()) + 50 * US_PER_MS));
    g_assert_cmpint(spool_backlog(spool), ==, 1);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    db = db_open(url, &error);
    g_assert_no_error(error);
    migrate_ok(db);
    add_click(spool, 2);
    g_assert_true(flush(spool));
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(db_test_int(db, "SELECT COUNT(*) FROM click"), ==, 2);
    g_clear_pointer(&db, db_close);
    {
        Place later = {.folder = g_strdup(folder), .path = NULL};

        place_free(&later);
    }
}

static void
a_full_queue_refuses_and_forgets_nothing(void)
{
    g_auto(Place) place = place_new();
    Latch latch = {.blocked = true};
    Spool *spool = open_spool(place.path, DOWN, 3);
    g_autoptr(GError) error = NULL;
    int added = 0;

    /* The writer is held in the callback of the first, so that the queue fills up. */
    g_assert_true(try_add_click(spool, 1, latch_durable, &latch, NULL));
    for (added = 1; added < 100 && try_add_click(spool, added + 1, latch_durable, &latch, &error); added++)
        continue;
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    g_assert_cmpint(added, >=, 3);
    latch_release(&latch);
    latch_wait(&latch, added);
    g_assert_cmpint(spool_backlog(spool), ==, added);
    spool_close(spool, 0);
    g_assert_cmpint(spool_int(&place, "SELECT COALESCE(SUM(events), 0) FROM batch"), ==, added);
    g_assert_cmpint(latch.done, ==, added);
}

static void
clicks_that_come_during_a_commit_share_the_next_one(void)
{
    g_auto(Place) place = place_new();
    Latch first = {.blocked = true}, others = {0};
    Spool *spool = open_spool(place.path, DOWN, 100);

    g_assert_true(try_add_click(spool, 1, latch_durable, &first, NULL));
    while (spool_int(&place, "SELECT COUNT(*) FROM batch") == 0)
        g_thread_yield();
    /* The writer is held in the callback of the first. */
    for (Id id = 2; id <= 51; id++)
        g_assert_true(try_add_click(spool, id, latch_durable, &others, NULL));
    latch_release(&first);
    latch_wait(&others, 50);
    spool_close(spool, 0);
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM batch"), ==, 2);
    g_assert_cmpint(spool_int(&place, "SELECT events FROM batch WHERE last_seq = 51"), ==, 50);
}

/* What is left of a batch that can't be read is one thing to look at; what can be is shipped. */
static void
a_batch_with_bytes_that_are_not_ours_is_put_aside_from_there_on(DbTest *test)
{
    g_auto(Place) place = place_new();
    Latch latch = {0};
    Spool *spool;

    migrate_ok(test->db);
    spool = open_spool(place.path, DOWN, 100);
    g_assert_true(try_add_click(spool, 1, latch_durable, &latch, NULL));
    latch_wait(&latch, 1);
    spool_close(spool, 0);
    {
        g_autofree char *url = g_strconcat("sqlite:", place.path, NULL);
        g_autoptr(GError) error = NULL;
        g_autoptr(Db) file = db_open(url, &error);

        g_assert_no_error(error);
        db_test_exec(file, "UPDATE batch SET events = 2, bytes = CAST(bytes || x'02047f41' AS BLOB)");
    }
    spool = open_spool(place.path, test->url, 100);
    g_assert_true(flush(spool));
    g_assert_cmpint(spool_backlog(spool), ==, 0);
    g_assert_cmpint(spool_quarantined(spool), ==, 1);
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click WHERE id = 1"), ==, 1);
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM quarantine WHERE bytes = x'02047f41'"), ==, 1);
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM batch"), ==, 0);
}

typedef struct {
    Spool *spool;
    Latch *latch;
    Id first;
} Clicker;

#define CLICKS_EACH 500

static gpointer
clicker_run(gpointer data)
{
    const Clicker *clicker = data;

    for (Id id = clicker->first; id < clicker->first + CLICKS_EACH; id++)
        g_assert_true(try_add_click(clicker->spool, id, latch_durable, clicker->latch, NULL));
    return NULL;
}

static void
many_threads_lose_nothing_between_them(DbTest *test)
{
    g_auto(Place) place = place_new();
    Latch latch = {0};
    Clicker clickers[8];
    GThread *threads[G_N_ELEMENTS(clickers)];
    Spool *spool;
    const int all = CLICKS_EACH * (int)G_N_ELEMENTS(clickers);

    migrate_ok(test->db);
    spool = open_spool(place.path, test->url, (size_t)all);
    for (size_t i = 0; i < G_N_ELEMENTS(clickers); i++) {
        clickers[i] = (Clicker){spool, &latch, (Id)(1 + i * CLICKS_EACH)};
        threads[i] = g_thread_new("clicker", clicker_run, &clickers[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(clickers); i++)
        g_thread_join(threads[i]);
    latch_wait(&latch, all);
    g_assert_true(flush(spool));
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(latch.done, ==, all);
    g_assert_cmpint(latch.failed, ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM click"), ==, all);
}

static void
file_size_limit(rlim_t bytes)
{
    struct rlimit limit;

    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    limit.rlim_cur = bytes;
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

static void
a_click_that_can_not_be_written_is_reported_and_the_next_one_is_kept(void)
{
    g_auto(Place) place = place_new();
    Latch latch = {0};
    Spool *spool = open_spool(place.path, DOWN, 10);

    signal(SIGXFSZ, SIG_IGN);
    file_size_limit(1); /* as a disk that is full */
    g_assert_true(try_add_click(spool, 1, latch_durable, &latch, NULL));
    latch_wait(&latch, 1);
    file_size_limit(RLIM_INFINITY);
    g_assert_cmpint(latch.failed, ==, 1);
    g_assert_cmpint(spool_backlog(spool), ==, 0);

    g_assert_true(try_add_click(spool, 2, latch_durable, &latch, NULL));
    latch_wait(&latch, 2);
    g_assert_cmpint(latch.failed, ==, 1);
    g_assert_cmpint(spool_backlog(spool), ==, 1);
    spool_close(spool, 0);
    g_assert_cmpint(spool_int(&place, "SELECT last_seq FROM batch"), ==, 2);
    g_assert_cmpint(spool_int(&place, "SELECT COALESCE(SUM(events), 0) FROM batch"), ==, 1);
}

static bool
wait_until_failing_is(Spool *spool, bool failing)
{
    int64_t until_us = g_get_monotonic_time() + PATIENCE_US;

    while (spool_health(spool).is_failing != failing && g_get_monotonic_time() < until_us)
        g_usleep(10 * US_PER_MS);
    return spool_health(spool).is_failing == failing;
}

static void
a_full_disk_is_told_and_over_as_soon_as_there_is_room_without_another_click(void)
{
    g_auto(Place) place = place_new();
    g_autoptr(GError) error = NULL;
    Latch latch = {0};
    g_autoptr(Metrics) metrics = metrics_new();
    Spool *spool = spool_open(
        &(SpoolSpec){
            .path = place.path, .database_url = DOWN, .queue_limit = 10, .clock = clock_system(), .metrics = metrics},
        &error);

    g_assert_no_error(error);
    g_assert_false(spool_health(spool).is_failing);
    g_assert_cmpint(metric_value(metrics, METRIC_SPOOL_WRITABLE, NULL, NULL), ==, 1);
    signal(SIGXFSZ, SIG_IGN);
    file_size_limit(1);
    for (Id id = 1; id <= 3; id++) {
        g_assert_true(try_add_click(spool, id, latch_durable, &latch, NULL));
        latch_wait(&latch, (int)id);
    }
    g_assert_cmpint(latch.failed, ==, 3);
    g_assert_true(spool_health(spool).is_failing);
    g_assert_cmpint(spool_health(spool).lost_clicks, ==, 3);
    g_assert_true(g_str_has_prefix(spool_health(spool).reason, "spool: "));
    g_assert_cmpint(metric_value(metrics, METRIC_SPOOL_WRITABLE, NULL, NULL), ==, 0);
    g_assert_cmpint(metric_value(metrics, METRIC_SPOOL_LOST, "click", NULL), ==, 3);
    file_size_limit(RLIM_INFINITY);
    g_assert_true(wait_until_failing_is(spool, false));
    g_assert_cmpint(spool_health(spool).lost_clicks, ==, 3);
    g_assert_cmpint(metric_value(metrics, METRIC_SPOOL_WRITABLE, NULL, NULL), ==, 1);
    spool_close(spool, 0);
    g_assert_cmpint(spool_int(&place, "SELECT COUNT(*) FROM batch"), ==, 0);
}

static void
an_event_without_measure_is_refused(void)
{
    g_auto(Place) place = place_new();
    Spool *spool = open_spool(place.path, DOWN, 3);
    g_autoptr(GString) bytes = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    g_string_set_size(bytes, SPOOL_EVENT_LIMIT_BYTES + 1);
    g_assert_false(spool_add(spool, EVENT_CLICK, 1, bytes, NULL, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    g_assert_cmpint(spool_backlog(spool), ==, 0);
    spool_close(spool, 0);
}

static void
a_spool_is_open_once(void)
{
    g_auto(Place) place = place_new();
    Spool *spool = open_spool(place.path, DOWN, 3);
    g_autoptr(GError) error = NULL;

    g_assert_null(spool_open(
        &(SpoolSpec){.path = place.path, .database_url = DOWN, .queue_limit = 1, .clock = clock_system()}, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, place.path));
    spool_close(spool, 0);
    spool = open_spool(place.path, DOWN, 3);
    spool_close(spool, 0);
}

/* ---- kill -9 ---- */

static void
child_durable(void *data, const GError *error)
{
    Id id = (Id)(intptr_t)data;

    if (error == NULL && write(STDOUT_FILENO, &id, sizeof id) != sizeof id)
        _exit(3);
}

/* Runs in a process of its own until it is killed: adds clicks and writes the id of each that is durable. */
static _Noreturn void
child_run(const char *path, const char *database_url, const char *round)
{
    IdMint mint;
    Spool *spool = open_spool(path, database_url, 200);

    id_mint_init(&mint, clock_system(), (unsigned)g_ascii_strtoull(round, NULL, 10));
    for (;;) {
        Id id = id_mint(&mint);

        if (!try_add_click(spool, id, child_durable, (void *)(intptr_t)id, NULL))
            g_thread_yield();
    }
}

/* Kills a child after it has promised `least` clicks; adds what it promised to promised. */
static void
run_and_kill(const char *path, const char *url, int round, uint64_t least, GArray *promised)
{
    g_autofree char *number = g_strdup_printf("%d", round);
    const char *const argv[] = {"/proc/self/exe", CHILD_ARGUMENT, path, url, number, NULL};
    g_autoptr(GError) error = NULL;
    uint64_t count = 0;
    int from_child, status;
    GPid child;
    Id id;

    g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child, NULL,
                             &from_child, NULL, &error);
    g_assert_no_error(error);
    while (read(from_child, &id, sizeof id) == sizeof id) {
        g_array_append_val(promised, id);
        if (++count == least)
            kill(child, SIGKILL);
    }
    close(from_child);
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
no_promised_click_is_lost_by_kill_nine(DbTest *test)
{
    g_auto(Place) place = place_new();
    g_autoptr(GArray) promised = g_array_new(FALSE, FALSE, sizeof(Id));
    g_autoptr(GHashTable) stored = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(GError) error = NULL;
    SeededRandom random;
    Spool *spool;

    migrate_ok(test->db);
    seeded_random_init(&random, 9);
    for (int round = 0; round < 50; round++)
        run_and_kill(place.path, test->url, round, 1 + random_below(&random.random, 400), promised);
    spool = open_spool(place.path, test->url, 100);
    g_assert_true(flush(spool));
    spool_close(spool, US_PER_SECOND);
    g_assert_cmpint(spool_int(&place, "SELECT COALESCE(SUM(events), 0) FROM batch"), ==, 0);
    {
        g_autoptr(DbTx) tx = db_begin(test->db, DB_READ, &error);
        g_autoptr(DbRows) rows = db_query(tx, SQL("SELECT id FROM click"), DB_NO_ARGS, &error);

        while (db_next(rows, &error)) {
            int64_t id = db_get_int(rows, 0);

            /* Once each: g_hash_table_add() says whether it was new. */
            g_assert_true(g_hash_table_add(stored, g_memdup2(&id, sizeof id)));
        }
        g_assert_no_error(error);
    }
    for (guint i = 0; i < promised->len; i++)
        g_assert_true(g_hash_table_contains(stored, &g_array_index(promised, Id, i)));
    g_test_message("kill -9: 50 times, %u clicks promised, %u stored", promised->len, g_hash_table_size(stored));
    g_assert_cmpuint(promised->len, >=, 50);
}

int
main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], CHILD_ARGUMENT) == 0)
        child_run(argv[2], argv[3], argv[4]);
    g_test_init(&argc, &argv, NULL);
#define ADD(name) db_test_add("spool", G_STRINGIFY(name), name)
    ADD(an_event_reaches_the_database_and_leaves_the_spool);
    ADD(a_durable_click_outlives_its_process_and_ships_at_the_next_start);
    ADD(events_that_nobody_waits_for_get_there_by_themselves);
    ADD(searches_that_showed_the_same_are_stored_with_it_once);
    ADD(an_event_that_comes_twice_is_stored_once);
    ADD(poison_is_put_aside_and_blocks_nothing);
    ADD(a_batch_with_bytes_that_are_not_ours_is_put_aside_from_there_on);
    ADD(what_was_put_aside_is_forgotten_after_its_time);
    ADD(events_wait_for_tables_that_are_missing);
    ADD(many_threads_lose_nothing_between_them);
    ADD(no_promised_click_is_lost_by_kill_nine);
    g_test_add_func("/spool/events_wait_for_a_database_that_is_down", events_wait_for_a_database_that_is_down);
    g_test_add_func("/spool/a_full_queue_refuses_and_forgets_nothing", a_full_queue_refuses_and_forgets_nothing);
    g_test_add_func("/spool/a_click_that_can_not_be_written_is_reported_and_the_next_one_is_kept",
                    a_click_that_can_not_be_written_is_reported_and_the_next_one_is_kept);
    g_test_add_func("/spool/clicks_that_come_during_a_commit_share_the_next_one",
                    clicks_that_come_during_a_commit_share_the_next_one);
    g_test_add_func("/spool/a_full_disk_is_told_and_over_as_soon_as_there_is_room_without_another_click",
                    a_full_disk_is_told_and_over_as_soon_as_there_is_room_without_another_click);
    g_test_add_func("/spool/an_event_without_measure_is_refused", an_event_without_measure_is_refused);
    g_test_add_func("/spool/a_spool_is_open_once", a_spool_is_open_once);
    g_test_add_func("/spool/a_search_and_its_page_wait_in_the_same_commit",
                    a_search_and_its_page_wait_in_the_same_commit);
    return db_test_run();
}
