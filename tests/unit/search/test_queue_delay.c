#include "search/queue_delay.h"

#include <glib.h>

static void
a_burst_that_clears_is_no_overload(void)
{
    QueueDelay queue = {0};
    int64_t now_us = US_PER_SECOND;

    for (int interval = 0; interval < 10; interval++) {
        for (int i = 0; i < 50; i++)
            queue_delay_enter(&queue, now_us);
        for (int i = 0; i < 50; i++) /* served one a millisecond: the first does not wait */
            queue_delay_leave(&queue, i * US_PER_MS, now_us + i * US_PER_MS);
        now_us += QUEUE_DELAY_INTERVAL_US;
        g_assert_cmpint(queue_delay_us(&queue, now_us), ==, 0);
    }
}

static void
a_queue_that_stands_is(void)
{
    QueueDelay queue = {0};
    int64_t now_us = US_PER_SECOND;

    for (int i = 0; i < 300; i++) {
        queue_delay_enter(&queue, now_us);
        queue_delay_leave(&queue, (200 + i % 7) * US_PER_MS, now_us);
        now_us += US_PER_MS;
    }
    g_assert_cmpint(queue_delay_us(&queue, now_us), ==, 200 * US_PER_MS);
    g_assert_cmpint(queue_delay_us(&queue, now_us + 3 * QUEUE_DELAY_INTERVAL_US), ==, 0);
}

static void
a_few_that_wait_are_no_queue(void)
{
    QueueDelay queue = {0};
    int64_t now_us = US_PER_SECOND;

    for (int i = 0; i < 50; i++) {
        queue_delay_enter(&queue, now_us);
        queue_delay_leave(&queue, US_PER_SECOND, now_us);
        now_us += QUEUE_DELAY_INTERVAL_US / (QUEUE_DELAY_ENOUGH / 2);
        g_assert_cmpint(queue_delay_us(&queue, now_us), ==, 0);
    }
    queue_delay_enter(&queue, now_us);
    g_assert_cmpint(queue_delay_us(&queue, now_us + US_PER_SECOND), ==, 0);
}

static void
a_queue_from_which_nothing_leaves_has_stood_since_then(void)
{
    QueueDelay queue = {0};

    g_assert_cmpint(queue_delay_us(&queue, US_PER_HOUR), ==, 0);
    for (int i = 0; i <= QUEUE_DELAY_ENOUGH; i++)
        queue_delay_enter(&queue, US_PER_HOUR);
    g_assert_cmpint(queue_delay_us(&queue, US_PER_HOUR + 5 * US_PER_SECOND), ==, 5 * US_PER_SECOND);
    queue_delay_leave(&queue, 5 * US_PER_SECOND, US_PER_HOUR + 5 * US_PER_SECOND);
    g_assert_cmpint(queue_delay_us(&queue, US_PER_HOUR + 6 * US_PER_SECOND), ==, US_PER_SECOND);
    queue_delay_leave(&queue, 5 * US_PER_SECOND, US_PER_HOUR + 6 * US_PER_SECOND);
    g_assert_cmpint(queue_delay_us(&queue, US_PER_HOUR + 7 * US_PER_SECOND), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/search/queue_delay/a_burst_that_clears_is_no_overload", a_burst_that_clears_is_no_overload);
    g_test_add_func("/search/queue_delay/a_queue_that_stands_is", a_queue_that_stands_is);
    g_test_add_func("/search/queue_delay/a_few_that_wait_are_no_queue", a_few_that_wait_are_no_queue);
    g_test_add_func("/search/queue_delay/a_queue_from_which_nothing_leaves_has_stood_since_then",
                    a_queue_from_which_nothing_leaves_has_stood_since_then);
    return g_test_run();
}
