/*
 * Attempts: one question to one partner, in as many calls as it takes.
 *
 *     start ──> first call ──┬── answers ──────────────────────────────────────────────────> over
 *                            ├── fails in a way that may pass ──> a moment ──> retry ──────> over, whatever came of it
 *                            └── has not begun to answer when 95 in 100 have ──> hedge beside it: the first that answers
 *                                                                                counts, and the other is cancelled
 *
 * Both are paid from one budget of the source (retry_budget.h), and made only while its breaker is closed, when the
 * definition allows it (operation_repeat()), when it bears one call more, and when an answer can be there before the last
 * who waits gives up. A hedge also leaves half of the source's limits to questions. Hedging after the 95th percentile is
 * that of "The Tail at Scale" (Dean and Barroso, 2013); that a random pause precedes a retry, and that a partner who says
 * how long to stay away is not asked again, are of gRPC's retry design (proposal A6).
 *
 * On one loop's thread.
 */
#pragma once

#include "search/call.h"

typedef struct Attempts Attempts;

/* A source is never so fast that less is slow. */
#define ATTEMPT_SLOW_LEAST_US (20 * US_PER_MS)

/* What is known of how soon those answers of the source come that come at all. */
typedef struct {
    int64_t usual_us; /* half of them within so long */
    int64_t slow_us;  /* 95 in 100, ATTEMPT_SLOW_LEAST_US at least; 0: nobody knows, and nothing is slow */
} AttemptPace;

/* As source_call_start(). question must outlive them; receiver is told as of one call. What waiters have seen may be
 * given up for another reply: attempts_reply() is the one that counts. */
Attempts *attempts_start(const CallContext *context, SourceSet *set, const Source *source, const Question *question,
                         AttemptPace pace, const CallReceiver *receiver, void *data,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Somebody waits until then, monotonic; 0: nobody, so that no more calls are made. */
void attempts_wait_until(Attempts *attempts, int64_t until_us);
/* As far as it has come; theirs. */
SourceReply *attempts_reply(Attempts *attempts);
/* As source_call_cancel(). */
void attempts_cancel(Attempts *attempts);
