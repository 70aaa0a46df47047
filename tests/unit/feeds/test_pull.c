/* Pulls: what is stored, what counts as changed, and when absence counts. */
#include "feeds/fetch.h"
#include "feeds/guard.h"
#include "feeds/shelf.h"
#include "feeds/sweep.h"
#include "support/sanitizer.h"

#include <glib/gstdio.h>
#include <stdio.h>

#define ON_SHELF "SELECT COUNT(*) FROM listing_seen WHERE gone_at_us IS NULL"

static const Posting THREE[] = {
    {.id = "a",
     .title = "Welder",
     .company = "Acme",
     .location = "Austin, TX",
     .country = "US",
     .posted = "2026-09-01"},
    {.id = "b", .title = "Nurse", .location = "Berlin", .country = "DE", .posted = "2026-09-02"},
    {.id = "c", .title = "Baker", .location = "Paris", .country = "FR", .posted = "2026-09-03"},
    {0}};

static void
forget_all(DbTest *test)
{
    db_test_exec(test->db,
                 test->engine == DB_ENGINE_SQLITE ? "DELETE FROM listing_terms" : "DELETE FROM listing_index");
    db_test_exec(test->db, "DELETE FROM listing_seen; DELETE FROM listing");
}

static void
assert_counts(FeedSummary s, int64_t added, int64_t same, int64_t changed, int64_t gone)
{
    g_assert_cmpint(s.added, ==, added);
    g_assert_cmpint(s.same, ==, same);
    g_assert_cmpint(s.changed, ==, changed);
    g_assert_cmpint(s.gone, ==, gone);
    g_assert_cmpint((int64_t)s.records, ==, added + same + changed + s.repeated + s.rejected);
}

static void
a_feed_in_any_pieces_is_added_then_the_same_then_changed(DbTest *test)
{
    Posting changed[G_N_ELEMENTS(THREE)];
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    assert_counts(shelf_pull(&shelf, THREE), 3, 0, 0, 0);
    for (int i = 0; i < 10; i++)
        assert_counts(shelf_pull(&shelf, THREE), 0, 3, 0, 0);
    memcpy(changed, THREE, sizeof THREE);
    changed[1].title = "Head nurse";
    changed[2].description = "Bread";
    assert_counts(shelf_pull(&shelf, changed), 0, 1, 2, 0);
    assert_counts(shelf_pull(&shelf, changed), 0, 3, 0, 0);
    shelf_assert_found(&shelf, &(Question){.keywords = STR("head nurse")}, "b");
    shelf_assert_found(&shelf, &(Question){.keywords = STR("bread")}, "c");
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM feed_pull WHERE status = 'done'"), ==, 13);
}

static void
every_member_of_a_listing_tells_whether_it_changed(DbTest *test)
{
    const Posting base = {
        .id = "x", .title = "t", .company = "c", .location = "l", .country = "US", .description = "d"};
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    for (int i = 0; i < 9; i++) {
        Posting postings[2] = {base};
        const char **const texts[] = {&postings[0].title,   &postings[0].company,    &postings[0].location,
                                      &postings[0].country, &postings[0].remote,     &postings[0].type,
                                      &postings[0].expires, &postings[0].description};
        static const char *const VALUES[] = {"u", "k", "m", "CA", "remote", "full time", "2027-01-01", "e"};

        forget_all(test);
        assert_counts(shelf_pull(&shelf, postings), 1, 0, 0, 0);
        if (i < 8)
            *texts[i] = VALUES[i];
        else
            postings[0].pay = 50000;
        assert_counts(shelf_pull(&shelf, postings), 0, 0, 1, 0);
    }
    forget_all(test);
    /* Text moving from one member to the next is a change too. */
    assert_counts(shelf_pull(&shelf, (const Posting[]){{.id = "y", .title = "ab", .company = "c"}, {0}}), 1, 0, 0, 0);
    assert_counts(shelf_pull(&shelf, (const Posting[]){{.id = "y", .title = "a", .company = "bc"}, {0}}), 0, 0, 1, 0);
}

