/*
 * Pull: one reading of a source's feed into the store, in one stream and bounded memory.
 *
 *     begin ──> (page ──> push* ──> page_end)* ──> finish
 *
 * Listings wait in memory and are written in transactions of a thousand, none of which is open while the partner is waited
 * for, so that a pull that breaks off keeps what it read and a reader
 * never waits long. Only a pull that came to its proper end, of a feed that is declared full, lets absence count; and
 * not when it brought less than half of what is on the shelf (the sanity guard): then nothing goes and the summary says so.
 */
#pragma once

#include "base/id.h"
#include "ops/metrics.h"
#include "sources/source.h"
#include "tasks/task.h"

typedef struct {
    Db *db;
    const Operation *feed;
    const Clock *clock;
    IdMint *mint;
    Metrics *metrics; /* may be NULL */
    const Task *task; /* finished in the transaction that ends a complete pull, which so is stored once; NULL: none */
    /* Told after each transaction, for a progress line; may be NULL. */
    void (*progress)(void *data, uint64_t records, uint64_t bytes);
    void *data;
} FeedPullSpec;

typedef struct {
    Id id;
    uint64_t records, bytes; /* bytes as received */
    int64_t added, same, changed, gone, rejected;
    uint64_t without_detail;   /* listings whose second step failed: they are stored as the first said them */
    bool complete;             /* read to its proper end */
    bool guarded;              /* complete, but too short for absence to count */
    char first_rejection[256]; /* "" when none */
} FeedSummary;

typedef struct FeedPull FeedPull;

FeedPull *feed_pull_begin(const FeedPullSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void feed_pull_free(FeedPull *pull); /* without finish: the pull counts as broken off */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FeedPull, feed_pull_free)

/* From now on listings that are read go to take() instead of the shelf, so that more can be asked about them; NULL: to the
 * shelf again. */
void feed_pull_divert(FeedPull *pull, void (*take)(void *data, const Listing *listing), void *data);
/* Puts one on the shelf; a failure of the store is told when the page ends. */
void feed_pull_store(FeedPull *pull, const Listing *listing);
/* Counts a field of a detail that could not be read. */
void feed_pull_note_unread(FeedPull *pull, const char *field);
/* The next page or part: what to ask for it. */
const Question *feed_pull_question(const FeedPull *pull);
/* Its texts must not be shown: a partner may repeat them in its errors. */
void feed_pull_hide(FeedPull *pull, const Session *session);
void feed_pull_head(FeedPull *pull, int status, HttpHeaders headers);
/* False when reading should stop: feed_pull_page_end() tells why. */
bool feed_pull_push(FeedPull *pull, Str bytes);
/* complete: the transfer came to its end. Fails when the page was an error or the store failed; UNAVAILABLE when trying
 * again may help. ret_more: another page
 * is to be asked for, see feed_pull_question(). */
bool feed_pull_page_end(FeedPull *pull, bool complete, bool *ret_more, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Records the outcome and lets absence count. failure: why the pull ends early, NULL when it is complete. */
bool feed_pull_finish(FeedPull *pull, const GError *failure, FeedSummary *ret_summary,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
