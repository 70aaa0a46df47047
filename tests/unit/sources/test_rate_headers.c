#include "sources/rate_headers.h"

#define NOW_US (INT64_C(1795523696) * US_PER_SECOND)

/* "Name: value\nName: value" */
static HttpHeaders
headers_of(Arena *arena, const char *text)
{
    HttpHeader *items = ARENA_ARRAY(arena, HttpHeader, 8);
    size_t count = 0;

    for (Str rest = str_of(text); !str_is_empty(rest);) {
        Str value = str_cut(&rest, '\n'), name = str_cut(&value, ':');

        g_assert_cmpuint(count, <, 8);
        items[count++] = (HttpHeader){name, str_trim(value)};
    }
    return (HttpHeaders){items, count};
}

static void
assert_rest(int status, const char *text, int64_t seconds)
{
    g_autoptr(Arena) arena = arena_new(1024);
    int64_t rest_us = rate_rest_us(headers_of(arena, text), status, NOW_US);

    if (rest_us != seconds * US_PER_SECOND)
        g_test_message("%d %s", status, text);
    g_assert_cmpint(rest_us, ==, seconds * US_PER_SECOND);
}

static void
assert_reset(const char *text, int64_t seconds)
{
    g_autoptr(Arena) arena = arena_new(1024);

    g_assert_cmpint(rate_reset_us(headers_of(arena, text), NOW_US), ==, seconds * US_PER_SECOND);
}

static void
retry_after_is_seconds_or_a_date_or_against_the_rules_a_fraction(void)
{
    g_assert_cmpint(rate_wait_parse(STR(" 120 "), NOW_US), ==, 120 * US_PER_SECOND);
    g_assert_cmpint(rate_wait_parse(STR("2.5"), NOW_US), ==, 3 * US_PER_SECOND);
    g_assert_cmpint(rate_wait_parse(STR("Tue, 24 Nov 2026 12:35:56 GMT"), NOW_US), ==, 60 * US_PER_SECOND);
    g_assert_cmpint(rate_wait_parse(STR("Tue, 24 Nov 2020 12:35:56 GMT"), NOW_US), ==, 0);
    g_assert_cmpint(rate_wait_parse(STR("-5"), NOW_US), ==, 0);
    g_assert_cmpint(rate_wait_parse(STR("2.x"), NOW_US), ==, 0);
    g_assert_cmpint(rate_wait_parse(STR("soon"), NOW_US), ==, 0);
    g_assert_cmpint(rate_wait_parse(STR_NONE, NOW_US), ==, 0);
    g_assert_cmpint(rate_wait_parse(STR("1795523726"), NOW_US), ==, 30 * US_PER_SECOND);
    g_assert_cmpint(rate_wait_parse(STR("1795523726000"), NOW_US), ==, 30 * US_PER_SECOND);
    g_assert_cmpint(rate_wait_parse(STR("9223372036854775807"), NOW_US), ==, RATE_WAIT_LIMIT_US);
}

static void
only_an_answer_of_429_makes_everybody_wait_for_retry_after(void)
{
    assert_rest(429, "Retry-After: 30", 30);
    assert_rest(503, "Retry-After: 30", 0);
    assert_rest(200, "Retry-After: 30", 0);
    assert_rest(429, "", 0);
}

static void
the_usual_headers_count_when_nothing_remains(void)
{
    assert_rest(200, "X-RateLimit-Limit: 60\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1795523756", 60);
    assert_rest(200, "x-ratelimit-remaining: 0\nx-ratelimit-reset: 12", 12);
    assert_rest(200, "X-Rate-Limit-Remaining: 0\nX-Rate-Limit-Reset: 7", 7);
    assert_rest(200, "X-RateLimit-Remaining: 1\nX-RateLimit-Reset: 12", 0);
    assert_rest(200, "X-RateLimit-Remaining: none\nX-RateLimit-Reset: 12", 0);
    assert_rest(200, "X-RateLimit-Remaining: 0", 0);
    assert_rest(429, "X-RateLimit-Remaining: 0\nX-RateLimit-Reset: 12\nRetry-After: 20", 20);
}

