/*
 * Stop rule: when waiting longer is not worth it. Pure. One model for all modes: each is a row of numbers.
 *
 *     deadline   the search ends, whatever has come
 *     quorum     enough has come: listings, sources that gave some, or sources by what is expected of them
 *     grace      how much longer it waits when the quorum is reached
 *     demand     how much waiting must be expected to bring (gain.h)
 *     asked      how many sources are asked at most (choose.h), unless the query names them
 *
 *     mode       deadline  quorum, any of                                        grace    demand  asked
 *     fastest    1 s       a page of listings; one source that gave some         none     0.4     8
 *     balanced   2 s       19 of 20 parts of what is expected of all              50 ms    0.148   32
 *     widest     5 s       none: all that were asked                             -        none    all
 *
 * timeout_ms is another deadline; min_results and min_sources are another quorum, of fastest and balanced: then as many
 * of both as they say. In every mode a search ends when no source is left to wait for.
 */
#pragma once

#include "search/query.h"

/* Kept back from the deadline for merging and writing the answer. */
#define SEARCH_RESERVE_US (2 * US_PER_MS)

typedef struct {
    size_t listings, sources; /* 0: says nothing */
    bool both;                /* else one of them is enough */
    unsigned percent;         /* of the weight of those that can still answer; 0: says nothing */
} Quorum;

typedef struct {
    int64_t timeout_us; /* from the start; the reserve is taken off */
    Quorum quorum;
    int64_t grace_us;
    size_t sources_limit; /* so many are asked at most; 0: all */
    double demand;        /* of gain.h; 0: whatever may come is waited for */
} StopRule;

StopRule stop_rule_of(const SearchQuery *query);

/* Where a search stands. */
typedef struct {
    size_t asked, answered, failed; /* sources; asked counts all */
    size_t answered_with_listings;
    size_t listings; /* distinct */
    /* What is (or was, before they answered) expected of all that were asked, of those that answered, and of those that failed. */
    double weight_asked, weight_answered, weight_failed;
    double gained; /* of what has come: distinct listings, by their weight */
} Progress;

typedef enum { STOP_WAIT, STOP_AFTER_GRACE, STOP_ENOUGH, STOP_ALL } StopAdvice;
StopAdvice stop_rule_advise(const StopRule *rule, const Progress *progress);
