#include "api/admission.h"
#include "search/queue_delay.h"

static const AdmissionRule RULE = {.open_limit = 100, .delay_limit_us = 20 * US_PER_MS};

static SeededRandom chance;

static const char *
ask(RequestClass request_class, unsigned open, int64_t delay_ms)
{
    return admission_refuses(&RULE, request_class, open, delay_ms * US_PER_MS, &chance.random);
}

static void
the_rest_is_refused_first_then_searches_then_clicks(void)
{
    g_assert_null(ask(REQUEST_REST, 50, 0));
    g_assert_cmpstr(ask(REQUEST_REST, 51, 0), ==, "open");
    g_assert_null(ask(REQUEST_SEARCH, 75, 0));
    g_assert_cmpstr(ask(REQUEST_SEARCH, 76, 0), ==, "open");
    g_assert_null(ask(REQUEST_CLICK, 100, 0));
    g_assert_cmpstr(ask(REQUEST_CLICK, 101, 0), ==, "open");
    g_assert_null(ask(REQUEST_SUPERVISION, 100000, 100000));
}

static unsigned
refused_of_1000(RequestClass request_class, int64_t delay_ms)
{
    unsigned refused = 0;

    for (int i = 0; i < 1000; i++)
        refused += ask(request_class, 1, delay_ms) != NULL ? 1 : 0;
    return refused;
}

static void
the_longer_searches_wait_the_more_of_them_are_refused_and_no_click_is(void)
{
    g_assert_cmpuint(refused_of_1000(REQUEST_REST, 20), ==, 0);
    g_assert_cmpuint(refused_of_1000(REQUEST_REST, 21), ==, 1000);
    g_assert_cmpuint(refused_of_1000(REQUEST_SEARCH, 80), ==, 0);
    g_assert_cmpuint(refused_of_1000(REQUEST_SEARCH, 160), >, 400);
    g_assert_cmpuint(refused_of_1000(REQUEST_SEARCH, 160), <, 600);
    g_assert_cmpuint(refused_of_1000(REQUEST_SEARCH, 8000), >, 970);
    g_assert_cmpuint(refused_of_1000(REQUEST_CLICK, 8000), ==, 0);
}

/* ---- the signal ---- */

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
    seeded_random_init(&chance, 1);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/api/admission/the_rest_is_refused_first_then_searches_then_clicks",
                    the_rest_is_refused_first_then_searches_then_clicks);
    g_test_add_func("/api/admission/the_longer_searches_wait_the_more_of_them_are_refused_and_no_click_is",
                    the_longer_searches_wait_the_more_of_them_are_refused_and_no_click_is);
    g_test_add_func("/api/admission/a_burst_that_clears_is_no_overload", a_burst_that_clears_is_no_overload);
    g_test_add_func("/api/admission/a_queue_that_stands_is", a_queue_that_stands_is);
    g_test_add_func("/api/admission/a_few_that_wait_are_no_queue", a_few_that_wait_are_no_queue);
    g_test_add_func("/api/admission/a_queue_from_which_nothing_leaves_has_stood_since_then",
                    a_queue_from_which_nothing_leaves_has_stood_since_then);
    return g_test_run();
}
