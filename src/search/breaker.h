/*
 * Breaker: whether one source may be asked, by how its last calls ended. Rules without I/O and without a lock.
 *
 *              too many failed or slow                    time is over: one call tries
 *     CLOSED ────────────────────────────> OPEN ─────────────────────────────────────────> HALF OPEN
 *       ^                                   ^  fails: open twice as long                       │ │
 *       │                                   └──────────────────────────────────────────────────┘ │
 *       └────────────────────────────────────────────────────────────────────────────────────────┘ answers
 *
 * It looks at the last BREAKER_MARKS calls of the last BREAKER_WINDOW_US. A refused key, a used up quota and "come back
 * later" open it at once. Whoever ended a call, how long it had taken by then is a fact: it counts as slow when that was
 * long for this source. A call that we cancel before that counts as nothing. What a call of an earlier state says comes
 * too late to count, but for how long to stay away.
 */
#pragma once

#include "base/random.h"
#include "search/answer.h"

#define BREAKER_MARKS                64
#define BREAKER_WINDOW_US            (30 * US_PER_SECOND)
#define BREAKER_IN_A_ROW             5  /* failed or slow */
#define BREAKER_CALLS_ENOUGH         20 /* from so many on, a share counts */
#define BREAKER_FAILED_PERCENT       50
#define BREAKER_SLOW_PERCENT         80
#define BREAKER_OPEN_US              (5 * US_PER_SECOND) /* doubled for each failure to come back */
#define BREAKER_OPEN_LIMIT_US        (5 * US_PER_MINUTE)
#define BREAKER_CREDENTIAL_US        (10 * US_PER_MINUTE)
#define BREAKER_CREDENTIAL_LIMIT_US  (6 * US_PER_HOUR)
#define BREAKER_QUOTA_US             US_PER_MINUTE /* unless the partner says how long */
#define BREAKER_RETRY_AFTER_LIMIT_US US_PER_DAY
#define BREAKER_PROBE_EVERY_US       US_PER_SECOND /* at most, while half open */
#define BREAKER_FORGIVEN_US          US_PER_MINUTE /* closed for so long, it opens as if for the first time */

typedef enum { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN } BreakerState;

typedef struct {
    int64_t at_us;
    bool failed, slow;
} BreakerMark;

/* Begins zeroed. */
typedef struct {
    BreakerState state;
    uint32_t generation; /* of the state: changes with it */
    BreakerMark marks[BREAKER_MARKS];
    unsigned mark_count, next_mark;
    unsigned bad_in_a_row;
    unsigned opened;  /* so often, without being closed for long */
    SourceStatus why; /* it was opened; SOURCE_LATE: answers were slow */
    int64_t until_us; /* of OPEN, monotonic */
    int64_t closed_at_us, probe_at_us;
    bool has_probe;
} Breaker;

/* What a call is known by. */
typedef struct {
    uint32_t generation;
    bool is_probe, is_slow;
} BreakerTicket;

/* Whether a call may begin. When not, ret_wait_us is how long that stays so for certain; 0: until a probe has ended. */
bool breaker_may_begin(const Breaker *breaker, int64_t now_us, int64_t *ret_wait_us);
/* The same, and begins it. */
bool breaker_begin(Breaker *breaker, int64_t now_us, BreakerTicket *ret_ticket);
/* The call is still under way, and that is long for this source. True when that opened it. */
bool breaker_note_slow(Breaker *breaker, BreakerTicket *ticket, int64_t now_us, Random *random);
/* How it ended; SOURCE_LATE when we ended it, SOURCE_SKIPPED when it was not asked after all. retry_after_us: what the
 * partner asked for, 0 for nothing. True when that opened it. */
bool breaker_end(Breaker *breaker, const BreakerTicket *ticket, SourceStatus status, int64_t retry_after_us,
                 int64_t now_us, Random *random);
/* "closed", "half_open", "open"; "credential" while it is open since our key was refused. */
const char *breaker_state_name(const Breaker *breaker);
/* Why it is not closed: "quota", "timeout", ..., "slow answers". */
const char *breaker_reason(const Breaker *breaker);
