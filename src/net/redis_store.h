/*
 * Redis store: a SharedStore in Redis, through hiredis on a libuv loop.
 *
 *            start, or the pause is over          AUTH, SELECT answered
 *     AWAY ───────────────────────> CONNECTING ───────────────────────────> READY
 *       ^                               │ fails, or takes longer than a second   │
 *       └───────────────────────────────┴────────────────────────────────────────┘ the connection ends, or
 *         the pause doubles, from half a second to half a minute, until an       three gets in a row took too long
 *         answer came in time
 *
 * Nobody waits for a connection: unless it is READY, a get is refused and a set forgotten. A Redis that is stopped or slow
 * costs three gets their time limit, then it is AWAY. What is on its way is bounded in number and bytes; values are never
 * read beyond their limit. Losing everything costs only questions to partners.
 */
#pragma once

#include "net/shared_store.h"
#include "net/uv_loop.h"
#include "ops/metrics.h"

typedef struct RedisStore RedisStore;

typedef struct {
    const char *host; /* a name or an address */
    uint16_t port;
    int database;
    const char *password; /* NULL: none */
    int64_t timeout_us;   /* of a get */
    Metrics *metrics;     /* may be NULL */
} RedisStoreSpec;

#define REDIS_VALUE_LIMIT_BYTES (1024 * 1024)

/* Texts of the spec are copied. From any thread; it connects on the loop's. */
RedisStore *redis_store_new(UvLoop *loop, const RedisStoreSpec *spec);
/* When the loop's thread has ended or on the one thread that runs it, before uv_loop_wrapper_free(). Gets that are
 * open are forgotten. */
void redis_store_free(RedisStore *store);
SharedStore *redis_store_base(RedisStore *store);
/* "redis://HOST[:PORT][/DATABASE]" into the spec, its host in arena. INVALID with what is wrong. */
bool redis_url_parse(const char *url, Arena *arena, RedisStoreSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
