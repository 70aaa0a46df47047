#include "sandbox/pacer.h"

#include <stdbool.h>

typedef struct {
    int64_t due_us; /* of the machine's monotonic time: real waiting, whatever clock the sandbox shows */
    LoopFn fn;
    void *data;
} Waiting;

struct Pacer {
    GMutex lock;
    GCond changed;
    GQueue waiting; /* in order of due_us */
    bool stopping;
    GThread *thread;
};

static int
compare_due(gconstpointer a, gconstpointer b, gpointer unused G_GNUC_UNUSED)
{
    int64_t x = ((const Waiting *)a)->due_us, y = ((const Waiting *)b)->due_us;

    return (x > y) - (x < y);
}

static void *
pacer_run(void *data)
{
    Pacer *pacer = data;

    g_mutex_lock(&pacer->lock);
    while (!pacer->stopping || !g_queue_is_empty(&pacer->waiting)) {
        Waiting *first = g_queue_peek_head(&pacer->waiting);

        if (first == NULL) {
            g_cond_wait(&pacer->changed, &pacer->lock);
        } else if (pacer->stopping || first->due_us <= g_get_monotonic_time()) {
            g_queue_pop_head(&pacer->waiting);
            g_mutex_unlock(&pacer->lock);
            first->fn(first->data);
            g_free(first);
            g_mutex_lock(&pacer->lock);
        } else {
            g_cond_wait_until(&pacer->changed, &pacer->lock, first->due_us);
        }
    }
    g_mutex_unlock(&pacer->lock);
    return NULL;
}

Pacer *
pacer_start(void)
{
    Pacer *pacer = g_new0(Pacer, 1);

    g_mutex_init(&pacer->lock);
    g_cond_init(&pacer->changed);
    g_queue_init(&pacer->waiting);
    pacer->thread = g_thread_new("sandbox-pacer", pacer_run, pacer);
    return pacer;
}

void
pacer_call_after(Pacer *pacer, int64_t after_us, LoopFn fn, void *data)
{
    Waiting *waiting = g_new(Waiting, 1);

    *waiting = (Waiting){g_get_monotonic_time() + after_us, fn, data};
    g_mutex_lock(&pacer->lock);
    if (pacer->stopping) {
        g_mutex_unlock(&pacer->lock);
        g_free(waiting);
        fn(data);
        return;
    }
    g_queue_insert_sorted(&pacer->waiting, waiting, compare_due, NULL);
    g_cond_signal(&pacer->changed);
    g_mutex_unlock(&pacer->lock);
}

void
pacer_stop(Pacer *pacer)
{
    g_mutex_lock(&pacer->lock);
    pacer->stopping = true;
    g_cond_signal(&pacer->changed);
    g_mutex_unlock(&pacer->lock);
    g_thread_join(pacer->thread);
}

void
pacer_free(Pacer *pacer)
{
    if (pacer == NULL)
        return;
    g_cond_clear(&pacer->changed);
    g_mutex_clear(&pacer->lock);
    g_free(pacer);
}
