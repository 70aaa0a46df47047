/*
 * Rank: in which order merged listings are shown. A rule without I/O: equal input, equal order.
 *
 *     points = relevance + place + freshness + expected revenue, each 0..1000 times its weight
 *     order  = by points, then value, then source and id; spread over the sources (spread.h)
 */
#pragma once

#include "search/merge.h"
#include "search/spread.h"

#define RANK_PART_LIMIT   1000
#define RANK_WEIGHT_LIMIT 1000

typedef struct {
    int64_t relevance, place, freshness, revenue; /* weights, 0..RANK_WEIGHT_LIMIT */
    int64_t half_fresh_us;                        /* a listing of that age is half as fresh; an hour at least */
    int64_t unknown_freshness;                    /* for a listing without a date, 0..1000 */
    int64_t half_value_micros;                    /* a click of that value gets half of the revenue part; at least 1 */
    SpreadRule spread;
} RankRule;

/* What the configuration has where it says nothing. */
extern const RankRule RANK_RULE;

/* The words of a query, folded once. Texts in arena. */
typedef struct {
    StrList keywords, location;
    bool remote;
} RankQuery;
RankQuery rank_query(const SearchQuery *query, Arena *arena);

/* Of the listing alone: nothing is taken away for others of its source. scratch is for folding; what is in it may be
 * forgotten afterwards. */
ListingScore rank_score(const RankRule *rule, const RankQuery *query, const Merged *merged, int64_t now_us,
                        Arena *scratch);
/* Scores the listings from `fixed` on and puts them in order, in place; those before keep their places. */
void rank_sort(const RankRule *rule, const RankQuery *query, Merged *merged, size_t fixed, size_t count,
               int64_t now_us);
