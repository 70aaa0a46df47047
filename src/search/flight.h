/*
 * Flight: one question on its way, and all the searches that wait for its answer.
 *
 *     join ──> under way ──> waiters are told after each piece ──> over: kept (answer_cache.h), waiters told, gone
 *       │          └──> the last waiter leaves ──┬──> goes on for nobody, for a while: the answer is kept for the next who asks
 *       │                                        └──> is cancelled: it may not be kept, or too many go on already
 *       └──> not asked at all: the source is held back, its limits are used up, ...
 *
 * Before a partner is asked, the shared store is, where there is one: what it has of another process is as good.
 *
 * Whoever asks first leads nobody: a flight belongs to its table, so that a client that goes away, or a search whose
 * deadline comes, takes nothing from the others, and each waits as long as it wants to. A question goes to a partner, or
 * to the stored listings. One table for each shard, used on its thread only.
 */
#pragma once

#include "search/answer_lifetime.h"
#include "net/shared_store.h"
#include "search/attempts.h"
#include "store/db_workers.h"

typedef struct Flights Flights;
typedef struct Flight Flight;

/* What goes on when nobody waits for it any more, and how long it may from then on. */
typedef struct {
    unsigned questions;  /* at the same time; 0: none */
    unsigned per_source; /* of them; 0: any number */
    int64_t time_us;     /* each; 0: as long as its source takes */
} BackgroundLimits;

typedef struct {
    const CallContext *context;
    AnswerCache *cache;
    const CacheRule *rule;
    DbWorkers *index;            /* NULL: no stored listings */
    SharedStore *shared;         /* what other processes were answered; NULL: none */
    BackgroundLimits background; /* of this table */
} FlightsSpec;

/* What the spec points to must outlive the table. */
Flights *flights_new(const FlightsSpec *spec);
/* Ends all that is under way. On the shard's thread; nobody may wait any more. */
void flights_stop(Flights *flights);
/* After flights_stop(). */
void flights_free(Flights *flights);

typedef struct {
    Str key; /* answer_key() */
    SourceSet *set;
    const Source *source; /* NULL: the stored listings of the sources in names */
    StrList names;
    Question question;
    AttemptPace pace; /* of the source, for who asks it first */
    int64_t until_us; /* the waiter waits until then, monotonic; 0 when nobody does */
} FlightSpec;

/* reply is complete, and the waiter has left by itself, unless its status is SOURCE_PENDING. It may be another than the
 * one before, which was given up. */
typedef void (*FlightMovedFn)(void *data, SourceReply *reply);

typedef struct {
    Flight *flight;     /* NULL: there is none, since it can't be asked */
    SourceReply *reply; /* referenced for the caller; NULL: nothing yet. Without a flight: SOURCE_SKIPPED, and why */
    bool joined;        /* another search had asked already */
} FlightStart;

/* Everything of spec is copied. moved is never called from within. */
FlightStart flight_join(Flights *flights, const FlightSpec *spec, FlightMovedFn moved, void *data);
/* What becomes of a flight for which nobody waits any more. */
typedef enum {
    FLIGHT_GO_ON, /* its answer is kept for the next who asks, if it may be and not too many go on already */
    FLIGHT_CANCEL,
} FlightLeave;
/* The waiter with that data is told nothing any more. Not from within moved() while the reply is incomplete. */
void flight_leave(Flight *flight, void *data, FlightLeave how);
/* Asks for nobody, so that a newer answer is there for the next, unless it is asked already or too many go on so. */
void flight_refresh(Flights *flights, const FlightSpec *spec);
