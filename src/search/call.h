/*
 * Source call: one question on its way to one partner, and all the searches that wait for it.
 *
 *     start ──> waiters are told after each piece ──> over: status fixed, `ended` called, waiters told, call freed
 *              (a source with a second step tells them once, when its details are there or nobody waits any longer)
 *       └──> the last waiter leaves: the transfer is cancelled, which is no failure of the partner
 *
 * An answer is read while it arrives; listings, bytes and time are bounded, so that a slow, endless or hostile partner
 * costs only its own listings. All on one loop's thread.
 */
#pragma once

#include "exchange/exchange.h"
#include "ops/metrics.h"
#include "quality/mapping_sink.h"
#include "search/health.h"
#include "search/reply.h"

typedef struct SourceCall SourceCall;

typedef struct {
    size_t listings;       /* of one answer; the rest is not read */
    size_t memory_bytes;   /* of its listings */
    uint64_t answer_bytes; /* as received */
    int64_t timeout_us;    /* for a source whose definition has none */
} CallLimits;

/* What calls of one shard share. */
typedef struct {
    Loop *loop;
    Exchanges *exchanges;
    SourceHealth *health;
    Metrics *metrics;
    MappingSink *mapping; /* NULL: what mapping lost is only counted */
    CallLimits limits;
} CallContext;

/* ended is called once, before the waiters hear of it; reply is complete, or SOURCE_LATE when nobody waited. May be
 * NULL. INVALID when the question lacks what the partner demands; UNAVAILABLE when the source is held back, LIMIT
 * when its definition allows no more calls for now. */
SourceCall *source_call_start(const CallContext *context, SourceSet *set, const Source *source,
                              const Question *question, void (*ended)(void *data, SourceReply *reply), void *data,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
SourceReply *source_call_reply(SourceCall *call);
/* moved(data) is called when the reply has grown or is complete; never from within this function. After the reply is
 * complete the waiter has left by itself. */
void source_call_join(SourceCall *call, void (*moved)(void *data), void *data);
/* The waiter with that data is told nothing any more. Not from within moved() while the reply is incomplete: an HTTP
 * client is not to be cancelled from its own callback. */
void source_call_leave(SourceCall *call, void *data);
