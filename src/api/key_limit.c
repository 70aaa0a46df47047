#include "api/key_limit.h"

/* The bucket counts in microseconds times requests; the largest fits, and once more. */
G_STATIC_ASSERT(KEY_LIMIT_WINDOW_US_MAX <= INT64_MAX / 2 / KEY_LIMIT_COUNT_MAX);

static bool
is_bearable(RateLimit rate)
{
    return rate.count <= KEY_LIMIT_COUNT_MAX && rate.window_us <= KEY_LIMIT_WINDOW_US_MAX &&
           rate.window_us % KEY_LIMIT_WINDOW_US_MIN == 0;
}

bool
key_limit_parse(Str text, KeyLimit *ret_limit, GError **error)
{
    KeyLimit limit = {.kind = KEY_LIMIT_OWN};

    if (str_is(text, "default") || str_is(text, "none")) {
        *ret_limit = (KeyLimit){.kind = str_is(text, "none") ? KEY_LIMIT_NONE : KEY_LIMIT_DEFAULT};
        return true;
    }
    if (!rate_limit_parse(text, &limit.rate) || !is_bearable(limit.rate))
        return weir_fail(
            error, WEIR_ERROR_INVALID,
            "\"%.*s\" is no limit; say REQUESTS/TIME, such as 600/1m, with 1 to %d requests and 1s to 30d, "
            "or none, or default",
            (int)MIN(text.size, 64), text.at == NULL ? "" : text.at, KEY_LIMIT_COUNT_MAX);
    *ret_limit = limit;
    return true;
}

void
key_limit_format(const KeyLimit *limit, GString *to)
{
    if (limit->kind == KEY_LIMIT_OWN)
        rate_limit_format(limit->rate, to);
    else
        g_string_append(to, limit->kind == KEY_LIMIT_NONE ? "none" : "default");
}

bool
key_limit_equal(const KeyLimit *a, const KeyLimit *b)
{
    return a->kind == b->kind && a->rate.count == b->rate.count && a->rate.window_us == b->rate.window_us;
}

bool
key_bucket_take(KeyBucket *bucket, RateLimit rate, int64_t now_us, KeyQuota *ret_quota)
{
    /* Threads take turns, but may have read the clock in another order. */
    int64_t passed_us = CLAMP(now_us - bucket->at_us, 0, rate.window_us), full = rate.window_us * rate.count, missing;
    bool has_one;

    bucket->taken = MAX(bucket->taken - passed_us * rate.count, 0);
    bucket->at_us = MAX(bucket->at_us, now_us);
    has_one = bucket->taken <= full - rate.window_us;
    if (has_one)
        bucket->taken += rate.window_us;
    ret_quota->rate = rate;
    ret_quota->remaining = (full - bucket->taken) / rate.window_us;
    missing = bucket->taken + (ret_quota->remaining + 1) * rate.window_us - full;
    ret_quota->next_us = bucket->taken == 0 ? 0 : (missing + rate.count - 1) / rate.count;
    return has_one;
}
