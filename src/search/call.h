/*
 * Source call: one question on its way to one partner.
 *
 *     start ──> moved after each piece ──> over: status fixed, `ended` called, call freed
 *              (a source with a second step moves only by ending, when its details are there)
 *       └──> cancel: the transfer ends, which is no failure of the partner
 *
 * An answer is read while it arrives; listings, bytes and time are bounded, so that a slow, endless or hostile partner
 * costs only its own listings. Who waits for it is flight.h's business. All on one loop's thread.
 */
#pragma once

#include "exchange/exchange.h"
#include "listings/place_memo.h"
#include "ops/metrics.h"
#include "quality/mapping_sink.h"
#include "search/health.h"
#include "search/learned.h"
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
    Random *random;
    SourceHealth *health;
    Learned *learned;
    Metrics *metrics;
    MappingSink *mapping; /* NULL: what mapping lost is only counted */
    PlaceMemo *places;
    CallLimits limits;
} CallContext;

typedef struct {
    void (*moved)(void *data); /* the reply has grown */
    void (*ended)(void *data,
                  SourceReply *reply); /* once; the reply is complete, or SOURCE_LATE when it was cancelled */
} CallReceiver;

/* Nothing of the receiver is called from within. INVALID when the question lacks what the partner demands; UNAVAILABLE
 * when the source is held back, LIMIT when its definition allows no more calls for now, or it bears no more. */
SourceCall *source_call_start(const CallContext *context, SourceSet *set, const Source *source,
                              const Question *question, CallKind kind, const CallReceiver *receiver, void *data,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* As far as it has come; the call's. */
SourceReply *source_call_reply(SourceCall *call);
/* Its answer has begun to arrive. */
bool source_call_is_answered(const SourceCall *call);
/* Ends it: what has come is the reply, without details that are missing. Not from within moved(): an HTTP client is not
 * to be cancelled from its own callback. */
void source_call_cancel(SourceCall *call);
