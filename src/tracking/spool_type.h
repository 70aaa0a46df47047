/*
 * Two threads and one group that fills. The writer is the only one that writes the spool's file: it takes all that is
 * there, new events and what the shipper is done with alike, and makes one commit of it. So no two of our threads wait
 * for each other's lock on the file, and many clicks share one fsync.
 *
 * Progress is counted in seq, the order of arrival:   shipped <= written <= added
 *
 * Inside this room only; see spool.h.
 */
#pragma once

#include "base/random.h"
#include "tracking/shipper.h"
#include "tracking/spool.h"
#include "tracking/spool_group.h"

struct Spool {
    Metrics *metrics;
    const Clock *clock;
    size_t queue_limit, write_batch; /* so many events are enough for a commit */
    int64_t quarantine_age_us;
    int lock_descriptor;
    GThread *writer, *shipper;

    GMutex lock;         /* guards what follows */
    GCond queued;        /* the writer has what it waits for, or closing */
    GCond written;       /* the shipper has something to do, or stopping */
    GCond progress;      /* shipped_seq moved */
    SpoolGroup *filling; /* what the writer takes next */
    size_t wanted_waiters,
        wanted_events; /* with so many in it the writer is to be woken; SIZE_MAX while it does not wait */
    int64_t added_seq, written_seq, shipped_seq;
    int64_t backlog, quarantined;
    SpoolHealth health;
    int64_t flush_seq;        /* somebody waits until so much is shipped: nothing else is waited for meanwhile */
    int64_t written_since_us; /* when the first event that is not shipped was written; of g_get_monotonic_time() */
    bool closing;             /* the writer ends when nothing is left */
    bool stopping;            /* the shipper ends at once */
    bool hurry;               /* do not wait for the next try */

    /* The writer's own. */
    Db *file;
    SpoolGroup *taken;
    size_t waited_last; /* how many waited for the commit before */
    int64_t commit_us;  /* how long that took */

    /* The shipper's own. */
    Db *shipper_file;
    Shipper *to_database;
    SeededRandom jitter;
    bool is_down;
};

gpointer spool_writer_run(gpointer spool);
gpointer spool_shipper_run(gpointer spool);
/* With the lock held: wakes the writer when it has what it waits for. */
void spool_writer_wake(Spool *spool);
/* Forgets what was quarantined too long ago. */
bool spool_quarantine_sweep(const Spool *spool, DbTx *tx, int64_t *ret_removed,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
