/*
 * Pushed body: an answer to which somebody adds whenever there is something to say, from any thread.
 *
 *     new ──> respond ──> push ──> push ──> ... ──> end        what is pushed is sent at once, as far as the peer takes it
 *
 * What the peer does not take waits, within a bound; one that falls further behind is cut off, so that it holds no memory
 * and nobody up. The body is chunked (to HTTP/1.0, until the connection closes) and never compressed: a compressor would
 * hold back what is to be seen now.
 */
#pragma once

#include "net/http_server.h"

typedef struct HttpPush HttpPush;

/* limit_bytes: when so much waits already, the next push finds a peer that is too slow. over (may be NULL) is called when
 * nothing is pushed any more and nothing is being sent, or before it is answered with. */
HttpPush *http_push_new(size_t limit_bytes, void (*over)(void *data), void *data);
/* For whoever looks at it beside the caller of http_push_end(). */
HttpPush *http_push_ref(HttpPush *push);
void http_push_unref(HttpPush *push);
/* Answers with it. A peer that has not taken all after limit_us is left. */
void http_exchange_respond_pushed(HttpExchange *exchange, int status, const char *content_type, HttpPush *push,
                                  int64_t limit_us);

typedef enum {
    HTTP_PUSH_TAKEN,
    HTTP_PUSH_GONE, /* the peer went away, which is seen when it was sent something since */
    HTTP_PUSH_CUT,  /* it was too slow, and is cut off */
} HttpPushResult;
/* Adds bytes, of which units will have reached the peer with them, as the caller counts. It may be called before the answer
 * is under way, and by one thread at a time. */
HttpPushResult http_push(HttpPush *push, Str bytes, size_t units);
/* How many units have been handed to the connection. */
size_t http_push_units_sent(HttpPush *push);
/* Nothing follows: what waits is sent, and the answer ends. The push is the caller's no more. */
void http_push_end(HttpPush *push);
