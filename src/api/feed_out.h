/*
 * Feed out: the stored listings as one feed for a consumer, piece by piece, the newest first.
 *
 * Only listings whose source lets them be passed on. Each piece is read in a transaction of its own, so that a consumer
 * that takes an hour holds nothing up; what comes onto the shelf meanwhile is newer than where the feed is and waits for
 * the next time. Memory is one piece, whatever the feed's length. Each time has an id (table feed_download), which is
 * the search id of its links.
 */
#pragma once

#include "api/feed_format.h"
#include "search/query.h"
#include "store/db.h"
#include "tracking/token.h"

/* What is asked for. */
typedef struct {
    SearchQuery query; /* the filters */
    FeedFormat format;
    bool gzip;
    Str consumer, channel; /* absent when not given; texts are the query's arena's */
} FeedAsk;

void feed_ask_init(FeedAsk *ask, Arena *arena);
/* A parameter of the feed: a filter of searches that makes sense for one, consumer or channel. INVALID with
 * "name: what is wrong". An empty value leaves the default. */
bool feed_ask_set(FeedAsk *ask, Str name, Str value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    SourceSet *sources;
    const TokenKeyRing *ring;
    Random *random;
    IdMint *mint;
    const Clock *clock;
    const char *base_url;
    int64_t token_lifetime_us;
} FeedOutSpec;

typedef struct FeedOut FeedOut;

/* spec's pointers and ask's arena must outlive it; the sources are referenced. INVALID when a source is named that does
 * not exist or does not let its listings be passed on. */
FeedOut *feed_out_new(const FeedOutSpec *spec, const FeedAsk *ask, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void feed_out_free(FeedOut *feed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FeedOut, feed_out_free)

/* What tells two states of the feed apart: it changes with each pull that brought news, and at least every day, and
 * twice in the life of the link that ends first, since a consumer must take new links before the old ones end. */
typedef struct {
    char etag[32];          /* with quotes */
    int64_t modified_at_us; /* to the second */
} FeedVersion;
bool feed_out_version(const FeedOut *feed, Db *db, FeedVersion *ret_version, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends the next piece, which may be empty. ret_last: it was the last one. */
bool feed_out_next(FeedOut *feed, Db *db, GString *to, bool *ret_last, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Listings so far. */
int64_t feed_out_count(const FeedOut *feed);
