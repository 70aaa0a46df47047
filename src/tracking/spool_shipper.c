/* The shipper: what was written goes into the database, as soon as it takes it. */
#include "tracking/spool_type.h"

#include "ops/log.h"

#define SHIP_BATCH 500
/* Events wait for others, so that hundreds share a commit. */
#define LINGER_US        (100 * US_PER_MS)
#define BACKOFF_LEAST_US (100 * US_PER_MS)
#define BACKOFF_MOST_US  (30 * US_PER_SECOND)
#define ARENA_BLOCK      (256 * 1024)

static void
poison(void *data, const SpoolRow *row, const char *reason)
{
    Spool *spool = data;

    log_event(LOG_LEVEL_ERROR, "spool.quarantined", "an event can't be stored; it is kept in the spool's quarantine",
              LOG_TEXT("kind", spool_kind_name(spool_kind_number(row->kind))), LOG_INT("id", row->id),
              LOG_TEXT("reason", reason));
    metric_add(spool->metrics, METRIC_RECORDS_REJECTED, "spool", "quarantined", 1);
    g_mutex_lock(&spool->lock);
    spool_group_add_poison(spool->filling, row, reason);
    spool->quarantined++;
    g_mutex_unlock(&spool->lock);
}

/* What was read is in the database or in quarantine. */
static void
ship_settle(Spool *spool, const SpoolRead *read)
{
    int64_t of_kind[SPOOL_KINDS] = {0};

    for (size_t i = 0; i < read->count; i++)
        of_kind[spool_kind_number(read->rows[i].kind)]++;
    for (size_t kind = 0; kind < SPOOL_KINDS; kind++)
        if (of_kind[kind] > 0)
            metric_add(spool->metrics, METRIC_SHIPPED_EVENTS, spool_kind_name(kind), NULL, of_kind[kind]);
    g_mutex_lock(&spool->lock);
    /* In the same commit as what is put aside, or in a later one. */
    spool->filling->forget_seq = read->last_seq;
    g_cond_signal(&spool->queued);
    spool->shipped_seq = read->last_seq;
    spool->written_since_us = g_get_monotonic_time();
    spool->backlog -= read->events;
    g_cond_broadcast(&spool->progress);
    g_mutex_unlock(&spool->lock);
}

/* Without rows, what was added could not be written: nobody waits for it any longer. */
static void
ship_skip(Spool *spool, int64_t written_seq)
{
    g_mutex_lock(&spool->lock);
    spool->shipped_seq = written_seq;
    g_cond_broadcast(&spool->progress);
    g_mutex_unlock(&spool->lock);
}

/* Ships some of what was written up to written_seq. */
static bool
ship_batch(Spool *spool, int64_t shipped_seq, int64_t written_seq, Arena *arena, GError **error)
{
    SpoolRead read;

    if (!spool_file_read(spool->shipper_file, shipped_seq, SHIP_BATCH, arena, &read, error))
        return false;
    if (read.last_seq == 0) {
        ship_skip(spool, written_seq);
        return true;
    }
    if (!shipper_ship(spool->to_database, read.rows, read.count, arena, poison, spool, error))
        return false;
    ship_settle(spool, &read);
    return true;
}

/* One line when the database goes, one when it is back; and the gauge. */
static void
note_database(Spool *spool, const GError *error)
{
    if (error != NULL && !spool->is_down)
        log_event(LOG_LEVEL_WARN, "spool.waiting", "events can't be stored; they stay in the spool and are tried again",
                  LOG_ERROR(error));
    if (error == NULL && spool->is_down)
        log_event(LOG_LEVEL_INFO, "spool.shipping", "events are being stored again",
                  LOG_INT("backlog", spool_backlog(spool)));
    spool->is_down = error != NULL;
    metric_set(spool->metrics, METRIC_DATABASE_UP, "spool", NULL, error == NULL);
}

/* Whether there is something to ship, and no reason to wait for more. With the lock held. */
static bool
shipper_is_due(const Spool *spool)
{
    int64_t waiting = spool->written_seq - spool->shipped_seq;

    return waiting > 0 && (waiting >= SHIP_BATCH || spool->flush_seq > spool->shipped_seq ||
                           g_get_monotonic_time() >= spool->written_since_us + LINGER_US);
}

/* Waits until there is something to ship. False at the end. */
static bool
shipper_wait(Spool *spool, int64_t *ret_shipped_seq, int64_t *ret_written_seq)
{
    bool go_on;

    g_mutex_lock(&spool->lock);
    while (!spool->stopping && !shipper_is_due(spool)) {
        if (spool->shipped_seq >= spool->written_seq)
            g_cond_wait(&spool->written, &spool->lock);
        else
            g_cond_wait_until(&spool->written, &spool->lock, spool->written_since_us + LINGER_US);
    }
    go_on = !spool->stopping;
    *ret_shipped_seq = spool->shipped_seq;
    *ret_written_seq = spool->written_seq;
    g_mutex_unlock(&spool->lock);
    return go_on;
}

/* Between half of backoff_us and all of it, so that many nodes do not come back at once. */
static void
shipper_back_off(Spool *spool, int64_t backoff_us)
{
    int64_t half_us = backoff_us / 2;
    int64_t wait_us = half_us + (int64_t)random_below(&spool->jitter.random, (uint64_t)half_us + 1);
    int64_t until_us = g_get_monotonic_time() + wait_us;

    g_mutex_lock(&spool->lock);
    while (!spool->stopping && !spool->hurry && g_cond_wait_until(&spool->written, &spool->lock, until_us))
        continue;
    spool->hurry = false;
    g_mutex_unlock(&spool->lock);
}

gpointer
spool_shipper_run(gpointer data)
{
    Spool *spool = data;
    g_autoptr(Arena) arena = arena_new(ARENA_BLOCK);
    int64_t backoff_us = BACKOFF_LEAST_US, shipped_seq, written_seq;

    while (shipper_wait(spool, &shipped_seq, &written_seq)) {
        g_autoptr(GError) error = NULL;
        bool shipped = ship_batch(spool, shipped_seq, written_seq, arena, &error);

        note_database(spool, error);
        arena_reset(arena);
        if (shipped) {
            backoff_us = BACKOFF_LEAST_US;
            continue;
        }
        shipper_back_off(spool, backoff_us);
        backoff_us = MIN(2 * backoff_us, BACKOFF_MOST_US);
    }
    return NULL;
}
