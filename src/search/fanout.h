/*
 * Fan-out: one search under way: its sources asked at once, under one deadline.
 *
 *     begin: pages ──> plan ──> kept replies ──> calls ──> (listings arrive, stop_rule.h) ──> end: merge, rank, answer
 *
 * Whatever sources do, the search is answered once, by its deadline at the latest. Calls it no longer needs are left:
 * the last one to leave cancels the transfer.
 */
#pragma once

#include "search/shard.h"

typedef struct Search Search;

/* What it is asked is copied; the set is referenced. From any thread. */
Search *search_new(SearchShard *shard, const SearchAsk *ask);
/* On the shard's thread, as all that follows. The search frees itself after done was called. */
void search_begin(Search *search);
/* Answers now with what has come. */
void search_end(Search *search, SearchEnd why);
