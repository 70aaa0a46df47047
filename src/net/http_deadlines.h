/*
 * Deadlines of connections: how long a peer may take to send a request whole, and to take an answer.
 *
 *     RECEIVING ──the request is whole──> AT_EASE (we are at it) ──answer──> SENDING ──all taken──> RECEIVING the next
 *
 * Who sends or takes a byte now and then is never silent, so that no time limit on silence finds him, and some thousands of
 * such connections would be all there are. A connection whose deadline has passed is shut down; its server then sees
 * its end as that of any other.
 *
 * So that the server does see ends: a peer that leaves before its request is whole is found by the next look, a second
 * later at most, even where libmicrohttpd has missed it. An exchange that nobody waits for must not hold up a stop.
 */
#pragma once

#include "ops/metrics.h"

typedef struct HttpDeadlines HttpDeadlines;
/* Of one connection. */
typedef struct HttpDeadline HttpDeadline;

typedef enum { HTTP_PHASE_AT_EASE, HTTP_PHASE_RECEIVING, HTTP_PHASE_SENDING } HttpPhase;

/* A thread looks after them. limit_us: of each phase but AT_EASE. */
HttpDeadlines *http_deadlines_start(int64_t limit_us, Metrics *metrics);
/* No connection may be left. NULL is allowed. */
void http_deadlines_stop(HttpDeadlines *deadlines);

/* A connection that is RECEIVING from now on. */
HttpDeadline *http_deadline_new(HttpDeadlines *deadlines, int fd);
/* Before fd is closed: after that it may be another's. */
void http_deadline_free(HttpDeadline *deadline);
/* From any thread; each phase begins now. */
void http_deadline_enter(HttpDeadline *deadline, HttpPhase phase);
