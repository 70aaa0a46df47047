#include "search/queue_delay.h"

#include <glib.h>

void
queue_delay_enter(QueueDelay *queue, int64_t now_us)
{
    if (queue->waiting++ == 0)
        queue->moved_at_us = now_us;
}

/* What an interval with few samples was like, and one that is long over, nobody knows any more. */
static void
begin_interval(QueueDelay *queue, int64_t now_us)
{
    int64_t past_us = now_us - queue->interval_at_us;

    if (past_us < QUEUE_DELAY_INTERVAL_US)
        return;
    queue->standing_us =
        queue->left >= QUEUE_DELAY_ENOUGH && past_us < 2 * QUEUE_DELAY_INTERVAL_US ? queue->least_us : 0;
    queue->left = 0;
    queue->interval_at_us = now_us;
}

void
queue_delay_leave(QueueDelay *queue, int64_t waited_us, int64_t now_us)
{
    begin_interval(queue, now_us);
    queue->waiting--;
    queue->moved_at_us = now_us;
    queue->least_us = queue->left++ > 0 ? MIN(queue->least_us, waited_us) : waited_us;
}

int64_t
queue_delay_us(QueueDelay *queue, int64_t now_us)
{
    begin_interval(queue, now_us);
    return queue->waiting >= QUEUE_DELAY_ENOUGH ? MAX(queue->standing_us, now_us - queue->moved_at_us)
                                                : queue->standing_us;
}