static void
a_moment_of_posting_that_moves_is_no_change_and_the_first_one_stays(DbTest *test)
{
    Posting later[G_N_ELEMENTS(THREE)];
    g_auto(Shelf) shelf;
    int64_t first_us;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, THREE);
    first_us = db_test_int(test->db, "SELECT posted_at_us FROM listing WHERE partner_id = 'a'");
    memcpy(later, THREE, sizeof THREE);
    later[0].posted = "2026-09-20";
    assert_counts(shelf_pull(&shelf, later), 0, 3, 0, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT posted_at_us FROM listing WHERE partner_id = 'a'"), ==, first_us);
    later[0].title = "Senior welder";
    assert_counts(shelf_pull(&shelf, later), 0, 2, 1, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT posted_at_us FROM listing WHERE partner_id = 'a'"), ==, first_us);
}

/* How many listings are in the language. */
static int64_t
count_in(DbTest *test, const char *language)
{
    g_autofree char *sql = g_strdup_printf("SELECT COUNT(*) FROM listing WHERE language = '%s'", language);

    return db_test_int(test->db, sql);
}

static void
the_language_of_a_listing_is_found_when_it_is_new_or_changed(DbTest *test)
{
    static const char *const GERMAN = "Wir suchen eine erfahrene Person für unsere Küche, die gerne mit uns arbeitet.";
    static const char *const FRENCH =
        "Nous cherchons une personne avec de l'expérience pour la cuisine de notre maison.";
    Posting postings[] = {{.id = "a", .title = "Koch", .description = GERMAN}, {.id = "b", .title = "Chef"}, {0}};
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    assert_counts(shelf_pull(&shelf, postings), 2, 0, 0, 0);
    g_assert_cmpint(count_in(test, "de"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM listing WHERE language IS NULL"), ==, 1);
    /* What is the same is not looked at again. */
    db_test_exec(test->db, "UPDATE listing SET language = 'nl' WHERE partner_id = 'a'");
    assert_counts(shelf_pull(&shelf, postings), 0, 2, 0, 0);
    g_assert_cmpint(count_in(test, "nl"), ==, 1);
    postings[0].description = FRENCH;
    assert_counts(shelf_pull(&shelf, postings), 0, 1, 1, 0);
    g_assert_cmpint(count_in(test, "fr"), ==, 1);
}

static void
a_listing_goes_when_it_is_absent_twice_and_may_come_back(DbTest *test)
{
    g_auto(Shelf) shelf;
    const Posting two[] = {THREE[0], THREE[2], {0}};

    shelf_init(&shelf, test);
    shelf_pull(&shelf, THREE);
    assert_counts(shelf_pull(&shelf, two), 0, 2, 0, 0);
    shelf_assert_found(&shelf, &(Question){.keywords = STR("nurse")}, "b");
    assert_counts(shelf_pull(&shelf, two), 0, 2, 0, 1);
    shelf_assert_found(&shelf, &(Question){.keywords = STR("nurse")}, "");
    assert_counts(shelf_pull(&shelf, two), 0, 2, 0, 0);
    assert_counts(shelf_pull(&shelf, THREE), 0, 3, 0, 0);
    shelf_assert_found(&shelf, &(Question){.keywords = STR("nurse")}, "b");
    /* Once seen again, it takes two absences again. */
    assert_counts(shelf_pull(&shelf, two), 0, 2, 0, 0);
    assert_counts(shelf_pull(&shelf, THREE), 0, 3, 0, 0);
    assert_counts(shelf_pull(&shelf, two), 0, 2, 0, 0);
    g_assert_cmpint(db_test_int(test->db, ON_SHELF), ==, 3);
}

static void
a_pull_that_breaks_off_takes_nothing_away_and_keeps_what_it_read(DbTest *test)
{
    const Posting other[] = {{.id = "d", .title = "Driver"}, {.id = "e", .title = "Editor"}, THREE[0], {0}};
    g_autoptr(GString) text = shelf_feed(other);
    FeedSummary summary;
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, THREE);
    for (int i = 0; i < 3; i++) {
        Str cut = str_slice(str_of_gstring(text), 0, text->len - (i == 1 ? 20 : 0));

        /* The transfer ends early; the text ends early; the transfer breaks off after the last byte. */
        g_assert_false(shelf_pull_text(&shelf, cut, i == 1, &summary));
        g_assert_false(summary.complete);
        g_assert_cmpint(summary.gone, ==, 0);
    }
    g_assert_cmpint(db_test_int(test->db, ON_SHELF), ==, 5);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM listing_seen WHERE absences > 0"), ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM feed_pull WHERE status = 'failed' AND message <> ''"),
                    ==, 3);
}

