/*
 * Present: a page of merged listings as an answer: click tokens, the sources' rows, and the event that records it.
 *
 * What is recorded is what is shown: the same listings, positions and bids are in the answer, the tokens and the event.
 */
#pragma once

#include "search/engine.h"
#include "search/pages.h"

/* What became of one source. */
typedef struct {
    const Source *source;
    SourceStatus status;
    size_t count;
    int64_t took_us;
    Str reason;
    CacheUse cache;
    int64_t ttl_us;
    bool collapsed;
    AttemptLog attempts;
    bool scored;   /* it was to be chosen from */
    bool explored; /* asked to learn of it, though others were worth more */
    SourceScore score;
    bool held; /* skipped because of failures before, or of our own load: the answer is partial */
} RowOutcome;

typedef struct {
    Id id;
    int64_t at_us, took_us;
    const SearchQuery *query;
    const Pages *pages;
    Str question; /* with which its cursor goes: search_query_first_key() */
    bool rebuilt; /* the pages of its cursor were not there */
    bool is_watched;
    const AnsweredListing *told; /* of a watched search; the page's are among them */
    size_t told_count;
    const RowOutcome *rows;
    size_t row_count;
    const char *cache;
    SearchEnd ended;
    int64_t plan_us;
    const TokenKeyRing *keys;
    Random *random;
    const char *base_url;
} PresentInput;

/* What links of one answer have in common. */
typedef struct {
    TokenSealer sealer;
    TokenStamper stamper;
} PresentLinks;
void present_links_init(PresentLinks *links, const PresentInput *input);

/* A listing as it is shown at that position, with its link. What is new is in arena. */
AnsweredListing present_listing(const PresentInput *input, PresentLinks *links, const Merged *merged, uint32_t position,
                                Arena *arena);
AnsweredSource present_source(const RowOutcome *row);
/* All it points to is in arena, or lives as long as the input. */
SearchAnswer present_answer(const PresentInput *input, Arena *arena);
/* What the records say of an answer that others get too. */
typedef struct {
    Id id;
    Str event; /* what present_record_page() wrote */
} RecordedPage;
void present_record_page(const SearchAnswer *answer, Id page_id, GString *to);
/* Counts the search, and hands its event to the spool (NULL: none). page: where the same listings and sources are recorded;
 * NULL: only in this event. Does not wait. */
void present_record(const SearchAnswer *answer, const RecordedPage *page, Spool *spool, Metrics *metrics, Arena *arena);
