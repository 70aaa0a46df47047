/*
 * A source with a full feed, written by the test, and the database it is pulled into.
 */
#pragma once

#include "base/random.h"
#include "feeds/index.h"
#include "feeds/pull.h"
#include "support/db_test.h"

typedef struct {
    Db *db;
    FakeClock clock;
    SeededRandom random;
    IdMint mint;
    Arena *arena;
    SourceSet *sources;
    const Operation *feed;
} Shelf;

#define SHELF_BEGINS_US (INT64_C(1790000000) * US_PER_SECOND)

/* Migrates the database and loads the source "shelf". shelf must not move in memory while it is used. */
void shelf_init(Shelf *shelf, DbTest *test);
/* With another definition of the source "shelf". */
void shelf_init_with(Shelf *shelf, DbTest *test, const char *definition);
void shelf_clear(Shelf *shelf);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shelf, shelf_clear)

/* A record of the feed. title NULL ends an array of them. */
typedef struct {
    const char *id, *title, *company, *location, *country, *remote, *type, *posted, *expires, *description, *latitude,
        *longitude;
    int pay;
} Posting;
/* The feed's text. */
GString *shelf_feed(const Posting *postings);

FeedPull *shelf_begin(Shelf *shelf);
/* Pulls the text in pieces of random size. complete: the transfer came to its end. Returns whether the pull did. */
bool shelf_pull_text(Shelf *shelf, Str text, bool complete, FeedSummary *ret_summary);
/* Pulls the records, which must succeed. */
FeedSummary shelf_pull(Shelf *shelf, const Posting *postings);

/* When the partner last stood by the listing. */
int64_t shelf_confirmed_at_us(Shelf *shelf, const char *id);

/* The ids that a question finds, in order, as "a b c". ret_cursor: where the next page begins, in the shelf's arena. */
char *shelf_search(Shelf *shelf, const Question *question, size_t limit, Str *ret_cursor);
void shelf_assert_found(Shelf *shelf, const Question *question, const char *ids);
