/*
 * Shard: one loop's share of the engine: what its searches use together, all but first pages on that loop's thread.
 */
#pragma once

#include "search/first_pages.h"
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
    FirstPages *first_pages;
    GQueue running;   /* of Search */
    QueueDelay queue; /* of searches that are to begin; guarded by the engine's mutex */
} SearchShard;

/* A search as it is asked. */
typedef struct {
    SourceSet *set;
    const SearchQuery *query;
    Str query_key;            /* search_query_key() */
    const PageCursor *cursor; /* NULL: there is none */
    Id id;
    int64_t started_us; /* monotonic */
    int64_t started_at_us;
    const SearchReceiver *receiver;
    void *data;
} SearchAsk;

/* A search has come to its turn. */
void search_engine_note_begin(SearchShard *shard, int64_t waited_us);

/* A search has been answered. */
void search_engine_note_end(SearchEngine *engine);
