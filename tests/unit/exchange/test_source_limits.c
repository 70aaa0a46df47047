#include "base/random.h"
#include "exchange/source_limits.h"
#include "sources/support.h"

#define START_US (INT64_C(1795500000) * US_PER_SECOND)
#define SEARCH   "search:\n  get: https://x.example/\n  answer: {json: 'jobs[*]'}\n  listing: {title: title, url: url}\n"

static void
no_span_of_a_window_has_more_calls_than_its_limit(void)
{
    RateLimit limit = {.count = 10, .window_us = US_PER_MINUTE};
    RateWindow window = {0};
    SeededRandom random;
    int64_t calls[3000], now_us = START_US;
    size_t count = 0;

    seeded_random_init(&random, 99);
    while (count < G_N_ELEMENTS(calls)) {
        now_us += (int64_t)random_below(&random.random, 8 * US_PER_SECOND);
        if (!rate_window_has_room(&window, limit, now_us))
            continue;
        rate_window_add(&window);
        calls[count++] = now_us;
        if (count > 10)
            g_assert_cmpint(now_us - calls[count - 11], >=, limit.window_us);
    }
    /* And not much fewer: within a tenth of what is allowed. */
    g_assert_cmpint((now_us - START_US) / (int64_t)(count / 10), <, limit.window_us * 11 / 10);
}

/* Who waits as long as it is told to finds room then, whatever the calls before. */
static void
the_wait_of_a_full_window_ends_with_room(void)
{
    RateLimit limit = {.count = 5, .window_us = US_PER_MINUTE};
    RateWindow window = {0};
    SeededRandom random;
    int64_t now_us = START_US;

    seeded_random_init(&random, 5);
    for (int i = 0; i < 2000; i++) {
        now_us += (int64_t)random_below(&random.random, 4 * US_PER_SECOND);
        if (!rate_window_has_room(&window, limit, now_us)) {
            int64_t wait_us = rate_window_wait_us(&window, limit, now_us);

            g_assert_cmpint(wait_us, >, 0);
            g_assert_cmpint(wait_us, <=, limit.window_us + limit.window_us / RATE_BUCKETS);
            now_us += wait_us;
            g_assert_true(rate_window_has_room(&window, limit, now_us));
        }
        rate_window_add(&window);
    }
}

static bool
take(SourceLimits *limits, const Source *source, int64_t now_us)
{
    int64_t wait_us;

    return source_limits_take(limits, source, now_us, &wait_us, NULL);
}

