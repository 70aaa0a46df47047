/*
 * Pull: one reading of a source's feed into the store, in one stream and bounded memory.
 *
 *     begin ──> (page ──> push* ──> page_end)* ──> finish
 *
 * Listings wait in memory and are written in transactions of two thousand, none of which is open while the partner is
 * waited for, so that a pull that breaks off keeps what it read and a reader never waits long. Only a pull that came to
 * its proper end, of a feed that is declared full, lets absence count; and not when it brought suspiciously little
 * (feeds/guard.h): then nothing goes and the summary says so.
 *
 * Several pulls of one source may run at once; each counts what it saw.
 */
#pragma once

#include "base/id.h"
#include "feeds/validator.h"
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
    /* Told after each transaction, for a progress line; may be NULL. total_bytes: of the page; 0 when nobody knows. */
    void (*progress)(void *data, uint64_t records, uint64_t bytes, uint64_t total_bytes);
    void *data;
    bool fresh; /* reads the feed even when the partner says that it has not changed */
} FeedPullSpec;

typedef struct {
    Id id;
    uint64_t records, bytes; /* bytes as received */
    int64_t added, same, changed, gone, rejected;
    uint64_t without_detail;   /* listings whose second step failed: they are stored as the first said them */
    int64_t repeated;          /* rows that were there before in this pull, word for word */
    int64_t clashed;           /* of added, same and changed: listings whose id another one of this pull has */
    bool unchanged;            /* complete: the partner says that nothing has changed since the last time */
    bool complete;             /* read to its proper end */
    bool guarded;              /* complete, but too short for absence to count */
    int64_t retry_after_us;    /* how long the partner that failed asks us to wait; 0: it does not say */
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
/* Counts listings that got no detail. */
void feed_pull_note_without_detail(FeedPull *pull, uint64_t count);
/* What the partner said of the state of the feed that was read in full last. */
const FeedValidator *feed_pull_known(const FeedPull *pull);
/* What it says of this one; copied, and kept when the pull is complete. Of several pages nothing is kept. */
void feed_pull_note_state(FeedPull *pull, Str etag, Str last_modified);
/* It says that this one is the same: finish without any page. */
void feed_pull_unchanged(FeedPull *pull);

/* The next page or part: what to ask for it. */
const Question *feed_pull_question(const FeedPull *pull);
/* Its texts must not be shown: a partner may repeat them in its errors. */
void feed_pull_hide(FeedPull *pull, const Session *session);
void feed_pull_head(FeedPull *pull, int status, HttpHeaders headers);
/* The first page is sent from its beginning again, perhaps changed: it is read as if for the first time. */
void feed_pull_restart(FeedPull *pull);
/* False when reading should stop: feed_pull_page_end() tells why. */
bool feed_pull_push(FeedPull *pull, Str bytes);
/* complete: the transfer came to its end. Fails when the page was an error or the store failed; UNAVAILABLE when trying
 * again may help. ret_more: another page
 * is to be asked for, see feed_pull_question(). */
bool feed_pull_page_end(FeedPull *pull, bool complete, bool *ret_more, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Records the outcome and lets absence count. failure: why the pull ends early, NULL when it is complete. */
bool feed_pull_finish(FeedPull *pull, const GError *failure, FeedSummary *ret_summary,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
