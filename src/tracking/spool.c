/*
 * Two threads and one queue. The writer is the only one that writes the spool's file: it takes all that is queued, new
 * events and what the shipper is done with alike, and makes one commit of it. So no two of our threads wait for
 * each other's lock on the file, and many clicks share one fsync. What nobody waits for lingers until something comes
 * that somebody does wait for, or there is enough of it for a commit, or a moment has passed; the same on its way into the
 * database.
 *
 * Progress is counted in seq, the order of arrival:   shipped <= written <= added
 */
#include "tracking/spool.h"

#include <unistd.h>

#include "base/random.h"
#include "ops/log.h"
#include "tracking/shipper.h"
#include "tracking/spool_file.h"

#define SHIP_BATCH 500
/* Nobody waits for a search's event: it waits for others, so that hundreds share one commit. */
#define WRITE_BATCH      500
#define WRITE_LINGER_US  (20 * US_PER_MS)
#define SHIP_LINGER_US   (100 * US_PER_MS)
#define BACKOFF_LEAST_US (100 * US_PER_MS)
#define BACKOFF_MOST_US  (30 * US_PER_SECOND)
#define ARENA_BLOCK      (256 * 1024)

/* One thing for the writer to do. */
typedef struct {
    enum { ENTRY_EVENT, ENTRY_QUARANTINE, ENTRY_FORGET } what;
    SpoolRow row; /* owns bytes; of ENTRY_FORGET only seq */
    char *reason; /* of ENTRY_QUARANTINE */
    void (*durable)(void *data, const GError *error);
    void *data;
} Entry;

struct Spool {
    Metrics *metrics;
    const Clock *clock;
    size_t queue_limit, write_batch; /* so many events are enough for a commit */
    int64_t quarantine_age_us;
    int lock_descriptor;
    GThread *writer, *shipper;

    GMutex lock;      /* guards what follows */
    GCond queued;     /* the writer has something to do, or closing */
    GCond written;    /* the shipper has something to do, or stopping */
    GCond progress;   /* shipped_seq moved */
    GPtrArray *queue; /* of Entry */
    size_t queued_events;
    bool is_awaited;          /* somebody waits until something in the queue is durable */
    int64_t queued_since_us;  /* of the queue's first entry; of g_get_monotonic_time(), like the next one */
    int64_t written_since_us; /* of the first event that is written and not shipped */
    int64_t added_seq, written_seq, shipped_seq;
    int64_t flush_seq; /* somebody waits until so much is shipped */
    int64_t backlog, quarantined;
    bool closing;  /* the writer ends when the queue is empty */
    bool stopping; /* the shipper ends at once */
    bool hurry;    /* do not wait for the next try */

    /* The writer's own. */
    Db *file;
    GPtrArray *held; /* of Entry: the shipper's, from a commit that failed; they go with the next one */

    /* The shipper's own. */
    Db *shipper_file;
    Shipper *to_database;
    SeededRandom jitter;
    bool is_down;
};

static const char *
kind_name(EventKind kind)
{
    return kind == EVENT_CLICK ? "click" : kind == EVENT_SEARCH ? "search" : "unknown";
}

static void
entry_free(gpointer data)
{
    Entry *entry = data;

    g_free((char *)entry->row.bytes.at);
    g_free(entry->reason);
    g_free(entry);
}

static SpoolRow
row_copy(const SpoolRow *row)
{
    SpoolRow copy = *row;
    /* One byte more, so that bytes of an empty event are not absent: it can't be read, but it can be kept. */
    char *bytes = g_malloc(row->bytes.size + 1);

    if (row->bytes.size > 0)
        memcpy(bytes, row->bytes.at, row->bytes.size);
    copy.bytes.at = bytes;
    return copy;
}

/* With the lock held. */
static void
queue_push(Spool *spool, Entry entry)
{
    bool is_first = spool->queue->len == 0, hurries = entry.durable != NULL && !spool->is_awaited;

    if (is_first)
        spool->queued_since_us = g_get_monotonic_time();
    g_ptr_array_add(spool->queue, g_memdup2(&entry, sizeof entry));
    spool->is_awaited = spool->is_awaited || hurries;
    /* The writer sleeps on otherwise, and wakes by itself. */
    if (is_first || hurries || spool->queued_events == spool->write_batch)
        g_cond_signal(&spool->queued);
}

static void
backlog_add(Spool *spool, int64_t count)
{
    spool->backlog += count;
    metric_set(spool->metrics, METRIC_SPOOL_BACKLOG, NULL, NULL, spool->backlog);
}

/* ---- the writer ---- */

/* Whether there is something to write, and no reason to wait for more. With the lock held. */
static bool
writer_is_due(const Spool *spool)
{
    return spool->queue->len > 0 &&
           (spool->is_awaited || spool->queued_events >= spool->write_batch || spool->flush_seq > spool->written_seq ||
            g_get_monotonic_time() >= spool->queued_since_us + WRITE_LINGER_US);
}