static void
a_suspiciously_short_pull_takes_nothing_away(DbTest *test)
{
    const Posting one[] = {THREE[0], {0}}, none[] = {{0}};
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    g_assert_false(shelf_pull(&shelf, none).guarded); /* nothing is no less than half of nothing */
    shelf_pull(&shelf, THREE);
    for (int i = 0; i < 3; i++) {
        FeedSummary summary = shelf_pull(&shelf, i == 0 ? none : one);

        g_assert_true(summary.guarded);
        g_assert_cmpint(summary.gone, ==, 0);
    }
    g_assert_cmpint(db_test_int(test->db, ON_SHELF), ==, 3);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM feed_pull WHERE status = 'guarded'"), ==, 3);
}

static GString *
numbered_feed(int from, int to)
{
    GString *feed = g_string_new("{\"items\": [");

    for (int i = from; i < to; i++)
        g_string_append_printf(feed, "%s{\"id\": \"%d\", \"title\": \"Welder %d\", \"url\": \"https://x.example/%d\"}",
                               i > from ? "," : "", i, i, i);
    g_string_append(feed, "]}");
    return feed;
}

static void
a_short_feed_is_believed_when_it_stays_so_for_a_day(DbTest *test)
{
    const Posting one[] = {THREE[0], {0}}, none[] = {{0}};
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, THREE);
    for (int i = 0; i < 6; i++)
        g_assert_true(shelf_pull(&shelf, one).guarded); /* an hour each: not long enough */
    fake_clock_advance_us(&shelf.clock, 24 * US_PER_HOUR);
    for (int i = 0; i < 6; i++)
        g_assert_true(shelf_pull(&shelf, none).guarded); /* nothing at all is never believed */
    fake_clock_advance_us(&shelf.clock, 24 * US_PER_HOUR);
    g_assert_true(shelf_pull(&shelf, none).guarded);
    for (int i = 0; i < 3; i++)
        g_assert_true(shelf_pull(&shelf, one).guarded); /* a new row begins */
    fake_clock_advance_us(&shelf.clock, 24 * US_PER_HOUR);
    assert_counts(shelf_pull(&shelf, one), 0, 1, 0, 0);
    assert_counts(shelf_pull(&shelf, one), 0, 1, 0, 2);
    g_assert_cmpint(db_test_int(test->db, ON_SHELF), ==, 1);
}

