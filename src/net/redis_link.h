/*
 * Redis link: one connection to Redis: hiredis' commands and replies on libuv's loop. Only for redis_store.c,
 * which knows what is sent and when to give up.
 */
#pragma once

#include "base/str.h"

#include <uv.h>

typedef struct RedisLink RedisLink;

typedef enum {
    REDIS_TEXT,    /* a text, or nothing (empty) */
    REDIS_REFUSED, /* an error of Redis, or a reply of another kind */
    REDIS_LOST,    /* the connection ended before */
} RedisAnswer;

typedef void (*RedisAnswerFn)(void *data, RedisAnswer answer, Str value);

/* Neither is called from within a function of the link's. */
typedef struct {
    void (*opened)(void *data); /* commands can be sent; they wait for the connection */
    void (*lost)(void *data);   /* there is none, or it has ended by itself: the link is to be closed */
} RedisLinkEvents;

/* Finds the host's address and connects; neither blocks. */
RedisLink *redis_link_open(uv_loop_t *uv, const char *host, uint16_t port, const RedisLinkEvents *events, void *data);
/* Nothing is told any more but that open commands are REDIS_LOST: from within, or, where an answer is just being told,
 * right after it. NULL is allowed. The loop must turn once more before it is closed. */
void redis_link_close(RedisLink *link);
/* False: the connection is just ending, and answered is not called; else it is called once. It may be NULL. */
bool redis_link_send(RedisLink *link, const Str *words, size_t count, RedisAnswerFn answered, void *data);
