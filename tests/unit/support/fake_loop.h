/*
 * FakeLoop: a loop on a FakeClock. Time passes only in fake_loop_advance_us(); timers fire on the way, in order of
 * their moment and then of their start, and what was posted runs before time moves on.
 *
 * To use it in a room's tests, in tests/unit/ROOM/meson.build:
 *     unit_support = files('../support/fake_loop.c', '../support/fake_client.c')
 * and in test_x.c:
 *     #include "support/fake_client.h"
 *
 *     FakeClock clock;
 *     fake_clock_init(&clock, 0);
 *     g_autoptr(FakeLoop) loop = fake_loop_new(&clock);
 *     thing_start(fake_loop_base(loop));
 *     fake_loop_advance_us(loop, 2 * US_PER_SECOND);
 */
#pragma once

#include "base/loop.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct FakeLoop FakeLoop;

/* The clock is moved by the loop and must outlive it. */
FakeLoop *fake_loop_new(FakeClock *clock);
void fake_loop_free(FakeLoop *loop);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeLoop, fake_loop_free)
Loop *fake_loop_base(FakeLoop *loop);

/* Runs what was posted, and timers that are due, without time passing. */
void fake_loop_run(FakeLoop *loop);
void fake_loop_advance_us(FakeLoop *loop, int64_t us);
/* Lets time pass from timer to timer until *done; false when limit_us passed or nothing is left to wait for. */
bool fake_loop_run_until(FakeLoop *loop, const bool *done, int64_t limit_us);
/* Timers that are started and have not fired. */
size_t fake_loop_timer_count(const FakeLoop *loop);
