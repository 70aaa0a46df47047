/*
 * Shard: one loop's share of the engine: what its searches use together, all on that loop's thread.
 */
#pragma once

#include "search/flight.h"
#include "search/engine.h"
#include "search/pages.h"
#include "search/queue_delay.h"

typedef struct {
    SearchEngine *engine;
    const SearchEngineSpec *spec; /* limits filled in */
    CallContext context;
    AnswerCache *cache;
    Flights *flights;
    PageStore *pages;
    GQueue running;   /* of Search */
    QueueDelay queue; /* of searches that are to begin; guarded by the engine's mutex */
} SearchShard;

/* A search has come to its turn. */
void search_engine_note_begin(SearchShard *shard, int64_t waited_us);

/* A search has been answered. */
void search_engine_note_end(SearchEngine *engine);
