/*
 * Answer cache: what sources said, kept for whoever asks the same, within a bound of bytes. Does no I/O and asks nobody.
 *
 *     keep ──> fresh ──────────────> stale ───────────────> fallback ─────────────────> gone
 *              given as it is        given, while a newer    given only when asking
 *                                    one is fetched          again brings nothing
 *
 * An entry is one source's answer to one question, so that searches of all modes, and of other choices of sources, share
 * it. A failure is kept too, for a moment, so that a partner in trouble isn't asked the same again at once; but it never
 * takes the place of an answer that may still be given: it only puts off asking again.
 *
 * Room is made by SIEVE (Zhang et al., NSDI 2024): entries stand in order of arrival, a hit only sets a mark, and a hand
 * moves from the oldest on, takes marks off and removes the first entry without one. Most questions are asked once: such
 * entries leave first, where LRU would let them push out those that are asked often. Finding, keeping and removing each
 * take constant time (the hand's steps are paid for by the hits that set the marks).
 *
 * One for each shard, used on its thread only: equal questions meet on one shard, so nothing is locked.
 */
#pragma once

#include "ops/metrics.h"
#include "search/reply.h"

typedef struct AnswerCache AnswerCache;

/* How long an answer is good for what. The windows of staleness both begin when freshness ends (RFC 5861). */
typedef struct {
    int64_t fresh_us; /* 0: it is not kept */
    int64_t stale_us;
    int64_t stale_error_us;
} AnswerLifetime;

typedef enum { KEPT_NONE, KEPT_FRESH, KEPT_STALE, KEPT_FALLBACK } KeptState;

typedef struct {
    KeptState state;
    SourceReply *reply; /* the cache's: reference it to keep it; NULL for KEPT_NONE */
    int64_t ttl_us;     /* how long it is still fresh; negative: so long it is stale */
    /* false: a newer one was asked for a moment ago, in vain. Of KEPT_STALE only; a KEPT_FALLBACK is given as KEPT_STALE
     * then. */
    bool may_ask;
} KeptAnswer;

/* metrics may be NULL. */
AnswerCache *answer_cache_new(size_t limit_bytes, Metrics *metrics);
void answer_cache_free(AnswerCache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AnswerCache, answer_cache_free)

/* now_us: monotonic. */
KeptAnswer answer_cache_find(AnswerCache *cache, Str key, int64_t now_us);
/* Keeps a complete reply in the place of the one that was there; a failure only where there is no answer that may still
 * be given. A lifetime of 0, or a reply greater than the whole cache, leaves nothing: an answer that may not be kept
 * also ends what was kept before it. */
void answer_cache_keep(AnswerCache *cache, Str key, SourceReply *reply, AnswerLifetime lifetime, int64_t now_us);
/* What it holds, with its own book-keeping. */
size_t answer_cache_bytes(const AnswerCache *cache);
