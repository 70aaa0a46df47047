/*
 * Rate limit: so many requests in so long a window, as "25/minute" or "1/5s".
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>

typedef struct {
    int64_t count;
    int64_t window_us;
} RateLimit;

/* Both are at least 1. */
bool rate_limit_parse(Str text, RateLimit *ret_limit);
/* In the longest unit that the window is a whole multiple of: "600/1m". windows are whole milliseconds. */
void rate_limit_format(RateLimit limit, GString *to);
