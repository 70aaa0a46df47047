/*
 * Earnings: what a click earns and how that changes over time. No I/O, no clock: a pure function.
 *
 *     click ──lag──> pending ──> approved ──> corrected
 *                       │            └──────> reversed (clawed back)
 *                       └───────────────────> reversed (declined)
 *
 * About 70 % of clicks earn. Some earn late, some in two pieces, some are reported twice over. All stages stand at
 * whole multiples of the lag after the click.
 */
#pragma once

#include "sandbox/network.h"

typedef enum { EARNING_PENDING, EARNING_APPROVED, EARNING_REVERSED } EarningStatus;
const char *earning_status_name(EarningStatus status);

/* A click as the network has stored it. */
typedef struct {
    int64_t id; /* from 1, counted over all networks */
    uint32_t listing;
    char sub_id[65]; /* "" when it came without, or with one that does not fit */
    int64_t at_us;
} SandboxClick;

typedef struct {
    int64_t at_us; /* from when on it holds */
    EarningStatus status;
    int64_t amount_micros; /* 0 when reversed */
} EarningState;

#define EARNING_STATES     4
#define EARNINGS_PER_CLICK 2

typedef struct {
    unsigned piece;          /* 0 or 1: of a click that is paid in pieces */
    bool by_action, doubled; /* doubled: its rows are delivered twice */
    int64_t event_at_us;
    EarningState states[EARNING_STATES]; /* in order of time */
    unsigned state_count;
} Earning;

/* How many earnings the click has, 0 to EARNINGS_PER_CLICK. */
unsigned earnings_of_click(uint64_t seed, const Network *network, const SandboxClick *click, int64_t lag_us,
                           Earning ret_earnings[EARNINGS_PER_CLICK]);
/* The state that holds at a moment; NULL when nothing is known yet. */
const EarningState *earning_state_at(const Earning *earning, int64_t at_us);
