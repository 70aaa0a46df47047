/*
 * Health: which sources may be asked, by how many calls at a time, and whether by one beside another: a breaker, a limiter
 * and a retry budget for each.
 *
 *     begin ──> (still under way: slow) ──> end        each call once, with its ticket; from any thread
 *
 * Shared by all shards of one engine.
 */
#pragma once

#include "ops/metrics.h"
#include "search/breaker.h"
#include "search/limiter.h"
#include "search/retry_budget.h"
#include "tracking/bytes.h"

typedef struct SourceHealth SourceHealth;

/* Both must outlive it; metrics may be NULL. repeat_percent: retry_budget_earn(). */
SourceHealth *source_health_new(Random *random, unsigned repeat_percent, Metrics *metrics);
void source_health_free(SourceHealth *health);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SourceHealth, source_health_free)

/* A call that was begun. */
typedef struct {
    CallKind kind;
    BreakerTicket breaker;
    int64_t started_us;
    int64_t slow_us; /* after so long under way, source_health_note_slow() is to be called */
} HealthTicket;

/* Whether the breaker lets a call begin now. When not, ret_reason is a sentence with the seconds left, in arena. Changes
 * nothing. */
bool source_health_may_ask(SourceHealth *health, const char *source, int64_t now_us, Arena *arena, Str *ret_reason);
/* A call is about to be made: UNAVAILABLE when the source is held or another call is the probe, LIMIT when as many are
 * under way as it bears. One beside the first is made only while the breaker is closed, and paid from the budget: LIMIT
 * when there is nothing in it. */
bool source_health_begin(SourceHealth *health, const char *source, CallKind kind, int64_t now_us,
                         HealthTicket *ret_ticket, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void source_health_note_slow(SourceHealth *health, const char *source, HealthTicket *ticket, int64_t now_us);
/* How a begun call ended, see breaker_end(). */
void source_health_end(SourceHealth *health, const char *source, const HealthTicket *ticket, SourceStatus status,
                       int64_t retry_after_us, int64_t now_us);
/* Definitions and keys are new: sources whose key was refused are asked again. */
void source_health_try_keys_again(SourceHealth *health);

typedef struct {
    const char *state;  /* see breaker_state_name() */
    const char *reason; /* NULL when closed */
    int64_t held_us;    /* for so much longer; 0: not, or nobody knows */
    unsigned under_way, limit;
} HealthView;
HealthView source_health_view(SourceHealth *health, const char *source, int64_t now_us);

/* Of all sources, for knowledge.h. */
void source_health_put(SourceHealth *health, int64_t now_us, GString *to);
/* Into what is empty; when it fails, what came is to be forgotten. age_us: since it was written. */
bool source_health_get(SourceHealth *health, BytesReader *from, int64_t age_us,
                       int64_t now_us) G_GNUC_WARN_UNUSED_RESULT;
/* When no call is under way. */
void source_health_forget(SourceHealth *health);
