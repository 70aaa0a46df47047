#include "net/uv_loop.h"

typedef struct {
    Loop *loop;
    GString *seen;
    int64_t started_us, fired_us;
    LoopTimer *other;
    bool done;
} Fixture;

static void
append_a(void *data)
{
    g_string_append_c(((Fixture *)data)->seen, 'a');
}

static void
append_b(void *data)
{
    g_string_append_c(((Fixture *)data)->seen, 'b');
}

static void
finish(void *data)
{
    Fixture *f = data;

    f->fired_us = clock_monotonic_us(f->loop->clock);
    f->done = true;
}

static void
stop_other(void *data)
{
    Fixture *f = data;

    loop_timer_stop(f->loop, f->other);
}

static void
timers_fire_in_order_and_never_early(void)
{
    g_autoptr(UvLoop) uv = uv_loop_wrapper_new(clock_system());
    g_autoptr(GString) seen = g_string_new(NULL);
    Fixture f = {.loop = uv_loop_base(uv), .seen = seen};

    loop_timer_start(f.loop, 8 * US_PER_MS, append_b, &f);
    loop_timer_start(f.loop, 1, append_a, &f);
    f.other = loop_timer_start(f.loop, 4 * US_PER_MS, append_a, &f);
    loop_timer_start(f.loop, 2 * US_PER_MS, stop_other, &f);
    f.started_us = clock_monotonic_us(f.loop->clock);
    loop_timer_start(f.loop, 20500, finish, &f);
    uv_loop_run_until(uv, &f.done);
    g_assert_cmpstr(seen->str, ==, "ab");
    g_assert_cmpint(f.fired_us - f.started_us, >=, 20500);
}

static void
timers_left_are_freed_with_the_loop(void)
{
    g_autoptr(UvLoop) uv = uv_loop_wrapper_new(clock_system());
    g_autoptr(GString) seen = g_string_new(NULL);
    Fixture f = {.loop = uv_loop_base(uv), .seen = seen};

    loop_timer_start(f.loop, US_PER_HOUR, append_a, &f);
    loop_timer_stop(f.loop, loop_timer_start(f.loop, US_PER_HOUR, append_a, &f));
    g_clear_pointer(&uv, uv_loop_wrapper_free);
    g_assert_cmpstr(seen->str, ==, "");
}

enum { POSTS = 5000, POSTERS = 4 };

typedef struct {
    Loop *loop;
    int next; /* checked on the loop's thread */
    GThread *seen_on;
} Poster;

typedef struct {
    Poster *poster;
    int number;
} Numbered;

static void
take_number(void *data)
{
    Numbered *numbered = data;
    Poster *poster = numbered->poster;

    g_assert_cmpint(numbered->number, ==, poster->next);
    g_assert_true(poster->seen_on == NULL || poster->seen_on == g_thread_self());
    poster->seen_on = g_thread_self();
    __atomic_store_n(&poster->next, poster->next + 1, __ATOMIC_SEQ_CST);
    g_free(numbered);
}

static gpointer
post_numbers(gpointer data)
{
    Poster *poster = data;

    for (int i = 0; i < POSTS; i++) {
        Numbered *numbered = g_new(Numbered, 1);

        *numbered = (Numbered){poster, i};
        loop_post(poster->loop, take_number, numbered);
    }
    return NULL;
}

static void
posts_run_in_order_on_the_loops_thread(void)
{
    g_autoptr(UvLoop) uv = uv_loop_wrapper_new(clock_system());
    Poster posters[POSTERS] = {0};
    GThread *threads[POSTERS];

    uv_loop_start(uv, "loop");
    for (size_t i = 0; i < POSTERS; i++) {
        posters[i].loop = uv_loop_base(uv);
        threads[i] = g_thread_new("poster", post_numbers, &posters[i]);
    }
    for (size_t i = 0; i < POSTERS; i++)
        g_thread_join(threads[i]);
    uv_loop_stop(uv); /* behind all posts */
    for (size_t i = 0; i < POSTERS; i++) {
        g_assert_cmpint(posters[i].next, ==, POSTS);
        g_assert_true(posters[i].seen_on != g_thread_self());
    }
}

static void
a_loop_that_was_stopped_may_run_again(void)
{
    g_autoptr(UvLoop) uv = uv_loop_wrapper_new(clock_system());
    g_autoptr(GString) seen = g_string_new(NULL);
    Fixture f = {.loop = uv_loop_base(uv), .seen = seen};

    uv_loop_start(uv, "loop");
    uv_loop_stop(uv);
    uv_loop_stop(uv);
    loop_post(f.loop, append_a, &f);
    loop_post(f.loop, finish, &f);
    uv_loop_run_until(uv, &f.done);
    g_assert_cmpstr(seen->str, ==, "a");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/loop/timers_fire_in_order_and_never_early", timers_fire_in_order_and_never_early);
    g_test_add_func("/net/loop/timers_left_are_freed_with_the_loop", timers_left_are_freed_with_the_loop);
    g_test_add_func("/net/loop/posts_run_in_order_on_the_loops_thread", posts_run_in_order_on_the_loops_thread);
    g_test_add_func("/net/loop/a_loop_that_was_stopped_may_run_again", a_loop_that_was_stopped_may_run_again);
    return g_test_run();
}
