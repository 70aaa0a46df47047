/*
 * Rate headers: what a partner's answer says of how soon it may be asked again. Rules without I/O.
 *
 *     Retry-After                                                    RFC 9110: seconds or a date
 *     X-RateLimit-Remaining, -Reset; X-Rate-Limit-...                as common: seconds left, or a moment
 *     RateLimit-Remaining, -Reset                                    draft-ietf-httpapi-ratelimit-headers to -05
 *     RateLimit: limit=10, remaining=0, reset=30                     -06, -07
 *     RateLimit: "hour";r=0;t=30    RateLimit-Policy: "hour";q=100;w=3600     from -08 on
 *
 * What can't be read says nothing.
 */
#pragma once

#include "net/http.h"

#define RATE_WAIT_LIMIT_US (7 * US_PER_DAY)

/* Whether one of these rules looks at a header of that name. */
bool rate_header_is(Str name);
/* The value of Retry-After and its like: for how long from now, 0 for not at all, RATE_WAIT_LIMIT_US at most. now_us: wall
 * clock. */
int64_t rate_wait_parse(Str text, int64_t now_us);
/* Retry-After; 0 when there is none. */
int64_t rate_retry_after_us(HttpHeaders headers, int64_t now_us);
/* When the quota begins anew, whatever is left of it; 0 when none of the headers says. */
int64_t rate_reset_us(HttpHeaders headers, int64_t now_us);
/* For how long all further calls would be too many: an answer of 429 says when to come back, or nothing is left of a quota.
 * 0: they would not, or nobody knows. */
int64_t rate_rest_us(HttpHeaders headers, int status, int64_t now_us);
