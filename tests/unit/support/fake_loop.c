#include "support/fake_loop.h"

struct LoopTimer {
    int64_t at_us;
    uint64_t order;
    LoopFn fn;
    void *data;
};

typedef struct {
    LoopFn fn;
    void *data;
} Post;

struct FakeLoop {
    Loop base; /* first */
    FakeClock *clock;
    GQueue timers; /* of LoopTimer, in order */
    uint64_t timer_order;
    GMutex lock; /* of posts */
    GQueue posts;
};

static int
compare_timers(gconstpointer a, gconstpointer b, gpointer unused G_GNUC_UNUSED)
{
    const LoopTimer *left = a, *right = b;

    if (left->at_us != right->at_us)
        return left->at_us < right->at_us ? -1 : 1;
    return left->order < right->order ? -1 : 1;
}

static LoopTimer *
timer_start(Loop *base, int64_t after_us, LoopFn fn, void *data)
{
    FakeLoop *loop = (FakeLoop *)base;
    LoopTimer *timer = g_new0(LoopTimer, 1);

    *timer = (LoopTimer){clock_monotonic_us(base->clock) + MAX(after_us, 0), loop->timer_order++, fn, data};
    g_queue_insert_sorted(&loop->timers, timer, compare_timers, NULL);
    return timer;
}

static void
timer_stop(Loop *base, LoopTimer *timer)
{
    FakeLoop *loop = (FakeLoop *)base;

    if (!g_queue_remove(&loop->timers, timer))
        g_error("a timer is stopped that has fired or was stopped before");
    g_free(timer);
}

static void
post(Loop *base, LoopFn fn, void *data)
{
    FakeLoop *loop = (FakeLoop *)base;
    Post *what = g_new(Post, 1);

    *what = (Post){fn, data};
    g_mutex_lock(&loop->lock);
    g_queue_push_tail(&loop->posts, what);
    g_mutex_unlock(&loop->lock);
}

static const LoopOps OPS = {timer_start, timer_stop, post};

FakeLoop *
fake_loop_new(FakeClock *clock)
{
    FakeLoop *loop = g_new0(FakeLoop, 1);

    loop->base = (Loop){&OPS, &clock->clock};
    loop->clock = clock;
    g_queue_init(&loop->timers);
    g_queue_init(&loop->posts);
    g_mutex_init(&loop->lock);
    return loop;
}

void
fake_loop_free(FakeLoop *loop)
{
    if (loop == NULL)
        return;
    g_queue_clear_full(&loop->timers, g_free);
    g_queue_clear_full(&loop->posts, g_free);
    g_mutex_clear(&loop->lock);
    g_free(loop);
}

Loop *
fake_loop_base(FakeLoop *loop)
{
    return &loop->base;
}

static bool
run_post(FakeLoop *loop)
{
    Post *what;

    g_mutex_lock(&loop->lock);
    what = g_queue_pop_head(&loop->posts);
    g_mutex_unlock(&loop->lock);
    if (what == NULL)
        return false;
    what->fn(what->data);
    g_free(what);
    return true;
}

/* Fires the first timer that is due at until_us, moving the clock to its moment. */
static bool
run_timer(FakeLoop *loop, int64_t until_us)
{
    LoopTimer *timer = g_queue_peek_head(&loop->timers), copy;
    int64_t now_us = clock_monotonic_us(loop->base.clock);

    if (timer == NULL || timer->at_us > until_us)
        return false;
    if (timer->at_us > now_us)
        fake_clock_advance_us(loop->clock, timer->at_us - now_us);
    g_queue_pop_head(&loop->timers);
    copy = *timer;
    g_free(timer);
    copy.fn(copy.data);
    return true;
}

void
fake_loop_run(FakeLoop *loop)
{
    fake_loop_advance_us(loop, 0);
}

void
fake_loop_advance_us(FakeLoop *loop, int64_t us)
{
    int64_t until_us = clock_monotonic_us(loop->base.clock) + us;

    while (run_post(loop) || run_timer(loop, until_us))
        ;
    /* A callback may have moved the clock itself. */
    if (clock_monotonic_us(loop->base.clock) < until_us)
        fake_clock_advance_us(loop->clock, until_us - clock_monotonic_us(loop->base.clock));
}

bool
fake_loop_run_until(FakeLoop *loop, const bool *done, int64_t limit_us)
{
    int64_t until_us = clock_monotonic_us(loop->base.clock) + limit_us;

    while (!*done && (run_post(loop) || run_timer(loop, until_us)))
        ;
    return *done;
}

size_t
fake_loop_timer_count(const FakeLoop *loop)
{
    return loop->timers.length;
}
