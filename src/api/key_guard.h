/*
 * Key guard: lets in who shows a key, where the configuration wants one, and tells what is left of the key's limit:
 *
 *     RateLimit-Policy: "key";q=600;w=60      600 requests in 60 s
 *     RateLimit: "key";r=17;t=1               17 are left, and one more comes back within 1 s
 *
 * in the form of draft-ietf-httpapi-ratelimit-headers-10. t is also what Retry-After says when none is left.
 */
#pragma once

#include "api/key_book.h"
#include "net/http_server.h"

/* Makes the key's name the caller of the exchange. False when the request has been answered: 401, 403, 429 or 503, saying
 * what to do. metrics may be NULL. */
bool key_guard_lets_in(KeyBook *book, HttpExchange *exchange, ApiScope scope, Metrics *metrics);
