#include "api/key_limit.h"

#include "base/clock.h"
#include "base/random.h"

static const RateLimit TEN_A_SECOND = {10, US_PER_SECOND};

static bool
take(KeyBucket *bucket, RateLimit rate, int64_t now_us)
{
    KeyQuota quota;

    return key_bucket_take(bucket, rate, now_us, &quota);
}

static void
a_full_bucket_lets_its_count_through_at_once_and_no_more(void)
{
    KeyBucket bucket = {0};
    KeyQuota quota;

    for (int i = 9; i >= 0; i--) {
        g_assert_true(key_bucket_take(&bucket, TEN_A_SECOND, 5, &quota));
        g_assert_cmpint(quota.remaining, ==, i);
        g_assert_cmpint(quota.next_us, ==, 100 * US_PER_MS);
        g_assert_cmpint(quota.rate.count, ==, 10);
    }
    g_assert_false(key_bucket_take(&bucket, TEN_A_SECOND, 5, &quota));
    g_assert_cmpint(quota.remaining, ==, 0);
    g_assert_cmpint(quota.next_us, ==, 100 * US_PER_MS);
}

static void
one_comes_back_at_a_time_and_a_refusal_costs_nothing(void)
{
    KeyBucket bucket = {0};
    int64_t now_us = 0;

    for (int i = 0; i < 10; i++)
        g_assert_true(take(&bucket, TEN_A_SECOND, now_us));
    for (int i = 0; i < 50; i++) {
        KeyQuota quota;

        g_assert_false(take(&bucket, TEN_A_SECOND, now_us + 30 * US_PER_MS));
        g_assert_false(key_bucket_take(&bucket, TEN_A_SECOND, now_us + 100 * US_PER_MS - 1, &quota));
        g_assert_cmpint(quota.next_us, ==, 1);
        now_us += 100 * US_PER_MS;
        g_assert_true(take(&bucket, TEN_A_SECOND, now_us));
        g_assert_false(take(&bucket, TEN_A_SECOND, now_us));
    }
}

static void
who_was_away_finds_a_full_bucket_and_not_more(void)
{
    KeyBucket bucket = {0};
    KeyQuota quota;

    for (int i = 0; i < 10; i++)
        g_assert_true(take(&bucket, TEN_A_SECOND, 7));
    for (int i = 0; i < 10; i++)
        g_assert_true(key_bucket_take(&bucket, TEN_A_SECOND, 365 * US_PER_DAY, &quota));
    g_assert_cmpint(quota.remaining, ==, 0);
    g_assert_false(take(&bucket, TEN_A_SECOND, 365 * US_PER_DAY));
}

static void
a_clock_that_was_read_earlier_gives_nothing_back(void)
{
    KeyBucket bucket = {0};

    for (int i = 0; i < 10; i++)
        g_assert_true(take(&bucket, TEN_A_SECOND, US_PER_SECOND));
    g_assert_false(take(&bucket, TEN_A_SECOND, 0));
    g_assert_false(take(&bucket, TEN_A_SECOND, US_PER_SECOND));
    g_assert_true(take(&bucket, TEN_A_SECOND, US_PER_SECOND + 100 * US_PER_MS));
}

static void
the_largest_limit_and_the_smallest_do_not_overflow(void)
{
    const RateLimit largest = {KEY_LIMIT_COUNT_MAX, KEY_LIMIT_WINDOW_US_MAX}, smallest = {1, KEY_LIMIT_WINDOW_US_MAX};
    KeyBucket bucket = {0}, other = {0};
    KeyQuota quota;

    for (int i = KEY_LIMIT_COUNT_MAX - 1; i >= 0; i--) {
        g_assert_true(key_bucket_take(&bucket, largest, 1, &quota));
        g_assert_cmpint(quota.remaining, ==, i);
    }
    g_assert_false(key_bucket_take(&bucket, largest, 1, &quota));
    g_assert_cmpint(quota.next_us, ==, KEY_LIMIT_WINDOW_US_MAX / KEY_LIMIT_COUNT_MAX);
    g_assert_true(key_bucket_take(&other, smallest, 1, &quota));
    g_assert_false(key_bucket_take(&other, smallest, KEY_LIMIT_WINDOW_US_MAX, &quota));
    g_assert_cmpint(quota.next_us, ==, 1);
    g_assert_true(key_bucket_take(&other, smallest, KEY_LIMIT_WINDOW_US_MAX + 1, &quota));
}

