/*
 * Loop: one thread's turn-taking, as an interface: timers and work posted from other threads.
 *
 * net/ runs it on libuv; tests run it on a FakeClock, where time passes only when they say so. Everything but
 * loop_post() is called from the loop's own thread.
 */
#pragma once

#include "base/clock.h"

typedef struct Loop Loop;
typedef struct LoopTimer LoopTimer;
typedef void (*LoopFn)(void *data);

typedef struct {
    LoopTimer *(*timer_start)(Loop *loop, int64_t after_us, LoopFn fn, void *data);
    void (*timer_stop)(Loop *loop, LoopTimer *timer);
    void (*post)(Loop *loop, LoopFn fn, void *data);
} LoopOps;

struct Loop {
    const LoopOps *ops;
    const Clock *clock;
};

/* Calls fn once, not before after_us. The timer is gone when fn is called or after loop_timer_stop(). */
static inline LoopTimer *
loop_timer_start(Loop *loop, int64_t after_us, LoopFn fn, void *data)
{
    return loop->ops->timer_start(loop, after_us, fn, data);
}

/* NULL is allowed. */
static inline void
loop_timer_stop(Loop *loop, LoopTimer *timer)
{
    if (timer != NULL)
        loop->ops->timer_stop(loop, timer);
}

/* Calls fn soon on the loop's thread; from any thread, in order. */
static inline void
loop_post(Loop *loop, LoopFn fn, void *data)
{
    loop->ops->post(loop, fn, data);
}