static void
a_person_may_believe_a_short_feed_at_once(DbTest *test)
{
    const Posting one[] = {THREE[0], {0}};
    g_autoptr(GError) error = NULL;
    g_auto(Shelf) shelf;
    int64_t gone;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, THREE);
    g_assert_false(guard_accept(test->db, STR("shelf"), shelf.clock.now, &gone, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_true(shelf_pull(&shelf, one).guarded);
    if (!guard_accept(test->db, STR("shelf"), shelf.clock.now, &gone, &error))
        g_assert_no_error(error);
    g_assert_cmpint(gone, ==, 2);
    shelf_assert_found(&shelf, &(Question){0}, "a");
    assert_counts(shelf_pull(&shelf, one), 0, 1, 0, 0);
}

static void
a_row_that_is_there_twice_is_one_listing(DbTest *test)
{
    const Posting twice[] = {THREE[0], THREE[1], THREE[0], THREE[0], {0}};
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    for (int i = 0; i < 2; i++) {
        FeedSummary summary = shelf_pull(&shelf, twice);

        assert_counts(summary, i == 0 ? 2 : 0, i == 0 ? 0 : 2, 0, 0);
        g_assert_cmpint(summary.repeated, ==, 2);
        g_assert_cmpint(summary.clashed, ==, 0);
    }
}

static void
two_listings_with_one_id_are_both_kept_and_found_again(DbTest *test)
{
    const Posting clash[] = {{.id = "7", .title = "Seller", .location = "Lyon"},
                             {.id = "7", .title = "Waiter", .location = "Paris", .description = "old"},
                             {0}};
    Posting changed[G_N_ELEMENTS(clash)];
    g_auto(Shelf) shelf;
    FeedSummary summary;

    shelf_init(&shelf, test);
    summary = shelf_pull(&shelf, clash);
    assert_counts(summary, 2, 0, 0, 0);
    g_assert_cmpint(summary.clashed, ==, 1);
    shelf_assert_found(&shelf, &(Question){.keywords = STR("seller")}, "7");
    g_assert_cmpint(
        db_test_int(test->db, "SELECT COUNT(*) FROM listing WHERE title = 'Waiter' AND partner_id LIKE '7~%'"), ==, 1);
    for (int i = 0; i < 3; i++)
        assert_counts(shelf_pull(&shelf, clash), 0, 2, 0, 0);
    memcpy(changed, clash, sizeof clash);
    changed[1].description = "new";
    assert_counts(shelf_pull(&shelf, changed), 0, 1, 1, 0);
    changed[1] = (Posting){0};
    assert_counts(shelf_pull(&shelf, changed), 0, 1, 0, 0);
    assert_counts(shelf_pull(&shelf, changed), 0, 1, 0, 1);
}

typedef struct {
    DbTest *test;
    Shelf *shelf;
    Str text;
    FeedSummary summary;
} Puller;

static gpointer
pull_at_the_same_time(gpointer data)
{
    Puller *puller = data;
    g_autoptr(Db) db = db_test_open(puller->test);
    g_autoptr(GError) error = NULL;
    bool more;
    g_autoptr(FeedPull) pull = feed_pull_begin(
        &(FeedPullSpec){
            .db = db, .feed = puller->shelf->feed, .clock = &puller->shelf->clock.clock, .mint = &puller->shelf->mint},
        &error);

    if (pull == NULL || !feed_pull_push(pull, puller->text) || !feed_pull_page_end(pull, true, &more, &error) ||
        !feed_pull_finish(pull, NULL, &puller->summary, &error))
        g_assert_no_error(error);
    return NULL;
}

static void
pulls_of_one_source_at_the_same_time_do_not_harm_each_other(DbTest *test)
{
    g_autoptr(GString) feed = numbered_feed(0, 3000);
    g_auto(Shelf) shelf;
    Puller pullers[3];
    GThread *threads[3];
    int64_t added = 0;

    shelf_init(&shelf, test);
    for (int i = 0; i < 3; i++) {
        pullers[i] = (Puller){.test = test, .shelf = &shelf, .text = str_of_gstring(feed)};
        threads[i] = g_thread_new("pull", pull_at_the_same_time, &pullers[i]);
    }
    for (int i = 0; i < 3; i++) {
        g_thread_join(threads[i]);
        g_assert_true(pullers[i].summary.complete);
        g_assert_cmpint(pullers[i].summary.gone + pullers[i].summary.changed, ==, 0);
        added += pullers[i].summary.added;
    }
    g_assert_cmpint(added, ==, 3000);
    g_assert_cmpint(db_test_int(test->db, ON_SHELF), ==, 3000);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM listing_index"), ==, 3000);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM listing_seen WHERE absences > 0"), ==, 0);
}

