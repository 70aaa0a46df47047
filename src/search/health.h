/*
 * Health: which sources are left alone for a while after failures.
 *
 *              3 failures in a row                hold is over: one call may try
 *     WELL ────────────────────────> HELD <───────────────────────────> PROBING
 *       ^                              ^                fails: held twice as long │
 *       └──────────────────────────────┼──────────────────────────────────────────┘ answers
 *     a refused key or "too often" holds at once
 *
 * A call that we cancel counts as nothing. Shared by all shards of one engine.
 */
#pragma once

#include "search/answer.h"

#define HEALTH_FAILURES_BEFORE_HOLD 3
#define HEALTH_HOLD_US              (5 * US_PER_SECOND)
#define HEALTH_HOLD_LIMIT_US        (5 * US_PER_MINUTE)
#define HEALTH_CREDENTIAL_HOLD_US   (10 * US_PER_MINUTE)
#define HEALTH_CREDENTIAL_LIMIT_US  (6 * US_PER_HOUR)
#define HEALTH_QUOTA_HOLD_US        US_PER_MINUTE
#define HEALTH_RETRY_AFTER_LIMIT_US US_PER_DAY

typedef struct SourceHealth SourceHealth;

SourceHealth *source_health_new(void);
void source_health_free(SourceHealth *health);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SourceHealth, source_health_free)

/* Whether a call may be made now. When not, ret_reason is a sentence with the seconds left, in arena. Changes nothing. */
bool source_health_may_ask(SourceHealth *health, const char *source, int64_t now_us, Arena *arena, Str *ret_reason);
/* A call is about to be made: false when another call is the probe, or the source is held. */
bool source_health_begin(SourceHealth *health, const char *source, int64_t now_us);
/* How a begun call ended; SOURCE_LATE when we ended it. retry_after_us: what the partner asked for, 0 for nothing. */
void source_health_report(SourceHealth *health, const char *source, SourceStatus status, int64_t retry_after_us,
                          int64_t now_us);
