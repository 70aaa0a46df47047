#include "ops/periodic.h"

#include <glib.h>
#include <stdbool.h>

struct Periodic {
    int64_t (*fn)(void *data);
    void *data;
    int64_t first_us;
    GThread *thread;
    GMutex mutex; /* of what follows */
    GCond wake;
    bool stopping;
};

/* False at the end. */
static bool
wait_us(Periodic *periodic, int64_t us)
{
    int64_t until_us = g_get_monotonic_time() + us;
    bool go_on;

    g_mutex_lock(&periodic->mutex);
    while (!periodic->stopping && g_cond_wait_until(&periodic->wake, &periodic->mutex, until_us))
        continue;
    go_on = !periodic->stopping;
    g_mutex_unlock(&periodic->mutex);
    return go_on;
}

static gpointer
run(gpointer data)
{
    Periodic *periodic = data;
    int64_t us = periodic->first_us;

    while (wait_us(periodic, us))
        us = periodic->fn(periodic->data);
    return NULL;
}

Periodic *
periodic_start(const char *name, int64_t first_us, int64_t (*fn)(void *data), void *data)
{
    Periodic *periodic = g_new0(Periodic, 1);

    periodic->fn = fn;
    periodic->data = data;
    periodic->first_us = first_us;
    g_mutex_init(&periodic->mutex);
    g_cond_init(&periodic->wake);
    periodic->thread = g_thread_new(name, run, periodic);
    return periodic;
}

void
periodic_stop(Periodic *periodic)
{
    if (periodic == NULL)
        return;
    g_mutex_lock(&periodic->mutex);
    periodic->stopping = true;
    g_cond_signal(&periodic->wake);
    g_mutex_unlock(&periodic->mutex);
    g_thread_join(periodic->thread);
    g_mutex_clear(&periodic->mutex);
    g_cond_clear(&periodic->wake);
    g_free(periodic);
}