static void
records_that_are_no_listings_are_counted_and_the_first_is_named(DbTest *test)
{
    static const char TEXT[] = "{\"items\": [{\"id\": \"a\", \"title\": \"A\", \"url\": \"https://x.example/a\"}, "
                               "{\"id\": \"b\", \"url\": \"https://x.example/b\"}, "
                               "{\"id\": \"c\", \"title\": \"C\\u0000c\", \"url\": \"https://x.example/c\"}]}";
    FeedSummary summary;
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    g_assert_true(shelf_pull_text(&shelf, STR(TEXT), true, &summary));
    g_assert_cmpint(summary.records, ==, 3);
    g_assert_cmpint(summary.added, ==, 2);
    g_assert_cmpint(summary.rejected, ==, 1);
    g_assert_nonnull(strstr(summary.first_rejection, "title"));
    g_assert_cmpint(db_test_int(test->db,
                                "SELECT COUNT(*) FROM mapping_quarantine WHERE source = 'shelf' AND operation = "
                                "'feed' AND field = 'title' AND row_number = 2 AND raw = "
                                "'{\"id\": \"b\", \"url\": \"https://x.example/b\"}'"),
                    ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT filled FROM mapping_fill WHERE field = 'title'"), ==, 2);
    g_assert_cmpint(db_test_int(test->db, "SELECT seen FROM mapping_fill WHERE field = 'title'"), ==, 3);
}

static void
a_store_that_fails_in_the_middle_keeps_what_was_written_before(DbTest *test)
{
    g_autoptr(GString) feed = numbered_feed(0, 3000);
    FeedSummary summary;
    g_auto(Shelf) shelf;

    shelf_init(&shelf, test);
    db_test_exec(test->db, test->engine == DB_ENGINE_POSTGRES
                               ? "ALTER TABLE listing ADD CHECK (partner_id <> '2500')"
                               : "CREATE TRIGGER refuse BEFORE INSERT ON listing WHEN new.partner_id = '2500' "
                                 "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    g_assert_false(shelf_pull_text(&shelf, str_of_gstring(feed), true, &summary));
    g_assert_false(summary.complete);
    g_assert_cmpint(summary.added, ==, 2000);
    g_assert_cmpint(db_test_int(test->db, ON_SHELF), ==, 2000);
    g_assert_cmpint(db_test_int(test->db, "SELECT added FROM feed_pull WHERE status = 'failed'"), ==, 2000);
}

static void
a_file_is_read_as_if_it_had_been_downloaded(DbTest *test)
{
    g_autoptr(GString) feed = shelf_feed(THREE);
    g_autofree char *folder = g_dir_make_tmp("weir-feed-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "feed.json", NULL);
    g_autoptr(GError) error = NULL;
    g_auto(Shelf) shelf;
    FeedSummary summary;

    shelf_init(&shelf, test);
    FeedPullSpec spec = {.db = shelf.db, .feed = shelf.feed, .clock = &shelf.clock.clock, .mint = &shelf.mint};
    g_assert_true(g_file_set_contents(path, feed->str, (gssize)feed->len, NULL));
    g_assert_true(feed_fetch_file(&spec, path, &summary, &error));
    assert_counts(summary, 3, 0, 0, 0);
    g_assert_cmpuint(summary.bytes, ==, feed->len);
    g_assert_true(g_file_set_contents(path, feed->str, (gssize)feed->len / 2, NULL));
    g_assert_false(feed_fetch_file(&spec, path, &summary, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_false(summary.complete);
    g_clear_error(&error);
    g_unlink(path);
    g_assert_false(feed_fetch_file(&spec, path, &summary, &error));
    g_assert_nonnull(strstr(error->message, path));
    g_assert_false(feed_fetch_file(&spec, folder, &summary, NULL)); /* a folder opens, and can't be read */
    g_rmdir(folder);
}

/* ---- as a task ---- */

static bool
check_fence(void *data, DbTx *tx, GError **error)
{
    return task_check(tx, data, error);
}

/* A task of the queue, claimed; what the connection writes from now on is fenced by it, as workers do. */
static void
claim_task(Shelf *shelf, Task *ret_task)
{
    static const char *const KINDS[] = {"feed.pull", NULL};
    const TaskSpec spec = {.kind = "feed.pull", .key = "shelf", .payload = "", .run_at_us = SHELF_BEGINS_US};
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(shelf->db, DB_WRITE, &error);

    g_assert_true(task_add(tx, &spec, &shelf->mint, NULL, &error) && db_commit_auto(&tx, &error));
    g_assert_true(
        task_claim(shelf->db, KINDS, &shelf->clock.clock, US_PER_MINUTE, "test", shelf->arena, ret_task, &error));
    db_set_guard(shelf->db, check_fence, ret_task);
}

static FeedPull *
begin_for_task(Shelf *shelf, const Task *task)
{
    g_autoptr(GError) error = NULL;
    FeedPull *pull = feed_pull_begin(
        &(FeedPullSpec){
            .db = shelf->db, .feed = shelf->feed, .clock = &shelf->clock.clock, .mint = &shelf->mint, .task = task},
        &error);

    g_assert_no_error(error);
    return pull;
}

static void
a_pull_whose_task_passed_to_another_stores_nothing_more(DbTest *test)
{
    g_autoptr(GString) feed = shelf_feed(THREE);
    g_autoptr(FeedPull) pull = NULL;
    g_autoptr(Db) other = db_test_open(test);
    g_autoptr(GError) error = NULL;
    g_auto(Shelf) shelf;
    FeedSummary summary;
    bool more;
    Task task;

    shelf_init(&shelf, test);
    claim_task(&shelf, &task);
    pull = begin_for_task(&shelf, &task);
    db_test_exec(other, "UPDATE task SET fence = fence + 1");
    g_assert_true(feed_pull_push(pull, str_of_gstring(feed)));
    g_assert_false(feed_pull_page_end(pull, true, &more, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_assert_false(feed_pull_finish(pull, error, &summary, NULL));
    g_assert_cmpint(db_test_int(other, "SELECT COUNT(*) FROM listing"), ==, 0);
    g_assert_cmpint(db_test_int(other, "SELECT COUNT(*) FROM feed_pull WHERE status <> 'running'"), ==, 0);
    db_set_guard(shelf.db, NULL, NULL);
}

static void
a_complete_pull_is_stored_and_its_task_finished_in_one_transaction(DbTest *test)
{
    g_autoptr(GString) feed = shelf_feed(THREE);
    g_autoptr(GError) cause = NULL, error = NULL;
    g_auto(Shelf) shelf;
    bool more;
    Task task;

    shelf_init(&shelf, test);
    claim_task(&shelf, &task);
    weir_fail(&cause, WEIR_ERROR_UNAVAILABLE, "the line is dead");
    for (int attempt = 1; attempt <= 2; attempt++) {
        g_autoptr(FeedPull) pull = begin_for_task(&shelf, &task);
        FeedSummary summary;

        g_assert_true(feed_pull_push(pull, str_of_gstring(feed)));
        g_assert_true(feed_pull_page_end(pull, true, &more, &error));
        g_assert_true(feed_pull_finish(pull, attempt == 1 ? cause : NULL, &summary, &error));
        /* A pull that broke off leaves its task to be tried again. */
        g_assert_cmpint(db_test_int(shelf.db, "SELECT state FROM task"), ==, attempt == 1 ? TASK_RUNNING : TASK_DONE);
    }
    db_set_guard(shelf.db, NULL, NULL);
}

static void
a_pull_that_was_broken_off_is_told_as_failed_by_the_next_of_its_task(DbTest *test)
{
    g_auto(Shelf) shelf;
    Task task;

    shelf_init(&shelf, test);
    claim_task(&shelf, &task);
    feed_pull_free(begin_for_task(&shelf, &task)); /* its process ends here */
    feed_pull_free(begin_for_task(&shelf, &task));
    g_assert_cmpint(db_test_int(shelf.db, "SELECT COUNT(*) FROM feed_pull WHERE status = 'running'"), ==, 1);
    g_assert_cmpint(db_test_int(shelf.db, "SELECT COUNT(*) FROM feed_pull WHERE status = 'failed' AND "
                                          "ended_at_us IS NOT NULL AND message LIKE 'broken off: %'"),
                    ==, 1);
    db_set_guard(shelf.db, NULL, NULL);
}

/* ---- what is forgotten ---- */

static int64_t
sweep_once(Db *db, bool (*sweep)(DbTx *, int64_t, int64_t, int64_t *, bool *, GError **), int64_t before_us,
           int64_t limit, bool *ret_more)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, &error);
    int64_t removed = -1;

    if (!sweep(tx, before_us, limit, &removed, ret_more, &error) || !db_commit_auto(&tx, &error))
        g_assert_no_error(error);
    return removed;
}

static void
listings_long_gone_are_forgotten_and_may_come_back_as_new_ones(DbTest *test)
{
    const Posting two[] = {THREE[0], THREE[2], {0}}, one[] = {THREE[0], {0}};
    g_auto(Shelf) shelf;
    bool more;

    shelf_init(&shelf, test);
    shelf_pull(&shelf, THREE);
    shelf_pull(&shelf, two);
    shelf_pull(&shelf, two); /* b is gone */
    fake_clock_advance_us(&shelf.clock, US_PER_DAY);
    shelf_pull(&shelf, one);
    shelf_pull(&shelf, one); /* c, a day later */
    g_assert_cmpint(sweep_once(shelf.db, gone_listing_sweep, SHELF_BEGINS_US, 10, &more), ==, 0);
    g_assert_cmpint(sweep_once(shelf.db, gone_listing_sweep, SHELF_BEGINS_US + US_PER_DAY / 2, 1, &more), ==, 1);
    g_assert_true(more);
    g_assert_cmpint(sweep_once(shelf.db, gone_listing_sweep, SHELF_BEGINS_US + US_PER_DAY / 2, 1, &more), ==, 0);
    g_assert_false(more);
    g_assert_cmpint(db_test_int(shelf.db, "SELECT COUNT(*) FROM listing WHERE partner_id IN ('a', 'c')"), ==, 2);
    g_assert_cmpint(db_test_int(shelf.db, "SELECT COUNT(*) FROM listing"), ==, 2);
    g_assert_cmpint(db_test_int(shelf.db, "SELECT COUNT(*) FROM listing_seen"), ==, 2);
    assert_counts(shelf_pull(&shelf, THREE), 1, 2, 0, 0);
    shelf_assert_found(&shelf, &(Question){.keywords = STR("nurse")}, "b");
}

static void
old_pulls_are_forgotten_but_for_the_last_of_each_source(DbTest *test)
{
    g_auto(Shelf) shelf;
    bool more;

    shelf_init(&shelf, test);
    for (int day = 0; day < 5; day++) {
        shelf_pull(&shelf, THREE);
        fake_clock_advance_us(&shelf.clock, US_PER_DAY);
    }
    db_test_exec(shelf.db,
                 "INSERT INTO feed_pull (id, source, started_at_us, status, records, added, same, changed, gone, "
                 "rejected, bytes) VALUES (1, 'left', 1, 'done', 0, 0, 0, 0, 0, 0, 0)");
    g_assert_cmpint(sweep_once(shelf.db, feed_pull_sweep, SHELF_BEGINS_US + 3 * US_PER_DAY, 2, &more), ==, 2);
    g_assert_true(more);
    g_assert_cmpint(sweep_once(shelf.db, feed_pull_sweep, SHELF_BEGINS_US + 3 * US_PER_DAY, 2, &more), ==, 1);
    g_assert_cmpint(sweep_once(shelf.db, feed_pull_sweep, SHELF_BEGINS_US + 30 * US_PER_DAY, 10, &more), ==, 1);
    g_assert_cmpint(db_test_int(shelf.db, "SELECT COUNT(*) FROM feed_pull WHERE source = 'shelf'"), ==, 1);
    g_assert_cmpint(db_test_int(shelf.db, "SELECT COUNT(*) FROM feed_pull WHERE source = 'left'"), ==, 1);
}

/* ---- memory ---- */

/* The most memory this process ever had, in KiB, since it was reset. */
static int64_t
peak_kib(bool reset)
{
    g_autofree char *status = NULL;

    if (reset) {
        FILE *file = fopen("/proc/self/clear_refs", "we");

        g_assert_true(file != NULL && fputs("5", file) >= 0 && fclose(file) == 0);
    }
    g_assert_true(g_file_get_contents("/proc/self/status", &status, NULL, NULL));
    return g_ascii_strtoll(strstr(status, "VmHWM:") + 6, NULL, 10);
}

static void
push_all(FeedPull *pull, int count)
{
    g_autofree char *filler = g_strnfill(400, 'x');

    g_assert_true(feed_pull_push(pull, STR("{\"items\": [")));
    for (int i = 0; i < count; i++) {
        g_autofree char *record = g_strdup_printf("%s{\"id\": \"%d\", \"title\": \"Welder %d\", \"url\": "
                                                  "\"https://x.example/%d\", \"description\": \"%s%d\"}",
                                                  i > 0 ? "," : "", i, i, i, filler, i % 1000);

        g_assert_true(feed_pull_push(pull, str_of(record)));
    }
    g_assert_true(feed_pull_push(pull, STR("]}")));
}

static void
memory_does_not_grow_with_the_number_of_listings(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    g_auto(Shelf) shelf;
    int64_t growth_kib = 0;

    shelf_init(&shelf, test);
    for (int round = 0; round < 2; round++) {
        g_autoptr(FeedPull) pull = shelf_begin(&shelf);
        int64_t before_kib = peak_kib(true);
        FeedSummary summary;
        bool more;

        /* The first warms the caches of the store up. */
        push_all(pull, round == 0 ? 5000 : 100000);
        g_assert_true(feed_pull_page_end(pull, true, &more, &error));
        g_assert_true(feed_pull_finish(pull, NULL, &summary, &error));
        g_assert_cmpint(summary.added, ==, round == 0 ? 5000 : 95000);
        growth_kib = peak_kib(false) - before_kib;
    }
    g_test_message("peak memory grew by %" G_GINT64_FORMAT " KiB", growth_kib);
    if (CAN_MEASURE_MEMORY)
        g_assert_cmpint(growth_kib, <, 16 * 1024);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("feeds", a_feed_in_any_pieces_is_added_then_the_same_then_changed);
    DB_TEST("feeds", every_member_of_a_listing_tells_whether_it_changed);
    DB_TEST("feeds", a_moment_of_posting_that_moves_is_no_change_and_the_first_one_stays);
    DB_TEST("feeds", the_language_of_a_listing_is_found_when_it_is_new_or_changed);
    DB_TEST("feeds", a_listing_goes_when_it_is_absent_twice_and_may_come_back);
    DB_TEST("feeds", a_pull_that_breaks_off_takes_nothing_away_and_keeps_what_it_read);
    DB_TEST("feeds", a_suspiciously_short_pull_takes_nothing_away);
    DB_TEST("feeds", a_short_feed_is_believed_when_it_stays_so_for_a_day);
    DB_TEST("feeds", a_person_may_believe_a_short_feed_at_once);
    DB_TEST("feeds", a_row_that_is_there_twice_is_one_listing);
    DB_TEST("feeds", two_listings_with_one_id_are_both_kept_and_found_again);
    DB_TEST("feeds", pulls_of_one_source_at_the_same_time_do_not_harm_each_other);
    DB_TEST("feeds", records_that_are_no_listings_are_counted_and_the_first_is_named);
    DB_TEST("feeds", a_store_that_fails_in_the_middle_keeps_what_was_written_before);
    DB_TEST("feeds", a_file_is_read_as_if_it_had_been_downloaded);
    DB_TEST("feeds", a_pull_whose_task_passed_to_another_stores_nothing_more);
    DB_TEST("feeds", a_complete_pull_is_stored_and_its_task_finished_in_one_transaction);
    DB_TEST("feeds", a_pull_that_was_broken_off_is_told_as_failed_by_the_next_of_its_task);
    DB_TEST("feeds", listings_long_gone_are_forgotten_and_may_come_back_as_new_ones);
    DB_TEST("feeds", old_pulls_are_forgotten_but_for_the_last_of_each_source);
    DB_TEST_ON(DB_ENGINE_SQLITE, "feeds", memory_does_not_grow_with_the_number_of_listings);
    return db_test_run();
}
