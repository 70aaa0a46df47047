#include "search/spread.h"

/* The items of one source that have no place yet, in order. */
typedef struct {
    Str source;
    size_t next;     /* first of them; SIZE_MAX: none */
    size_t last;     /* of them, while they are lined up */
    unsigned within; /* how many of the source stand in the places that are looked at */
} Queue;

typedef struct {
    const SpreadRule *rule;
    const SpreadItem *items; /* as they came */
    size_t *following;       /* for each item, the next of its source; SIZE_MAX: none */
    size_t *queue_of;        /* for each place that is taken, the queue of its source */
    Queue *queues;
    size_t queue_count;
} Spread;

static size_t
queue_of(Spread *spread, Str source)
{
    for (size_t q = 0; q < spread->queue_count; q++)
        if (str_equal(spread->queues[q].source, source))
            return q;
    spread->queues[spread->queue_count] = (Queue){source, SIZE_MAX, SIZE_MAX, 0};
    return spread->queue_count++;
}

static void
line_up(Spread *spread, size_t fixed, size_t count)
{
    for (size_t i = fixed; i < count; i++) {
        Queue *queue = &spread->queues[queue_of(spread, spread->items[i].source)];

        spread->following[i] = SIZE_MAX;
        *(queue->next == SIZE_MAX ? &queue->next : &spread->following[queue->last]) = i;
        queue->last = i;
    }
}

/* The place is taken by the queue: it is looked at from the next place on, and the oldest no more. */
static void
take_place(Spread *spread, size_t place, size_t queue)
{
    unsigned before = spread->rule->window - 1;

    spread->queue_of[place] = queue;
    if (before == 0)
        return;
    spread->queues[queue].within++;
    if (place >= before)
        spread->queues[spread->queue_of[place - before]].within--;
}

static int32_t
repeats_of(const Spread *spread, const Queue *queue)
{
    return -(int32_t)queue->within * spread->rule->repeat;
}

/* Which queue's turn it is. Those that have had the most stand back, unless only they have anything left. */
static size_t
best_queue(const Spread *spread, bool may_exceed)
{
    size_t best = SIZE_MAX;
    int32_t most = 0;

    for (size_t q = 0; q < spread->queue_count; q++) {
        const Queue *queue = &spread->queues[q];
        int32_t points;

        if (queue->next == SIZE_MAX || (!may_exceed && queue->within >= spread->rule->most))
            continue;
        points = spread->items[queue->next].points + repeats_of(spread, queue);
        if (best == SIZE_MAX || points > most || (points == most && queue->next < spread->queues[best].next)) {
            best = q;
            most = points;
        }
    }
    return best == SIZE_MAX && !may_exceed ? best_queue(spread, true) : best;
}

void
spread_sort(const SpreadRule *rule, SpreadItem *items, size_t fixed, size_t count)
{
    g_autofree SpreadItem *came = g_memdup2(items, count * sizeof *items);
    g_autofree size_t *following = g_new(size_t, count), *queues_of = g_new(size_t, count);
    g_autofree Queue *queues = g_new(Queue, count);
    Spread spread = {rule, came, following, queues_of, queues, 0};

    for (size_t i = 0; i < fixed; i++)
        take_place(&spread, i, queue_of(&spread, items[i].source));
    line_up(&spread, fixed, count);
    for (size_t i = fixed; i < count; i++) {
        size_t q = best_queue(&spread, false);
        Queue *queue = &queues[q];

        items[i] = came[queue->next];
        items[i].repeats = repeats_of(&spread, queue);
        queue->next = following[queue->next];
        take_place(&spread, i, q);
    }
}
