#include "ops/periodic.h"

#include <glib.h>

#define LONG_US (INT64_C(3600) * G_USEC_PER_SEC)

typedef struct {
    GMutex mutex;
    GCond changed;
    int calls, finished;
    int64_t next_us;  /* what it says */
    gboolean is_held; /* a call does not come to its end */
} Worked;

static int64_t
work(void *data)
{
    Worked *worked = data;
    int64_t next_us;

    g_mutex_lock(&worked->mutex);
    worked->calls++;
    g_cond_broadcast(&worked->changed);
    while (worked->is_held)
        g_cond_wait(&worked->changed, &worked->mutex);
    worked->finished++;
    next_us = worked->next_us;
    g_mutex_unlock(&worked->mutex);
    return next_us;
}

static void
wait_for_calls(Worked *worked, int calls)
{
    g_mutex_lock(&worked->mutex);
    while (worked->calls < calls)
        g_cond_wait(&worked->changed, &worked->mutex);
    g_mutex_unlock(&worked->mutex);
}

static void
it_is_done_again_and_again(void)
{
    Worked worked = {.next_us = 1000};
    Periodic *periodic = periodic_start("test", 0, work, &worked);

    wait_for_calls(&worked, 3);
    periodic_stop(periodic);
    g_assert_cmpint(worked.finished, ==, worked.calls);
}

static void
it_is_done_no_sooner_than_it_says(void)
{
    Worked worked = {.next_us = LONG_US};
    int64_t start_us = g_get_monotonic_time();
    Periodic *periodic = periodic_start("test", 20000, work, &worked);

    wait_for_calls(&worked, 1);
    g_assert_cmpint(g_get_monotonic_time() - start_us, >=, 20000);
    periodic_stop(periodic);
    g_assert_cmpint(worked.calls, ==, 1);
}

static void
a_long_wait_ends_at_once_when_it_is_stopped(void)
{
    Worked worked = {.next_us = LONG_US};
    int64_t start_us = g_get_monotonic_time();
    Periodic *periodic = periodic_start("test", LONG_US, work, &worked);

    periodic_stop(periodic);
    g_assert_cmpint(worked.calls, ==, 0);
    g_assert_cmpint(g_get_monotonic_time() - start_us, <, LONG_US);
}

static gpointer
stop(gpointer periodic)
{
    periodic_stop(periodic);
    return NULL;
}

static void
stopping_waits_for_a_call_that_is_under_way(void)
{
    Worked worked = {.next_us = 0, .is_held = TRUE};
    Periodic *periodic = periodic_start("test", 0, work, &worked);
    GThread *stopper;

    wait_for_calls(&worked, 1);
    stopper = g_thread_new("stopper", stop, periodic);
    g_mutex_lock(&worked.mutex);
    g_assert_cmpint(worked.finished, ==, 0);
    worked.is_held = FALSE;
    g_cond_broadcast(&worked.changed);
    g_mutex_unlock(&worked.mutex);
    g_thread_join(stopper);
    g_assert_cmpint(worked.finished, ==, worked.calls);
}

static void
what_was_never_started_may_be_stopped(void)
{
    periodic_stop(NULL);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ops/periodic/it_is_done_again_and_again", it_is_done_again_and_again);
    g_test_add_func("/ops/periodic/it_is_done_no_sooner_than_it_says", it_is_done_no_sooner_than_it_says);
    g_test_add_func("/ops/periodic/a_long_wait_ends_at_once_when_it_is_stopped",
                    a_long_wait_ends_at_once_when_it_is_stopped);
    g_test_add_func("/ops/periodic/stopping_waits_for_a_call_that_is_under_way",
                    stopping_waits_for_a_call_that_is_under_way);
    g_test_add_func("/ops/periodic/what_was_never_started_may_be_stopped", what_was_never_started_may_be_stopped);
    return g_test_run();
}
