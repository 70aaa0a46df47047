/*
 * Spool: events are durable on this node's disk before anybody relies on them, and reach the database exactly once.
 *
 *     spool_add ──> queue ──writer thread──> spool.db (SQLite, one commit a batch, synchronous=FULL) ──> durable()
 *                                               └──shipper thread──> database (idempotent by event id) ──> forgotten
 *
 * Clicks wait for durable(); searches do not, and stay in memory for 20 ms at most, so that hundreds share a commit. The
 * database may be down for as long as the disk holds.
 */
#pragma once

#include "ops/metrics.h"
#include "store/db.h"
#include "tracking/event.h"

typedef struct Spool Spool;

typedef struct {
    const char *path;          /* of the spool's SQLite file */
    const char *database_url;  /* where events go */
    size_t queue_limit;        /* events waiting for the writer; more are refused (searches) or fail (clicks) */
    int64_t quarantine_age_us; /* so long is kept what was quarantined; 0: for ever */
    Metrics *metrics;
    const Clock *clock;
} SpoolSpec;

/* Ships what was left from before. CONFLICT when another process has the spool open. The database need not be up. */
Spool *spool_open(const SpoolSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes what is queued, tries to ship for at most grace_us, and ends both threads. NULL is allowed. */
void spool_close(Spool *spool, int64_t grace_us);

#define SPOOL_EVENT_LIMIT_BYTES (1024 * 1024)

/* Takes a copy of an event's bytes (event_write_...); the GString stays the caller's. durable is called once, on the
 * writer's thread, with error NULL when the event is on disk; it may be NULL. From any thread. False (LIMIT) when the
 * queue is full or the event too large: durable is not called. */
bool spool_add(Spool *spool, EventKind kind, Id id, GString *bytes, void (*durable)(void *data, const GError *error),
               void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for a search that nobody waits for, and the event of the page that it names (ID_NONE: none): the page is written
 * once in each commit with searches that name it, so that neither is ever without the other. */
bool spool_add_search(Spool *spool, Id id, GString *bytes, Id page_id, Str page,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* How writing goes. */
typedef struct {
    bool is_failing;     /* the last commit failed; the writer tries again by itself */
    int64_t lost_clicks; /* since it was opened: they were not made durable, whatever the reason */
    char reason[256];    /* of the last loss; "" for none */
} SpoolHealth;
SpoolHealth spool_health(Spool *spool);

/* Events on disk or queued that the database does not have yet. */
int64_t spool_backlog(Spool *spool);
/* Events that can't be read or that the database refuses, kept in the spool with the reason: they never block others. Old
 * ones are forgotten when it is opened and when another one comes. */
int64_t spool_quarantined(Spool *spool);
/* Blocks until all that was added before is in the database, or until deadline_us of the monotonic clock: for tests,
 * `weir trace` and shutdown. What was quarantined counts as gone. False when the time was up. */
bool spool_flush(Spool *spool, int64_t deadline_us);