/* All that is queued; NULL at the end. */
static GPtrArray *
writer_take(Spool *spool)
{
    GPtrArray *batch = NULL;

    g_mutex_lock(&spool->lock);
    while (!spool->closing && !writer_is_due(spool)) {
        if (spool->queue->len == 0)
            g_cond_wait(&spool->queued, &spool->lock);
        else
            g_cond_wait_until(&spool->queued, &spool->lock, spool->queued_since_us + WRITE_LINGER_US);
    }
    if (spool->queue->len > 0) {
        batch = spool->queue;
        spool->queue = g_ptr_array_new_with_free_func(entry_free);
        spool->queued_events = 0;
        spool->is_awaited = false;
    }
    g_mutex_unlock(&spool->lock);
    return batch;
}

static bool
entry_write(DbTx *tx, const Entry *entry, int64_t now_us, GError **error)
{
    switch (entry->what) {
    case ENTRY_EVENT:
        return spool_file_add(tx, &entry->row, error);
    case ENTRY_QUARANTINE:
        return spool_file_quarantine(tx, &entry->row, entry->reason, now_us, error);
    case ENTRY_FORGET:
        return spool_file_forget(tx, entry->row.seq, error);
    }
    g_assert_not_reached();
}

static bool
has_quarantined(const GPtrArray *entries)
{
    for (guint i = 0; i < entries->len; i++)
        if (((const Entry *)entries->pdata[i])->what == ENTRY_QUARANTINE)
            return true;
    return false;
}

/* Forgets what was quarantined too long ago. */
static bool
quarantine_sweep(const Spool *spool, DbTx *tx, int64_t *ret_removed, GError **error)
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
batch_commit(Spool *spool, const GPtrArray *batch, GError **error)
{
    int64_t now_us = clock_now_us(spool->clock), start_us = clock_monotonic_us(spool->clock), removed = 0;
    bool sweeps = has_quarantined(batch) || has_quarantined(spool->held);
    g_autoptr(DbTx) tx = db_begin(spool->file, DB_WRITE, error);

    if (tx == NULL)
        return false;
    for (guint i = 0; i < spool->held->len; i++)
        if (!entry_write(tx, spool->held->pdata[i], now_us, error))
            return false;
    for (guint i = 0; i < batch->len; i++)
        if (!entry_write(tx, batch->pdata[i], now_us, error))
            return false;
    if ((sweeps && !quarantine_sweep(spool, tx, &removed, error)) || !db_commit_auto(&tx, error))
        return false;
    note_swept(spool, removed);
    g_ptr_array_set_size(spool->held, 0);
    metric_observe_us(spool->metrics, METRIC_SPOOL_COMMIT_SECONDS, NULL, clock_monotonic_us(spool->clock) - start_us);
    return true;
}

/* Tells those who wait how it went. Frees batch, but keeps what the shipper wanted done when it was not. */
static void
batch_settle(Spool *spool, GPtrArray *batch, const GError *error)
{
    int64_t events = 0, last_seq = 0;

    for (guint i = 0; i < batch->len; i++) {
        Entry *entry = batch->pdata[i];

        if (entry->what != ENTRY_EVENT) {
            if (error != NULL)
                g_ptr_array_add(spool->held, g_steal_pointer(&batch->pdata[i]));
            continue;
        }
        events++;
        last_seq = entry->row.seq;
        if (error == NULL)
            metric_add(spool->metrics, METRIC_SPOOL_EVENTS, kind_name(entry->row.kind), NULL, 1);
    }
    if (events > 0) {
        g_mutex_lock(&spool->lock);
        if (spool->written_seq <= spool->shipped_seq)
            spool->written_since_us = g_get_monotonic_time();
        spool->written_seq = last_seq;
        if (error != NULL)
            backlog_add(spool, -events);
        g_cond_signal(&spool->written);
        g_mutex_unlock(&spool->lock);
    }
    for (guint i = 0; i < batch->len; i++) {
        Entry *entry = batch->pdata[i];

        if (entry != NULL && entry->durable != NULL)
            entry->durable(entry->data, error);
    }
    g_ptr_array_set_free_func(batch, NULL);
    for (guint i = 0; i < batch->len; i++)
        if (batch->pdata[i] != NULL)
            entry_free(batch->pdata[i]);
    g_ptr_array_unref(batch);
}

static gpointer
writer_run(gpointer data)
{
    Spool *spool = data;
    GPtrArray *batch;

    while ((batch = writer_take(spool)) != NULL) {
        g_autoptr(GError) error = NULL;

        if (!batch_commit(spool, batch, &error))
            weir_fail_within(&error, "spool");
        batch_settle(spool, batch, error);
    }
    return NULL;
}