static void
so_do_those_of_the_early_drafts(void)
{
    assert_rest(200, "RateLimit-Limit: 100, 100;w=60\nRateLimit-Remaining: 0\nRateLimit-Reset: 50", 50);
    assert_rest(200, "RateLimit-Remaining: 5\nRateLimit-Reset: 50", 0);
    assert_rest(200, "RateLimit: limit=10, remaining=0, reset=30", 30);
    assert_rest(200, "RateLimit: limit=10, remaining=1, reset=30", 0);
}

static void
so_do_those_of_the_later_drafts_by_quota(void)
{
    assert_rest(200, "RateLimit-Policy: \"default\";q=100;w=60\nRateLimit: \"default\";r=0;t=30", 30);
    assert_rest(200, "RateLimit: \"default\";r=50;t=30", 0);
    assert_rest(200, "RateLimit: \"burst\";r=0;t=3, \"day, all\";r=0;t=600", 600);
    assert_rest(200, "RateLimit: \"burst\";r=0;t=3\nRateLimit: \"day\";r=9;t=600", 3);
    assert_rest(200, "RateLimit: \"a\\\";r=9\";r=0;t=4", 4);
    assert_rest(200, "RateLimit-Policy: \"hour\";q=1;w=3600, \"minute\";q=1;w=60\nRateLimit: \"minute\";r=0", 60);
    assert_rest(200, "RateLimit: default;r=0;t=9", 9);
    assert_rest(200, "RateLimit: \"default\";r=0", 0);
}

static void
what_cannot_be_read_says_nothing(void)
{
    static const char *const NONSENSE[] = {
        "RateLimit: \"",   "RateLimit: ;;;,,,", "RateLimit: =", "RateLimit: \"a\";r=0;t=-1", "RateLimit: \"a\";r=x;t=9",
        "RateLimit: \"a\\"};

    for (size_t i = 0; i < G_N_ELEMENTS(NONSENSE); i++)
        assert_rest(200, NONSENSE[i], 0);
}

static void
more_quotas_than_anybody_has_are_not_read(void)
{
    g_autoptr(GString) text = g_string_new("RateLimit: ");

    for (int i = 0; i < 1000; i++)
        g_string_append_printf(text, "\"%d\";r=0;t=%d, ", i, i);
    assert_rest(200, text->str, 15);
}

static void
a_reset_is_found_in_every_dialect(void)
{
    assert_reset("RateLimit-Reset: 30", 30);
    assert_reset("X-RateLimit-Reset: 1795523756", 60);
    assert_reset("X-Rate-Limit-Reset: 5", 5);
    assert_reset("RateLimit: \"default\";r=3;t=8", 8);
    assert_reset("RateLimit: \"burst\";r=0;t=2, \"day\";r=50;t=9000", 2);
    assert_reset("RateLimit: limit=5, reset=9", 9);
    assert_reset("Retry-After: 5", 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sources/rate/retry_after_is_seconds_or_a_date_or_against_the_rules_a_fraction",
                    retry_after_is_seconds_or_a_date_or_against_the_rules_a_fraction);
    g_test_add_func("/sources/rate/only_an_answer_of_429_makes_everybody_wait_for_retry_after",
                    only_an_answer_of_429_makes_everybody_wait_for_retry_after);
    g_test_add_func("/sources/rate/the_usual_headers_count_when_nothing_remains",
                    the_usual_headers_count_when_nothing_remains);
    g_test_add_func("/sources/rate/so_do_those_of_the_early_drafts", so_do_those_of_the_early_drafts);
    g_test_add_func("/sources/rate/so_do_those_of_the_later_drafts_by_quota", so_do_those_of_the_later_drafts_by_quota);
    g_test_add_func("/sources/rate/what_cannot_be_read_says_nothing", what_cannot_be_read_says_nothing);
    g_test_add_func("/sources/rate/more_quotas_than_anybody_has_are_not_read",
                    more_quotas_than_anybody_has_are_not_read);
    g_test_add_func("/sources/rate/a_reset_is_found_in_every_dialect", a_reset_is_found_in_every_dialect);
    return g_test_run();
}
