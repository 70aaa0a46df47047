/*
 * Stop rule: when waiting longer is not worth it. Pure.
 *
 *     mode       default deadline   enough (the quorum)                                             grace after it
 *     fastest    1 s                one source answered with listings, or a page of them has come   none
 *     balanced   2 s                four of five sources that can answer have, or three pages of    50 ms
 *                                   listings have come
 *     widest     5 s                never: all that were asked, until the deadline                  -
 *
 * min_results, when given, says how many listings are enough in fastest and balanced. In every mode a search ends when
 * no source is left to wait for. Source of balanced's numbers: searx issue 342 ("80 % answered + 50 ms").
 */
#pragma once

#include "search/query.h"

/* Kept back from the deadline for merging and writing the answer. */
#define SEARCH_RESERVE_US (2 * US_PER_MS)

typedef struct {
    int64_t timeout_us; /* from the start; the reserve is taken off */
    int64_t grace_us;
    size_t listings_enough; /* SIZE_MAX: never */
    bool one_source_enough;
    unsigned percent_enough; /* of sources that can still answer; 0: never */
} StopRule;

StopRule stop_rule_of(const SearchQuery *query);

/* Where a search stands. */
typedef struct {
    size_t asked, answered, failed; /* sources; asked counts all */
    size_t answered_with_listings;
    size_t listings; /* distinct */
} Progress;

typedef enum { STOP_WAIT, STOP_AFTER_GRACE, STOP_NOW } StopAdvice;
StopAdvice stop_rule_advise(const StopRule *rule, const Progress *progress);
