/*
 * Spool group: what the writer makes one commit of: new events, and what the shipper is done with. Inside this room only;
 * see spool.h. Its owner says who may touch it: the spool's lock while it fills, the writer from then on.
 */
#pragma once

#include "tracking/spool_file.h"

typedef struct {
    void (*durable)(void *data, const GError *error);
    void *data;
} SpoolWaiter;

typedef struct {
    GString *bytes; /* of the events, as the file has them */
    size_t events;
    int64_t last_seq; /* of the events; they came one after the other */
    int64_t of_kind[SPOOL_KINDS];
    GArray *waiters; /* of SpoolWaiter */
    GArray *pages;   /* of Id: those that are among the events */

    GPtrArray *poison;  /* of SpoolPoison: events to put aside */
    int64_t forget_seq; /* what may be forgotten; 0: nothing */
} SpoolGroup;

SpoolGroup *spool_group_new(void);
void spool_group_free(SpoolGroup *group);
/* durable may be NULL. */
void spool_group_add(SpoolGroup *group, const SpoolRow *row, int64_t seq, SpoolWaiter waiter);
/* True when no event named that page before: it is to be added before the one that does. */
bool spool_group_note_page(SpoolGroup *group, Id page_id);
/* Copies row and reason. */
void spool_group_add_poison(SpoolGroup *group, const SpoolRow *row, const char *reason);
bool spool_group_is_empty(const SpoolGroup *group);
/* Moves all of from to `to`, which holds no events, but may hold what the shipper is done with from a commit that failed. */
void spool_group_take(SpoolGroup *to, SpoolGroup *from);
bool spool_group_write(const SpoolGroup *group, DbTx *tx, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Tells those who wait how it went. After a failure, what the shipper is done with is still to be written. */
void spool_group_settle(SpoolGroup *group, const GError *error);
