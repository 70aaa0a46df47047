/*
 * Queue delay: how long what comes to a queue waits for its turn, as a sign of overload. Rules without I/O and without a
 * lock.
 *
 * As in CoDel (RFC 8289) the least wait of an interval counts: a burst makes some wait and leaves soon, while a queue that
 * stands makes all wait. When nothing leaves it at all, it has stood since then. A few that wait are no queue: one of them
 * may have met another program that took the processor.
 */
#pragma once

#include "base/clock.h"

#include <stdbool.h>

#define QUEUE_DELAY_INTERVAL_US (100 * US_PER_MS)
#define QUEUE_DELAY_ENOUGH      8 /* that have left within the interval, or wait */

/* Begins zeroed. */
typedef struct {
    unsigned waiting;
    int64_t moved_at_us; /* when one left last, or came to an empty queue */
    int64_t interval_at_us;
    int64_t least_us;    /* of this interval */
    unsigned left;       /* in this interval */
    int64_t standing_us; /* of the interval before */
} QueueDelay;

void queue_delay_enter(QueueDelay *queue, int64_t now_us);
/* One leaves that has waited so long. */
void queue_delay_leave(QueueDelay *queue, int64_t waited_us, int64_t now_us);
int64_t queue_delay_us(QueueDelay *queue, int64_t now_us);
