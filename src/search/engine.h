/*
 * Search engine: questions become answers, on the loops it is given.
 *
 *     search_start ──> shard's loop: plan ──> cache ──> fan-out ──> merge, rank ──> tokens ──> done(answer) ──> event
 *
 * Equal questions go to one shard, so that replies are cached, calls shared and pages remembered without a lock. No
 * part of this waits for the database: the index is asked on workers, the event goes to the spool without waiting.
 */
#pragma once

#include "base/id.h"
#include "base/loop.h"
#include "exchange/exchange.h"
#include "net/shared_store.h"
#include "ops/metrics.h"
#include "quality/mapping_sink.h"
#include "search/answer_lifetime.h"
#include "search/flight.h"
#include "search/learned.h"
#include "search/health.h"
#include "search/rank.h"
#include "store/db_workers.h"
#include "tracking/spool.h"
#include "tracking/token.h"

typedef struct SearchEngine SearchEngine;

/* A loop with its client. Both must outlive the engine. */
typedef struct {
    Loop *loop;
    HttpClient *client;
    SharedStore *shared; /* answers of other processes; NULL: none */
} SearchShardSpec;

/* 0 takes the default, where there is one. */
typedef struct {
    unsigned searches;         /* at the same time; 2,000 */
    size_t listings_per_call;  /* 200 */
    size_t memory_per_call;    /* bytes of listings from one source; 4 MiB */
    uint64_t bytes_per_answer; /* as received; 16 MiB */
    int64_t source_timeout_us; /* for a source that names none; 10 s */
    unsigned repeat_percent;   /* calls beside the first ones for each hundred answered, attempts.h; none */
    size_t cache_bytes;        /* of kept answers, over all shards; 64 MiB */
    size_t pages_bytes;        /* of remembered pages, over all shards; 64 MiB */
    int64_t pages_lifetime_us; /* 10 minutes */
} SearchLimits;

typedef struct {
    SourceSet *sources; /* referenced */
    const SearchShardSpec *shards;
    size_t shard_count;
    const Clock *clock;
    Random *random; /* from any thread */
    IdMint *mint;
    const TokenKeyRing *keys; /* or a newer one */
    const char *base_url;     /* "https://feed.example", without slash at the end */
    ExchangeShared *exchange; /* sessions and limits, shared with whatever else asks partners */
    Spool *spool;             /* NULL: searches are not recorded */
    DbWorkers *index;         /* NULL: no stored listings; must be freed before the loops end */
    Metrics *metrics;         /* may be NULL */
    MappingSink *mapping;     /* what became of partners' records; NULL: it is only counted */
    SearchLimits limits;
    CacheRule cache;
    const RankRule *ranking;     /* NULL: RANK_RULE */
    BackgroundLimits background; /* over all shards */
    bool allow_private_hosts;    /* sources may be on loopback: for the sandbox and tests */
} SearchEngineSpec;

/* What the pointers show to must outlive the engine. */
SearchEngine *search_engine_new(const SearchEngineSpec *spec);
/* Takes no new searches and ends those under way, which are answered with what they have. Waits up to grace_us for
 * that; 0: does not wait. True when none is left. */
bool search_engine_stop(SearchEngine *engine, int64_t grace_us);
/* After search_engine_stop(), when the loops' threads have ended or on the one thread that runs them. */
void search_engine_free(SearchEngine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SearchEngine, search_engine_free)

/* From now on searches use these sources; those under way keep theirs. From any thread. */
void search_engine_set_sources(SearchEngine *engine, SourceSet *sources);
/* Referenced for the caller. */
SourceSet *search_engine_sources(SearchEngine *engine);
/* How a source does, as searches of this process find it. From any thread. */
HealthView search_engine_health(SearchEngine *engine, const char *source);
/* How long searches have to wait for their turn of late, however short the queue was for moments (queue_delay.h): the
 * longest of all shards. */
int64_t search_engine_queue_delay_us(SearchEngine *engine);
/* What clicks earned of late (learned.h). From any thread. */
void search_engine_set_earnings(SearchEngine *engine, const SourceEarnings *earnings, size_t count);
/* What searches have learned of sources (learned.h); lives as long as the engine. */
Learned *search_engine_learned(SearchEngine *engine);
/* knowledge_save(), from any thread; knowledge_load(), before the first search. */
bool search_engine_save(SearchEngine *engine, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool search_engine_load(SearchEngine *engine, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Searches under way. */
unsigned search_engine_active(SearchEngine *engine);

/* Who is told of a search, on a shard's thread; but an answer that is there already (at_once.h) may be handed over from within
 * search_start() to who wants nothing else. What is handed over is valid during the
 * call. A search with moved is watched (watch.h). */
typedef struct {
    void (*done)(void *data, const SearchAnswer *answer); /* once */
    /* NULL: only the answer is wanted. Called when the search begins, when there is news, and after each second without
     * any. False: nobody listens any more, and the search ends, with done. */
    bool (*moved)(void *data, const SearchNews *news);
    /* How many of the listings told have reached who listened, when moved said that nobody does. */
    size_t (*taken)(void *data);
} SearchReceiver;

/* INVALID also for a cursor that is not one of ours, or of another question; NOT_FOUND for one that is too old.
 * Starts a search; query and receiver are copied. From any thread. LIMIT when too many are under
 * way, UNAVAILABLE when the engine stops, INVALID when the query names a source that does not exist. */
bool search_start(SearchEngine *engine, const SearchQuery *query, const SearchReceiver *receiver, void *data,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
