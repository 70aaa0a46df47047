/*
 * Search answer: what a search found, and how every source did.
 *
 * A value, valid during the call that hands it over.
 */
#pragma once

#include "base/id.h"
#include "listings/fingerprint.h"
#include "search/query.h"
#include "tracking/token.h"

/* How a source did. OK and EMPTY are answers; LATE was ended by us and is no failure of the partner. */
typedef enum {
    SOURCE_PENDING,
    SOURCE_OK,
    SOURCE_EMPTY,
    SOURCE_SKIPPED,     /* not asked; the reason says why */
    SOURCE_LATE,        /* still answering when the search had to end; what had come is used */
    SOURCE_TIMEOUT,     /* took longer than its own time limit */
    SOURCE_UNREACHABLE, /* no connection */
    SOURCE_BROKEN,      /* the connection ended in the middle */
    SOURCE_TOO_LARGE,   /* the answer did not end within our limit */
    SOURCE_REFUSED,     /* the address is not allowed */
    SOURCE_CREDENTIAL,  /* our key is refused */
    SOURCE_QUOTA,       /* asked too often */
    SOURCE_TRANSIENT,   /* the partner's fault */
    SOURCE_PERMANENT,   /* asking the same again won't help */
    SOURCE_MALFORMED,   /* not of the format */
    SOURCE_STATUSES
} SourceStatus;
/* "ok", "too_large", ... */
const char *source_status_name(SourceStatus status);
static inline bool
source_status_is_answer(SourceStatus status)
{
    return status == SOURCE_OK || status == SOURCE_EMPTY;
}

/* Whether what a source gives had been kept. */
typedef enum {
    CACHE_UNUSED, /* it was not asked, and nothing was kept */
    CACHE_MISS,
    CACHE_HIT,
    CACHE_STALE, /* kept, and no longer fresh: a newer one is being fetched, or was not to be had */
} CacheUse;
/* "miss", "hit", "stale"; NULL for CACHE_UNUSED. */
const char *cache_use_name(CacheUse use);

/* What a call is made for: a question; the same again after a failure; the same beside a call that is slow. */
typedef enum { CALL_FIRST, CALL_RETRY, CALL_HEDGE, CALL_KINDS } CallKind;
/* "first", "retry", "hedge" */
const char *call_kind_name(CallKind kind);

/* One call to a source, of those that its answer took. */
typedef struct {
    CallKind kind;
    SourceStatus status; /* SOURCE_PENDING: it was still under way; SOURCE_LATE: another was first, or nobody waited */
    int64_t after_us;    /* the first began */
    int64_t took_us;
} SourceAttempt;

/* Each kind is made once at most. */
typedef struct {
    SourceAttempt items[CALL_KINDS];
    size_t count;
} AttemptLog;

/* Why a search was over when it was. */
typedef enum {
    SEARCH_END_ALL,    /* nobody is left to wait for */
    SEARCH_END_ENOUGH, /* the quorum of its mode, or of the query, and its grace */
    SEARCH_END_GAIN,   /* what waiting longer was expected to bring was not worth it */
    SEARCH_END_DEADLINE,
    SEARCH_END_PAGE,     /* the page was there */
    SEARCH_END_STOPPING, /* the process stops */
    SEARCH_END_GONE,     /* who listened to it has gone */
    SEARCH_ENDS
} SearchEnd;
/* "all", "enough", ... */
const char *search_end_name(SearchEnd end);

/* Why a listing stands where it does (rank.h), in points: the parts add up to total. */
typedef struct {
    int32_t relevance, place, freshness, revenue;
    int32_t repeats; /* taken away for listings of its source that stand shortly before it: 0 or less */
    int32_t total;
    uint32_t by_points; /* where it would stand by its points alone, from 1 */
} ListingScore;

