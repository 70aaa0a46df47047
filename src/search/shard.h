/*
 * Shard: one loop's share of the engine: what its searches use together, all on that loop's thread.
 */
#pragma once

#include "search/flight.h"
#include "search/engine.h"
#include "search/pages.h"

typedef struct {
    SearchEngine *engine;
    const SearchEngineSpec *spec; /* limits filled in */
    CallContext context;
    AnswerCache *cache;
    Flights *flights;
    PageStore *pages;
    GQueue running; /* of Search */
} SearchShard;

/* A search has been answered. */
void search_engine_note_end(SearchEngine *engine);
