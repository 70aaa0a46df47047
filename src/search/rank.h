/*
 * Rank: in which order merged listings are shown. A rule without I/O: equal input, equal order.
 *
 *     score = relevance + place + freshness + expected revenue, each 0..1000 times its weight
 *     order = by score, then value, then source and id; but never more than `in_a_row` of one source while another
 *             has listings left
 */
#pragma once

#include "search/merge.h"

#define RANK_PART_LIMIT 1000

typedef struct {
    int64_t relevance, place, freshness, revenue; /* weights */
    unsigned in_a_row;
    int64_t half_fresh_days;   /* a listing of that age is half as fresh */
    int64_t half_value_micros; /* a click of that value gets half of the revenue part */
    int64_t unknown_freshness; /* for a listing without a date, 0..1000 */
} RankRule;

extern const RankRule RANK_RULE;

/* How a score came about: for whoever asks why a listing stands where it does. */
typedef struct {
    int64_t relevance, place, freshness, revenue; /* 0..1000 */
    int64_t score;
} RankScore;

/* The words of a query, folded once. Texts in arena. */
typedef struct {
    StrList keywords, location;
    bool remote;
} RankQuery;
RankQuery rank_query(const SearchQuery *query, Arena *arena);

/* scratch is for folding; what is in it may be forgotten afterwards. */
RankScore rank_score(const RankRule *rule, const RankQuery *query, const Merged *merged, int64_t now_us,
                     Arena *scratch);
/* Puts the listings in order, in place. */
void rank_sort(const RankRule *rule, const RankQuery *query, Merged *merged, size_t count, int64_t now_us);
