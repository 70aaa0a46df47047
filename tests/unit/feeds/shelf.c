#include "feeds/shelf.h"

#include "store/migrate.h"

#include <glib/gstdio.h>

static const char DEFINITION[] = "source: shelf\n"
                                 "partner: Shelf (of the tests)\n"
                                 "feed:\n"
                                 "  get: https://shelf.example/feed.json\n"
                                 "  every: 1h\n"
                                 "  full: true\n"
                                 "  answer: {json: \"items[*]\"}\n"
                                 "  listing:\n"
                                 "    id: id\n"
                                 "    title: title\n"
                                 "    company: company\n"
                                 "    location: location\n"
                                 "    country: country\n"
                                 "    remote: remote\n"
                                 "    employment_type: type\n"
                                 "    posted_at: posted | time\n"
                                 "    expires_at: expires | time\n"
                                 "    salary: {min: pay, currency: = USD, period: = YEAR}\n"
                                 "    description: description\n"
                                 "    latitude: latitude | number\n"
                                 "    longitude: longitude | number\n"
                                 "    url: url\n";

static const char *
no_secret(void *data G_GNUC_UNUSED, const char *name G_GNUC_UNUSED)
{
    return NULL;
}

static SourceSet *
load(const char *definition)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("weir-shelf-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "shelf.yaml", NULL);
    SourceSet *set;

    g_assert_true(g_file_set_contents(path, definition, -1, NULL));
    set = source_set_load(&(SourceSetSpec){.directory = folder, .secret = no_secret}, &error);
    g_assert_no_error(error);
    g_unlink(path);
    g_rmdir(folder);
    return set;
}

void
shelf_init(Shelf *shelf, DbTest *test)
{
    shelf_init_with(shelf, test, DEFINITION);
}

void
shelf_init_with(Shelf *shelf, DbTest *test, const char *definition)
{
    g_autoptr(GError) error = NULL;

    *shelf = (Shelf){.db = test->db, .arena = arena_new(4096), .sources = load(definition)};
    shelf->feed = source_feed(source_set_find(shelf->sources, STR("shelf")));
    fake_clock_init(&shelf->clock, SHELF_BEGINS_US);
    seeded_random_init(&shelf->random, 11);
    id_mint_init(&shelf->mint, &shelf->clock.clock, 1);
    g_assert_true(migrate(test->db, &shelf->clock.clock, NULL, &error));
    g_assert_no_error(error);
}

void
shelf_clear(Shelf *shelf)
{
    arena_free(shelf->arena);
    source_set_unref(shelf->sources);
}

/* The tests' texts hold nothing that JSON escapes, or escape it themselves. */
static void
append_member(GString *to, const char *name, const char *value)
{
    if (value != NULL)
        g_string_append_printf(to, "\"%s\": \"%s\", ", name, value);
}

GString *
shelf_feed(const Posting *postings)
{
    GString *feed = g_string_new("{\"items\": [");

    for (const Posting *p = postings; p->title != NULL; p++) {
        g_string_append(feed, p > postings ? ",\n{" : "\n{");
        append_member(feed, "id", p->id);
        append_member(feed, "title", p->title);
        append_member(feed, "company", p->company);
        append_member(feed, "location", p->location);
        append_member(feed, "country", p->country);
        append_member(feed, "remote", p->remote);
        append_member(feed, "type", p->type);
        append_member(feed, "posted", p->posted);
        append_member(feed, "expires", p->expires);
        append_member(feed, "description", p->description);
        append_member(feed, "latitude", p->latitude);
        append_member(feed, "longitude", p->longitude);
        if (p->pay > 0)
            g_string_append_printf(feed, "\"pay\": %d, ", p->pay);
        g_string_append_printf(feed, "\"url\": \"https://shelf.example/%s\"}", p->id);
    }
    g_string_append(feed, "\n]}\n");
    return feed;
}

FeedPull *
shelf_begin(Shelf *shelf)
{
    g_autoptr(GError) error = NULL;
    FeedPull *pull = feed_pull_begin(
        &(FeedPullSpec){.db = shelf->db, .feed = shelf->feed, .clock = &shelf->clock.clock, .mint = &shelf->mint},
        &error);

    g_assert_no_error(error);
    return pull;
}

bool
shelf_pull_text(Shelf *shelf, Str text, bool complete, FeedSummary *ret_summary)
{
    g_autoptr(FeedPull) pull = shelf_begin(shelf);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GError) error = NULL;
    bool more, good;

    for (size_t at = 0, size; at < text.size; at += size) {
        size = MIN(1 + (size_t)random_below(&shelf->random.random, 300), text.size - at);
        if (!feed_pull_push(pull, str_slice(text, at, at + size)))
            break;
    }
    good = feed_pull_page_end(pull, complete, &more, &failure);
    g_assert_true(!good || !more);
    if (!feed_pull_finish(pull, failure, ret_summary, &error))
        g_assert_no_error(error);
    fake_clock_advance_us(&shelf->clock, US_PER_HOUR);
    return good;
}

FeedSummary
shelf_pull(Shelf *shelf, const Posting *postings)
{
    g_autoptr(GString) feed = shelf_feed(postings);
    FeedSummary summary;

    g_assert_true(shelf_pull_text(shelf, str_of_gstring(feed), true, &summary));
    g_assert_true(summary.complete);
    return summary;
}

char *
shelf_search(Shelf *shelf, const Question *question, size_t limit, Str *ret_cursor)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) ids = g_string_new(NULL);
    Listing *listings;
    size_t count;

    if (!index_search(shelf->db, question, NULL, limit, shelf->clock.now, shelf->arena, &listings, &count, ret_cursor,
                      &error))
        g_assert_no_error(error);
    for (size_t i = 0; i < count; i++)
        g_string_append_printf(ids, "%s%.*s", i > 0 ? " " : "", STR_FORMAT(listings[i].id));
    return g_string_free(g_steal_pointer(&ids), FALSE);
}

void
shelf_assert_found(Shelf *shelf, const Question *question, const char *ids)
{
    Str cursor;
    g_autofree char *found = shelf_search(shelf, question, 100, &cursor);

    g_assert_cmpstr(found, ==, ids);
}

int64_t
shelf_confirmed_at_us(Shelf *shelf, const char *id)
{
    g_autoptr(GError) error = NULL;
    Listing *listings;
    size_t count;
    Str cursor;

    if (!index_search(shelf->db, &(Question){.page = 1}, NULL, 100, shelf->clock.now, shelf->arena, &listings, &count,
                      &cursor, &error))
        g_assert_no_error(error);
    for (size_t i = 0; i < count; i++)
        if (str_is(listings[i].id, id))
            return listings[i].confirmed_at_us;
    g_error("no listing %s is on the shelf", id);
}
