/*
 * Key limit: how often a key may ask, as a bucket of tokens. Rules without I/O.
 *
 *     600/1m: a full bucket lets 600 requests through at once; from then on one comes back each tenth of a second
 *
 * Nothing steps at the end of a window, so that no moment is worth waiting for by all consumers at once.
 */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "sources/rate_limit.h"

#define KEY_LIMIT_COUNT_MAX     1000000
#define KEY_LIMIT_WINDOW_US_MIN US_PER_SECOND /* of which the headers speak */
#define KEY_LIMIT_WINDOW_US_MAX (30 * US_PER_DAY)

typedef enum {
    KEY_LIMIT_DEFAULT, /* what the configuration says of all keys */
    KEY_LIMIT_NONE,
    KEY_LIMIT_OWN,
} KeyLimitKind;

typedef struct {
    KeyLimitKind kind;
    RateLimit rate; /* of OWN; else 0 */
} KeyLimit;

/* "default", "none", or a rate as 600/1m or 10/second, whose window is whole seconds. INVALID, saying what would do. */
bool key_limit_parse(Str text, KeyLimit *ret_limit, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* As it is parsed. */
void key_limit_format(const KeyLimit *limit, GString *to);
bool key_limit_equal(const KeyLimit *a, const KeyLimit *b);

/* Full when all 0. */
typedef struct {
    /* Microseconds, times the rate's count: a request costs the window, each microsecond pays the count. */
    int64_t taken;
    int64_t at_us; /* monotonic, of taken */
} KeyBucket;

/* What a key has left. */
typedef struct {
    RateLimit rate; /* count 0: there is no limit, and what follows means nothing */
    int64_t remaining;
    int64_t next_us; /* until there is one more; 0 when all are there */
} KeyQuota;

/* Takes one of rate, unless none is left: false. quota: afterwards. */
bool key_bucket_take(KeyBucket *bucket, RateLimit rate, int64_t now_us, KeyQuota *ret_quota);
