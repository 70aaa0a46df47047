#include "api/admission.h"
#include "base/clock.h"

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

int
main(int argc, char **argv)
{
    seeded_random_init(&chance, 1);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/api/admission/the_rest_is_refused_first_then_searches_then_clicks",
                    the_rest_is_refused_first_then_searches_then_clicks);
    g_test_add_func("/api/admission/the_longer_searches_wait_the_more_of_them_are_refused_and_no_click_is",
                    the_longer_searches_wait_the_more_of_them_are_refused_and_no_click_is);
    return g_test_run();
}
