/*
 * Clock: time as an input. Nothing below commands/ asks the operating system for the time.
 *
 * Moments are int64 microseconds since 1970-01-01T00:00:00Z; durations carry their unit in the name.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef struct Clock Clock;
struct Clock {
    /* Wall clock: may step. For what is recorded and shown. */
    int64_t (*now_us)(const Clock *clock);
    /* Never steps back. For deadlines and measuring. Its zero means nothing. */
    int64_t (*monotonic_us)(const Clock *clock);
};

#define US_PER_MS     INT64_C(1000)
#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR   (60 * US_PER_MINUTE)
#define US_PER_DAY    (24 * US_PER_HOUR)

static inline int64_t
clock_now_us(const Clock *clock)
{
    return clock->now_us(clock);
}

static inline int64_t
clock_monotonic_us(const Clock *clock)
{
    return clock->monotonic_us(clock);
}

/* The machine's own. Only commands/ should ask for it. */
const Clock *clock_system(void);

/* A clock that stands still until it is moved: for tests and simulations. Clock must be the first member. */
typedef struct {
    Clock clock;
    int64_t now, monotonic;
} FakeClock;

void fake_clock_init(FakeClock *clock, int64_t now_us);
void fake_clock_advance_us(FakeClock *clock, int64_t us);