/* Whatever the limit and however one asks: what is let through is never more than the bucket and what came back, and
 * who waits as long as he is told is let in, not a microsecond earlier. */
static void
never_more_than_the_limit_passes_in_any_stretch(void)
{
    SeededRandom chance;

    seeded_random_init(&chance, 36);
    for (int round = 0; round < 300; round++) {
        RateLimit rate = {1 + (int64_t)random_below(&chance.random, 50),
                          (1 + (int64_t)random_below(&chance.random, 90)) * US_PER_SECOND};
        KeyBucket bucket = {0};
        int64_t now_us = 1000, passed = 0;

        for (int i = 0; i < 500; i++) {
            KeyQuota quota;

            now_us += (int64_t)random_below(&chance.random, (uint64_t)(2 * rate.window_us / rate.count));
            passed += key_bucket_take(&bucket, rate, now_us, &quota);
            g_assert_cmpint(passed, <=, rate.count + (now_us - 1000) * rate.count / rate.window_us);
            g_assert_cmpint(quota.remaining, >=, 0);
            if (quota.remaining > 0)
                continue;
            g_assert_false(take(&bucket, rate, now_us + quota.next_us - 1));
            now_us += quota.next_us;
            g_assert_true(take(&bucket, rate, now_us));
            passed++;
        }
    }
}

static void
a_limit_is_written_as_it_is_read(void)
{
    static const char *const TEXTS[][2] = {
        {"600/1m", "600/1m"}, {"600/minute", "600/1m"}, {"1/1s", "1/1s"},
        {"5/90s", "5/90s"},   {"100/day", "100/1d"},    {"1000000/month", "1000000/30d"},
        {"9/5000ms", "9/5s"}, {"none", "none"},         {"default", "default"}};

    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        KeyLimit limit, again;

        g_assert_true(key_limit_parse(str_of(TEXTS[i][0]), &limit, &error));
        key_limit_format(&limit, text);
        g_assert_cmpstr(text->str, ==, TEXTS[i][1]);
        g_assert_true(key_limit_parse(str_of_gstring(text), &again, &error));
        g_assert_true(key_limit_equal(&limit, &again));
    }
}

static void
what_is_no_limit_is_refused_with_what_would_be(void)
{
    static const char *const WRONG[] = {"",      "600",      "600/",        "/1m",   "0/1m",       "-1/1m", "600/0s",
                                        "1/1ms", "1/1500ms", "1/fortnight", "1/31d", "1000001/1d", "None",  "600 / 1m"};

    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autoptr(GError) error = NULL;
        KeyLimit limit;

        g_assert_false(key_limit_parse(str_of(WRONG[i]), &limit, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, "such as 600/1m"));
    }
}

#define ADD(name) g_test_add_func("/api/key limit/" #name, name)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_full_bucket_lets_its_count_through_at_once_and_no_more);
    ADD(one_comes_back_at_a_time_and_a_refusal_costs_nothing);
    ADD(who_was_away_finds_a_full_bucket_and_not_more);
    ADD(a_clock_that_was_read_earlier_gives_nothing_back);
    ADD(the_largest_limit_and_the_smallest_do_not_overflow);
    ADD(never_more_than_the_limit_passes_in_any_stretch);
    ADD(a_limit_is_written_as_it_is_read);
    ADD(what_is_no_limit_is_refused_with_what_would_be);
    return g_test_run();
}
