#include "base/clock.h"

static int64_t
system_now_us(const Clock *clock G_GNUC_UNUSED)
{
    return g_get_real_time();
}

static int64_t
system_monotonic_us(const Clock *clock G_GNUC_UNUSED)
{
    return g_get_monotonic_time();
}

const Clock *
clock_system(void)
{
    static const Clock SYSTEM = {system_now_us, system_monotonic_us};

    return &SYSTEM;
}

static int64_t
fake_now_us(const Clock *clock)
{
    return ((const FakeClock *)clock)->now;
}

static int64_t
fake_monotonic_us(const Clock *clock)
{
    return ((const FakeClock *)clock)->monotonic;
}

void
fake_clock_init(FakeClock *clock, int64_t now_us)
{
    *clock = (FakeClock){.clock = {fake_now_us, fake_monotonic_us}, .now = now_us, .monotonic = US_PER_SECOND};
}

void
fake_clock_advance_us(FakeClock *clock, int64_t us)
{
    g_assert(us >= 0);
    clock->now += us;
    clock->monotonic += us;
}
