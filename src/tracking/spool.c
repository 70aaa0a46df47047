#include "tracking/spool_type.h"

#include <unistd.h>

/* So many events make a commit worth while, though nobody waits for them. */
#define WRITE_BATCH 500
/* What may wait for the writer in memory, whatever the limit of events. */
#define WAITING_LIMIT_BYTES (16 * 1024 * 1024)

static void
spool_free(Spool *spool)
{
    if (spool->file != NULL)
        db_close(spool->file);
    if (spool->shipper_file != NULL)
        db_close(spool->shipper_file);
    shipper_free(spool->to_database);
    if (spool->lock_descriptor >= 0)
        close(spool->lock_descriptor);
    spool_group_free(spool->filling);
    spool_group_free(spool->taken);
    g_mutex_clear(&spool->lock);
    g_cond_clear(&spool->queued);
    g_cond_clear(&spool->written);
    g_cond_clear(&spool->progress);
    g_free(spool);
}

/* Before anything is counted. */
static bool
quarantine_sweep_at_start(Spool *spool, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(spool->file, DB_WRITE, error);
    int64_t removed;

    if (tx == NULL || !spool_quarantine_sweep(spool, tx, &removed, error) || !db_commit_auto(&tx, error))
        return false;
    metric_add(spool->metrics, METRIC_RETENTION_REMOVED, "quarantined_events", NULL, removed);
    return true;
}

static bool
files_open(Spool *spool, const char *path, GError **error)
{
    SpoolCounts counts;

    if (!spool_file_lock(path, &spool->lock_descriptor, error))
        return false;
    spool->file = spool_file_open(path, error);
    if (spool->file == NULL || !quarantine_sweep_at_start(spool, error) ||
        !spool_file_count(spool->file, &counts, error))
        return false;
    spool->shipper_file = spool_file_open(path, error);
    if (spool->shipper_file == NULL)
        return false;
    spool->added_seq = spool->written_seq = counts.last_seq;
    spool->quarantined = counts.quarantined;
    spool->backlog = counts.events;
    return true;
}

Spool *
spool_open(const SpoolSpec *spec, GError **error)
{
    Spool *spool = g_new0(Spool, 1);

    spool->metrics = spec->metrics;
    spool->clock = spec->clock;
    spool->queue_limit = spec->queue_limit;
    spool->write_batch = CLAMP(spec->queue_limit / 2, 1, WRITE_BATCH);
    spool->quarantine_age_us = spec->quarantine_age_us;
    spool->lock_descriptor = -1;
    spool->filling = spool_group_new();
    spool->taken = spool_group_new();
    spool->wanted_waiters = spool->wanted_events = SIZE_MAX;
    g_mutex_init(&spool->lock);
    g_cond_init(&spool->queued);
    g_cond_init(&spool->written);
    g_cond_init(&spool->progress);
    spool->to_database = shipper_new(spec->database_url);
    seeded_random_init(&spool->jitter, (uint64_t)clock_now_us(spec->clock) ^ (uint64_t)getpid());
    if (!files_open(spool, spec->path, error)) {
        spool_free(spool);
        return NULL;
    }
    metric_set(spool->metrics, METRIC_SPOOL_WRITABLE, NULL, NULL, 1);
    spool->writer = g_thread_new("spool-writer", spool_writer_run, spool);
    spool->shipper = g_thread_new("spool-shipper", spool_shipper_run, spool);
    return spool;
}

void
spool_close(Spool *spool, int64_t grace_us)
{
    if (spool == NULL)
        return;
    spool_flush(spool, clock_monotonic_us(spool->clock) + grace_us);
    g_mutex_lock(&spool->lock);
    spool->stopping = true;
    g_cond_signal(&spool->written);
    g_mutex_unlock(&spool->lock);
    /* The writer goes last: what the shipper was done with is still to be forgotten. */
    g_thread_join(spool->shipper);
    g_mutex_lock(&spool->lock);
    spool->closing = true;
    g_cond_signal(&spool->queued);
    g_mutex_unlock(&spool->lock);
    g_thread_join(spool->writer);
    spool_free(spool);
}

/* ---- for everybody ---- */