/* ---- the shipper ---- */

static void
poison(void *data, const SpoolRow *row, const char *reason)
{
    Spool *spool = data;

    log_event(LOG_LEVEL_ERROR, "spool.quarantined", "an event can't be stored; it is kept in the spool's quarantine",
              LOG_TEXT("kind", kind_name(row->kind)), LOG_INT("id", row->id), LOG_TEXT("reason", reason));
    metric_add(spool->metrics, METRIC_RECORDS_REJECTED, "spool", "quarantined", 1);
    g_mutex_lock(&spool->lock);
    queue_push(spool, (Entry){.what = ENTRY_QUARANTINE, .row = row_copy(row), .reason = g_strdup(reason)});
    spool->quarantined++;
    g_mutex_unlock(&spool->lock);
}

/* Everything up to seq is in the database or in quarantine. */
static void
ship_settle(Spool *spool, int64_t seq, const SpoolRow *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        metric_add(spool->metrics, METRIC_SHIPPED_EVENTS, kind_name(rows[i].kind), NULL, 1);
    g_mutex_lock(&spool->lock);
    /* Behind the quarantine's entries, and so in the same commit or a later one. */
    if (count > 0)
        queue_push(spool, (Entry){.what = ENTRY_FORGET, .row = {.seq = seq}});
    spool->shipped_seq = seq;
    spool->written_since_us = g_get_monotonic_time();
    backlog_add(spool, -(int64_t)count);
    g_cond_broadcast(&spool->progress);
    g_mutex_unlock(&spool->lock);
}

/* Ships one batch of what was written up to written_seq. */
static bool
ship_batch(Spool *spool, int64_t shipped_seq, int64_t written_seq, Arena *arena, GError **error)
{
    SpoolRow *rows = NULL;
    size_t count = 0;

    if (!spool_file_read(spool->shipper_file, shipped_seq, SHIP_BATCH, arena, &rows, &count, error))
        return false;
    if (count > 0 && !shipper_ship(spool->to_database, rows, count, arena, poison, spool, error))
        return false;
    /* Without rows, what was added could not be written: nobody waits for it any longer. */
    ship_settle(spool, count > 0 ? rows[count - 1].seq : written_seq, rows, count);
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
                           g_get_monotonic_time() >= spool->written_since_us + SHIP_LINGER_US);
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
            g_cond_wait_until(&spool->written, &spool->lock, spool->written_since_us + SHIP_LINGER_US);
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

static gpointer
shipper_run(gpointer data)
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

/* ---- opening and closing ---- */

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
    g_ptr_array_unref(spool->queue);
    g_ptr_array_unref(spool->held);
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

    if (tx == NULL || !quarantine_sweep(spool, tx, &removed, error) || !db_commit_auto(&tx, error))
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
    backlog_add(spool, counts.events);
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
    spool->queue = g_ptr_array_new_with_free_func(entry_free);
    spool->held = g_ptr_array_new_with_free_func(entry_free);
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
    spool->writer = g_thread_new("spool-writer", writer_run, spool);
    spool->shipper = g_thread_new("spool-shipper", shipper_run, spool);
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

bool
spool_add(Spool *spool, EventKind kind, Id id, GString *bytes, void (*durable)(void *data, const GError *error),
          void *data, GError **error)
{
    SpoolRow row = {.kind = kind, .id = id, .bytes = str_of_gstring(bytes)};
    bool is_full;

    if (bytes->len > SPOOL_EVENT_LIMIT_BYTES)
        return weir_fail(error, WEIR_ERROR_LIMIT, "spool: an event of %zu bytes, where at most %d are allowed",
                         bytes->len, SPOOL_EVENT_LIMIT_BYTES);
    row = row_copy(&row);
    g_mutex_lock(&spool->lock);
    is_full = spool->queued_events >= spool->queue_limit;
    if (!is_full) {
        row.seq = ++spool->added_seq;
        spool->queued_events++;
        backlog_add(spool, 1);
        queue_push(spool, (Entry){.what = ENTRY_EVENT, .row = row, .durable = durable, .data = data});
    }
    g_mutex_unlock(&spool->lock);
    if (!is_full)
        return true;
    g_free((char *)row.bytes.at);
    return weir_fail(error, WEIR_ERROR_LIMIT, "spool: %zu events wait to be written already", spool->queue_limit);
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
        g_cond_signal(&spool->queued);
        g_cond_signal(&spool->written);
    }
    while (spool->shipped_seq < target_seq && g_cond_wait_until(&spool->progress, &spool->lock, until_us))
        continue;
    flushed = spool->shipped_seq >= target_seq;
    g_mutex_unlock(&spool->lock);
    return flushed;
}