static void
all_windows_hold_at_once_and_the_fullest_is_told(void)
{
    g_autoptr(SourceSet) set = load_text("x", "source: x\npartner: X\nlimits: [2/minute, 3/hour, 1/2s]\n" SEARCH);
    const Source *source = source_set_at(set, 0);
    g_autoptr(SourceLimits) limits = source_limits_new();
    g_autoptr(GError) error = NULL;
    int64_t wait_us;

    g_assert_true(take(limits, source, START_US));
    g_assert_false(source_limits_take(limits, source, START_US + US_PER_SECOND, &wait_us, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    g_assert_cmpstr(error->message, ==, "its limit of 1 calls in 2 s is used up");
    g_assert_cmpint(wait_us, <=, 2 * US_PER_SECOND);
    g_assert_true(take(limits, source, START_US + 3 * US_PER_SECOND));
    g_assert_false(take(limits, source, START_US + 6 * US_PER_SECOND));
    g_assert_true(take(limits, source, START_US + 2 * US_PER_MINUTE));
    g_assert_false(take(limits, source, START_US + 4 * US_PER_MINUTE));
    g_assert_true(take(limits, source, START_US + 2 * US_PER_HOUR));
}

static void
instances_with_one_budget_are_counted_together(void)
{
    g_autoptr(SourceSet) set = load_text("x", "source: x\npartner: X\nsecrets: [KEY]\nparameters: {site: {}}\n"
                                              "instances: {a: {site: a}, b: {site: b}}\nlimits: [2/minute]\n"
                                              "budget: 'x ${KEY}'\n" SEARCH);
    g_autoptr(SourceSet) apart = load_text("x", "source: x\npartner: X\nparameters: {site: {}}\n"
                                                "instances: {a: {site: a}, b: {site: b}}\nlimits: [1/minute]\n" SEARCH);
    g_autoptr(SourceLimits) limits = source_limits_new();

    g_assert_true(take(limits, source_set_at(set, 0), START_US));
    g_assert_true(take(limits, source_set_at(set, 1), START_US));
    g_assert_false(take(limits, source_set_at(set, 0), START_US));
    g_assert_null(strstr(source_budget(source_set_at(set, 0)), "SECRET"));
    g_assert_true(take(limits, source_set_at(apart, 0), START_US));
    g_assert_true(take(limits, source_set_at(apart, 1), START_US));
}

/* A window counts in buckets of its own length: those of a minute say nothing about an hour. */
static void
a_reloaded_definition_with_another_window_is_counted_anew(void)
{
    g_autoptr(SourceSet) before = load_text("x", "source: x\npartner: X\nlimits: [2/minute, 9/day]\n" SEARCH);
    g_autoptr(SourceSet) after = load_text("x", "source: x\npartner: X\nlimits: [2/hour, 9/day]\n" SEARCH);
    const Source *source = source_set_at(after, 0);
    g_autoptr(SourceLimits) limits = source_limits_new();

    g_assert_true(take(limits, source_set_at(before, 0), START_US));
    g_assert_true(take(limits, source_set_at(before, 0), START_US));
    g_assert_false(take(limits, source_set_at(before, 0), START_US));
    g_assert_true(take(limits, source, START_US));
    g_assert_true(take(limits, source, START_US));
    g_assert_false(take(limits, source, START_US));
    g_assert_true(take(limits, source, START_US + 2 * US_PER_HOUR));
}

static void
a_reloaded_definition_that_allows_more_keeps_its_calls(void)
{
    g_autoptr(SourceSet) before = load_text("x", "source: x\npartner: X\nlimits: [2/minute]\n" SEARCH);
    g_autoptr(SourceSet) after = load_text("x", "source: x\npartner: X\nlimits: [3/minute]\n" SEARCH);
    g_autoptr(SourceLimits) limits = source_limits_new();

    g_assert_true(take(limits, source_set_at(before, 0), START_US));
    g_assert_true(take(limits, source_set_at(before, 0), START_US));
    g_assert_true(take(limits, source_set_at(after, 0), START_US));
    g_assert_false(take(limits, source_set_at(after, 0), START_US));
}

/* Each keeps the limits that it knows of, and calls of both count. */
static void
definitions_with_one_budget_and_unlike_limits_are_counted_together(void)
{
    g_autoptr(SourceSet) one = load_text("x", "source: x\npartner: X\nlimits: [2/minute]\nbudget: account\n" SEARCH);
    g_autoptr(SourceSet) other = load_text("y", "source: y\npartner: Y\nlimits: [3/hour]\nbudget: account\n" SEARCH);
    const Source *by_minute = source_set_at(one, 0), *by_hour = source_set_at(other, 0);
    g_autoptr(SourceLimits) limits = source_limits_new();

    g_assert_true(take(limits, by_minute, START_US));
    g_assert_true(take(limits, by_hour, START_US));
    g_assert_true(take(limits, by_minute, START_US + 2 * US_PER_MINUTE));
    g_assert_true(take(limits, by_hour, START_US + 2 * US_PER_MINUTE));
    g_assert_false(take(limits, by_minute, START_US + 2 * US_PER_MINUTE));
    g_assert_false(take(limits, by_hour, START_US + 4 * US_PER_MINUTE));
    g_assert_true(take(limits, by_minute, START_US + 4 * US_PER_MINUTE));
}

static void
no_more_calls_are_under_way_than_allowed(void)
{
    g_autoptr(SourceSet) set = load_text("x", "source: x\npartner: X\nconcurrency: 2\n" SEARCH);
    const Source *source = source_set_at(set, 0);
    g_autoptr(SourceLimits) limits = source_limits_new();

    g_assert_true(take(limits, source, START_US));
    g_assert_true(take(limits, source, START_US));
    g_assert_false(take(limits, source, START_US));
    source_limits_end(limits, source);
    g_assert_true(take(limits, source, START_US));
}

static void
a_quota_that_the_partner_says_is_used_up_holds_for_all_of_the_account(void)
{
    g_autoptr(SourceSet) set = load_text("x", "source: x\npartner: X\nbudget: account\n" SEARCH);
    g_autoptr(SourceSet) also = load_text("y", "source: y\npartner: Y\nbudget: account\n" SEARCH);
    g_autoptr(SourceSet) apart = load_text("z", "source: z\npartner: Z\n" SEARCH);
    g_autoptr(SourceLimits) limits = source_limits_new();
    g_autoptr(GError) error = NULL;
    int64_t wait_us;

    source_limits_rest(limits, source_set_at(set, 0), START_US + US_PER_MINUTE);
    source_limits_rest(limits, source_set_at(set, 0), START_US + US_PER_SECOND); /* the longest counts */
    g_assert_cmpint(source_limits_rest_us(limits, source_set_at(set, 0), START_US), ==, US_PER_MINUTE);
    g_assert_cmpint(source_limits_rest_us(limits, source_set_at(set, 0), START_US + 2 * US_PER_MINUTE), ==, 0);
    g_assert_false(source_limits_take(limits, source_set_at(also, 0), START_US, &wait_us, &error));
    g_assert_cmpstr(error->message, ==, "the partner says that its quota is used up for another 60 s");
    g_assert_cmpint(wait_us, ==, US_PER_MINUTE);
    g_assert_true(take(limits, source_set_at(apart, 0), START_US));
    g_assert_true(take(limits, source_set_at(also, 0), START_US + US_PER_MINUTE));
}

static void
what_is_left_is_told_without_taking_it(void)
{
    g_autoptr(SourceSet) set = load_text("x", "source: x\npartner: X\nlimits: [10/second, 15/hour]\n" SEARCH);
    const Source *source = source_set_at(set, 0);
    g_autoptr(SourceLimits) limits = source_limits_new();

    g_assert_cmpfloat(source_limits_room(limits, source, START_US), ==, 1);
    for (int i = 0; i < 6; i++)
        g_assert_true(take(limits, source, START_US));
    g_assert_cmpfloat_with_epsilon(source_limits_room(limits, source, START_US), 0.4, 1e-9);
    g_assert_cmpfloat_with_epsilon(source_limits_room(limits, source, START_US + US_PER_MINUTE), 0.6, 1e-9);
    for (int i = 0; i < 9; i++)
        g_assert_true(take(limits, source, START_US + US_PER_MINUTE));
    g_assert_cmpfloat(source_limits_room(limits, source, START_US + US_PER_MINUTE), ==, 0);
    source_limits_rest(limits, source, START_US + 9 * US_PER_HOUR);
    g_assert_cmpfloat(source_limits_room(limits, source, START_US + 8 * US_PER_HOUR), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exchange/no_span_of_a_window_has_more_calls_than_its_limit",
                    no_span_of_a_window_has_more_calls_than_its_limit);
    g_test_add_func("/exchange/the_wait_of_a_full_window_ends_with_room", the_wait_of_a_full_window_ends_with_room);
    g_test_add_func("/exchange/all_windows_hold_at_once_and_the_fullest_is_told",
                    all_windows_hold_at_once_and_the_fullest_is_told);
    g_test_add_func("/exchange/instances_with_one_budget_are_counted_together",
                    instances_with_one_budget_are_counted_together);
    g_test_add_func("/exchange/a_reloaded_definition_with_another_window_is_counted_anew",
                    a_reloaded_definition_with_another_window_is_counted_anew);
    g_test_add_func("/exchange/a_reloaded_definition_that_allows_more_keeps_its_calls",
                    a_reloaded_definition_that_allows_more_keeps_its_calls);
    g_test_add_func("/exchange/definitions_with_one_budget_and_unlike_limits_are_counted_together",
                    definitions_with_one_budget_and_unlike_limits_are_counted_together);
    g_test_add_func("/exchange/what_is_left_is_told_without_taking_it", what_is_left_is_told_without_taking_it);
    g_test_add_func("/exchange/no_more_calls_are_under_way_than_allowed", no_more_calls_are_under_way_than_allowed);
    g_test_add_func("/exchange/a_quota_that_the_partner_says_is_used_up_holds_for_all_of_the_account",
                    a_quota_that_the_partner_says_is_used_up_holds_for_all_of_the_account);
    return g_test_run();
}