typedef struct {
    const Listing *listing;
    Fingerprint id;
    Money bid;         /* the listing's, or the source's default; currency "" when none */
    uint32_t position; /* from 1, in this answer; of a watched search in the order of telling */
    Str click_url;     /* {base_url}/c/{token}: ends with its stamp, TOKEN_STAMP_SIZE characters */
    TokenOffer offer;  /* the rest of the token */
    StrList also_from; /* other sources that have the same position */
    /* Of a watched search: told before, and this one is the same position and better. */
    const Fingerprint *replaces;
    size_t replaces_count;
    ListingScore score;
    int64_t value; /* what a click is expected to earn (value.h): millionths of a US dollar, roughly */
} AnsweredListing;

/* Why a source was asked or not (choose.h); in thousandths. Above 1000 only fresh and score. */
typedef struct {
    int64_t in_time; /* how likely it answers before the deadline */
    int64_t fresh;   /* new listings of an answer, of a page */
    int64_t fit;     /* how much of the question it is told */
    int64_t value;   /* of a click on its listings */
    int64_t room;    /* what is left of its limits; 1000 down to a fifth of them */
    int64_t score;
    int64_t calls;          /* that this rests on */
    int64_t p50_us, p95_us; /* how soon that many of its answers come at this hour; INT64_MAX: they never do */
} SourceScore;

typedef struct {
    Str name, partner;
    Str attribution;     /* what the partner's terms ask to be shown; absent when nothing */
    Str attribution_url; /* where that must lead */
    bool follow;         /* links to it must not be nofollow */
    bool noindex;        /* pages with its listings must not be indexed */
    SourceStatus status;
    size_t count; /* listings it gave, duplicates included */
    int64_t took_us;
    Str reason; /* empty for an answer */
    CacheUse cache;
    int64_t ttl_us; /* of what was kept: how long it is still fresh, or, negative, has not been any more */
    bool scored;    /* it was to be chosen from: score says how it did */
    bool explored;  /* asked to learn of it, though others were worth more */
    SourceScore score;
    bool collapsed;      /* of CACHE_MISS: another search had asked the same already */
    AttemptLog attempts; /* the calls that were made for it; none when it was kept */
} AnsweredSource;

/* What whoever writes answers made of an answer whose listings and sources others get as well, but for their
 * click_url's stamps and ttl_us: kept with it for the next. From any thread. */
typedef struct {
    gpointer made; /* atomic; NULL: nothing yet. Set once */
    void (*free_fn)(void *made);
    size_t limit_bytes; /* what is greater is not to be kept */
} AnswerRendering;

typedef struct {
    Id search_id;
    int64_t at_us;
    const SearchQuery *query;
    int64_t took_us;
    /* "hit": all was kept; "stale": and some of it no longer fresh; "miss": nothing; "partial": some of it; "page": it is
     * a page of an earlier search. */
    const char *cache;
    SearchEnd ended;
    bool partial;    /* a source was asked and did not answer in full, or is held back after failures */
    int64_t plan_us; /* when it was to end if all went as expected (gain.h); 0: nobody was asked */
    const AnsweredListing *listings;
    size_t listing_count;
    /* What was shown, by position: the listings, or, of a watched search, all that were told. */
    const AnsweredListing *shown;
    size_t shown_count;
    size_t total;      /* distinct listings known so far, on all pages */
    int64_t next_page; /* 0: there is none */
    Str next_cursor;   /* of that page (page_cursor.h); absent: there is none, or too much was shown for one */
    bool rebuilt;      /* it was asked for by a cursor whose pages were not there */
    const AnsweredSource *sources;
    size_t source_count;
    AnswerRendering *rendering; /* NULL: nobody else gets this one */
} SearchAnswer;

/* What a watched search tells while it goes on (watch.h). */
typedef struct {
    Id search_id;
    const SearchQuery *query;
    const AnsweredListing *listings; /* each is told once */
    size_t listing_count;
    const AnsweredSource *sources; /* that answered, failed or were not waited for; each is told once */
    size_t source_count;
    size_t asked_count; /* sources that are asked, or answered from what was kept; 0: that is not settled yet */
} SearchNews;
