/*
 * Limiter: how many calls of one source may be under way, found out by how it bears them. Rules without I/O and without
 * a lock.
 *
 * The limit grows by one for each answer until a first sign of too much, later by one for each round of answers (as TCP
 * does), and only while half of it is used. It shrinks, at most once in the time that an answer takes, when the partner says "too
 * much", when a tenth of the calls fail, or when answers take twice as long as they usually do; then by how much longer.
 */
#pragma once

#include "base/clock.h"
#include "search/answer.h"

#define LIMITER_START 32
#define LIMITER_MIN   1
#define LIMITER_MAX   1000
/* How long a call may take before it is slow for its source: four times the usual, and at least the former; while little
 * is known of it, the latter. */
#define LIMITER_SLOW_MIN_US     (500 * US_PER_MS)
#define LIMITER_SLOW_UNKNOWN_US (2 * US_PER_SECOND)

typedef struct {
    double limit;
    unsigned under_way;
    bool has_shrunk;
    double usual_us, recent_us; /* what an answer takes; 0: none yet */
    double failing;             /* share of the last calls that failed, smoothed */
    uint64_t answers;
    int64_t answered_at_us, shrunk_at_us;
    int64_t loaded_at_us; /* when half of the limit, or more, was under way */
} Limiter;

void limiter_init(Limiter *limiter);
bool limiter_has_room(const Limiter *limiter);
/* A call begins; after limiter_has_room(). */
void limiter_begin(Limiter *limiter, int64_t now_us);
/* It has ended, or was not made after all. took_us counts for answers. */
void limiter_end(Limiter *limiter, SourceStatus status, int64_t took_us, int64_t now_us);
/* A source that comes back is asked by a few first. */
void limiter_restart(Limiter *limiter);
int64_t limiter_slow_us(const Limiter *limiter);