/* With the lock held. */
static void
add_row(Spool *spool, EventKind kind, Id id, Str bytes, SpoolWaiter waiter)
{
    SpoolRow row = {.kind = kind, .id = id, .bytes = bytes};

    spool->backlog++;
    spool_group_add(spool->filling, &row, ++spool->added_seq, waiter);
}

/* With the lock held. */
static bool
refuse(Spool *spool, EventKind kind, GError **error)
{
    SpoolHealth *health = &spool->health;

    g_snprintf(health->reason, sizeof health->reason, "spool: %zu events or %d MB wait to be written already",
               spool->queue_limit, WAITING_LIMIT_BYTES / 1024 / 1024);
    health->lost_clicks += kind == EVENT_CLICK;
    metric_add(spool->metrics, METRIC_SPOOL_LOST, spool_kind_name(kind), NULL, 1);
    return weir_fail(error, WEIR_ERROR_LIMIT, "%s", health->reason);
}

static bool
add(Spool *spool, EventKind kind, Id id, Str bytes, Id page_id, Str page, SpoolWaiter waiter, GError **error)
{
    bool is_full;

    if (MAX(bytes.size, page.size) > SPOOL_EVENT_LIMIT_BYTES)
        return weir_fail(error, WEIR_ERROR_LIMIT, "spool: an event of %zu bytes, where at most %d are allowed",
                         MAX(bytes.size, page.size), SPOOL_EVENT_LIMIT_BYTES);
    g_mutex_lock(&spool->lock);
    is_full = spool->filling->events >= spool->queue_limit || spool->filling->bytes->len >= WAITING_LIMIT_BYTES;
    if (!is_full) {
        if (page_id != ID_NONE && spool_group_note_page(spool->filling, page_id)) {
            add_row(spool, EVENT_PAGE, page_id, page, (SpoolWaiter){0});
            spool_writer_wake(spool);
        }
        add_row(spool, kind, id, bytes, waiter);
        spool_writer_wake(spool);
    }
    is_full = is_full && !refuse(spool, kind, error);
    g_mutex_unlock(&spool->lock);
    return !is_full;
}

bool
spool_add(Spool *spool, EventKind kind, Id id, GString *bytes, void (*durable)(void *data, const GError *error),
          void *data, GError **error)
{
    return add(spool, kind, id, str_of_gstring(bytes), ID_NONE, STR_NONE, (SpoolWaiter){durable, data}, error);
}

bool
spool_add_search(Spool *spool, Id id, GString *bytes, Id page_id, Str page, GError **error)
{
    return add(spool, EVENT_SEARCH, id, str_of_gstring(bytes), page_id, page, (SpoolWaiter){0}, error);
}

SpoolHealth
spool_health(Spool *spool)
{
    SpoolHealth health;

    g_mutex_lock(&spool->lock);
    health = spool->health;
    g_mutex_unlock(&spool->lock);
    return health;
}

int64_t
spool_backlog(Spool *spool)
{
    int64_t backlog;

    g_mutex_lock(&spool->lock);
    backlog = spool->backlog;
    g_mutex_unlock(&spool->lock);
    return backlog;
}

int64_t
spool_quarantined(Spool *spool)
{
    int64_t quarantined;

    g_mutex_lock(&spool->lock);
    quarantined = spool->quarantined;
    g_mutex_unlock(&spool->lock);
    return quarantined;
}

bool
spool_flush(Spool *spool, int64_t deadline_us)
{
    int64_t left_us = MAX(deadline_us - clock_monotonic_us(spool->clock), 0);
    int64_t until_us = g_get_monotonic_time() + left_us, target_seq;
    bool flushed;

    g_mutex_lock(&spool->lock);
    target_seq = spool->added_seq;
    if (spool->shipped_seq < target_seq) {
        spool->hurry = true;
        spool->flush_seq = target_seq;
        g_cond_signal(&spool->written);
        g_cond_signal(&spool->queued);
    }
    while (spool->shipped_seq < target_seq && g_cond_wait_until(&spool->progress, &spool->lock, until_us))
        continue;
    flushed = spool->shipped_seq >= target_seq;
    g_mutex_unlock(&spool->lock);
    return flushed;
}
