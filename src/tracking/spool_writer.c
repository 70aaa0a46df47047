/* The writer: one commit for all that came meanwhile. */
#include "tracking/spool_type.h"

#include "ops/log.h"

/* Nobody waits for searches' events and for what the shipper is done with: so long they wait for others, or for a click. */
#define LINGER_US (20 * US_PER_MS)
/* When many waited for the last commit, as many are probably on their way again. They share the next one if they come
 * within half of what it takes, at most this long. Clicks that come alone are written at once. */
#define TOGETHER_LEAST 4
#define TOGETHER_US    US_PER_MS
/* After a commit that failed, so long until it is tried without anything to write: what was lost then is over as soon as
 * there is room again, and not when the next visitor comes. */
#define TRY_EVERY_US US_PER_SECOND

void
spool_writer_wake(Spool *spool)
{
    const SpoolGroup *filling = spool->filling;

    if (filling->waiters->len < spool->wanted_waiters && filling->events < spool->wanted_events)
        return;
    spool->wanted_waiters = spool->wanted_events = SIZE_MAX;
    g_cond_signal(&spool->queued);
}

/* With the lock held. Until there are so many, or the time is up, or there is none. */
static void
wait_for(Spool *spool, size_t waiters, size_t events, int64_t time_us)
{
    int64_t until_us = g_get_monotonic_time() + time_us;
    bool in_time = true;

    spool->wanted_waiters = waiters;
    spool->wanted_events = events;
    while (in_time && spool->wanted_events != SIZE_MAX && !spool->closing && spool->flush_seq <= spool->written_seq)
        in_time = g_cond_wait_until(&spool->queued, &spool->lock, until_us);
    spool->wanted_waiters = spool->wanted_events = SIZE_MAX;
}

/* Takes all that is there. False at the end. */
static bool
writer_take(Spool *spool)
{
    SpoolGroup *filling = spool->filling;
    bool go_on, tries = false;

    g_mutex_lock(&spool->lock);
    while (spool_group_is_empty(filling) && !spool->closing && !tries) {
        spool->wanted_events = 1;
        if (!spool->health.is_failing)
            g_cond_wait(&spool->queued, &spool->lock);
        else
            tries = !g_cond_wait_until(&spool->queued, &spool->lock, g_get_monotonic_time() + TRY_EVERY_US);
    }
    if (filling->waiters->len == 0 && !tries)
        wait_for(spool, 1, spool->write_batch, LINGER_US);
    if (filling->waiters->len > 0 && filling->waiters->len < spool->waited_last && spool->waited_last >= TOGETHER_LEAST)
        wait_for(spool, spool->waited_last, spool->queue_limit, MIN(spool->commit_us / 2, TOGETHER_US));
    spool->wanted_events = SIZE_MAX;
    go_on = tries || !spool_group_is_empty(filling);
    spool->waited_last = filling->waiters->len;
    spool_group_take(spool->taken, filling);
    g_mutex_unlock(&spool->lock);
    return go_on;
}

bool
spool_quarantine_sweep(const Spool *spool, DbTx *tx, int64_t *ret_removed, GError **error)
{
    *ret_removed = 0;
    return spool->quarantine_age_us == 0 ||
           spool_file_forget_quarantined(tx, clock_now_us(spool->clock) - spool->quarantine_age_us, ret_removed, error);
}

static void
note_swept(Spool *spool, int64_t removed)
{
    if (removed == 0)
        return;
    metric_add(spool->metrics, METRIC_RETENTION_REMOVED, "quarantined_events", NULL, removed);
    g_mutex_lock(&spool->lock);
    spool->quarantined -= removed;
    g_mutex_unlock(&spool->lock);
}

static bool
group_commit(Spool *spool, GError **error)
{
    const SpoolGroup *group = spool->taken;
    int64_t now_us = clock_now_us(spool->clock), start_us = clock_monotonic_us(spool->clock), removed = 0;
    g_autoptr(DbTx) tx = db_begin(spool->file, DB_WRITE, error);

    if (tx == NULL || !spool_group_write(group, tx, now_us, error) ||
        (spool_group_is_empty(group) && !spool_file_try(tx, now_us, error)) ||
        (group->poison->len > 0 && !spool_quarantine_sweep(spool, tx, &removed, error)) || !db_commit_auto(&tx, error))
        return false;
    note_swept(spool, removed);
    spool->commit_us = clock_monotonic_us(spool->clock) - start_us;
    metric_observe_us(spool->metrics, METRIC_SPOOL_COMMIT_SECONDS, NULL, spool->commit_us);
    return true;
}

/* One line when it begins to fail, one when it is over; and the metrics. */
static void
note_health(Spool *spool, const GError *error)
{
    const SpoolGroup *group = spool->taken;
    SpoolHealth *health = &spool->health;
    int64_t lost_clicks;
    bool was_failing;

    g_mutex_lock(&spool->lock);
    was_failing = health->is_failing;
    health->is_failing = error != NULL;
    if (error != NULL) {
        health->lost_clicks += (int64_t)group->of_kind[EVENT_CLICK];
        g_strlcpy(health->reason, error->message, sizeof health->reason);
    }
    lost_clicks = health->lost_clicks;
    g_mutex_unlock(&spool->lock);
    for (size_t kind = 0; kind < SPOOL_KINDS && error != NULL; kind++)
        if (group->of_kind[kind] > 0)
            metric_add(spool->metrics, METRIC_SPOOL_LOST, spool_kind_name(kind), NULL, group->of_kind[kind]);
    if (was_failing == (error != NULL))
        return;
    metric_set(spool->metrics, METRIC_SPOOL_WRITABLE, NULL, NULL, error == NULL);
    if (error != NULL)
        log_event(
            LOG_LEVEL_ERROR, "spool.failing",
            "events can't be written to disk: visitors are redirected, and their clicks are lost until there is room",
            LOG_ERROR(error));
    else
        log_event(LOG_LEVEL_WARN, "spool.writing", "events are being written again",
                  LOG_INT("clicks_lost_since_start", lost_clicks));
}

/* Lets the shipper have what was written, and tells those who wait how it went. */
static void
group_settle(Spool *spool, const GError *error)
{
    const SpoolGroup *group = spool->taken;

    for (size_t kind = 0; kind < SPOOL_KINDS && error == NULL; kind++)
        if (group->of_kind[kind] > 0)
            metric_add(spool->metrics, METRIC_SPOOL_EVENTS, spool_kind_name(kind), NULL, group->of_kind[kind]);
    if (group->events > 0) {
        g_mutex_lock(&spool->lock);
        if (spool->written_seq <= spool->shipped_seq)
            spool->written_since_us = g_get_monotonic_time();
        spool->written_seq = group->last_seq;
        if (error != NULL)
            spool->backlog -= (int64_t)group->events;
        g_cond_signal(&spool->written);
        g_mutex_unlock(&spool->lock);
    }
    spool_group_settle(spool->taken, error);
}

gpointer
spool_writer_run(gpointer data)
{
    Spool *spool = data;

    while (writer_take(spool)) {
        g_autoptr(GError) error = NULL;

        if (!group_commit(spool, &error))
            weir_fail_within(&error, "spool");
        note_health(spool, error);
        group_settle(spool, error);
    }
    return NULL;
}
