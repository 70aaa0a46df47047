/*
 * Schedules: when tasks arise by themselves.
 *
 * A schedule ticks either every so often, at multiples of its interval since the epoch, moved by an offset from its name
 * so that not all begin at once; or as its cron rule says in its time zone (see tasks/cron.h). Every node computes the
 * same moments alike. Any node may make the task of a slot; the slot's row, unique, decides who did.
 */
#pragma once

#include "tasks/task.h"

/* What happens to the slots that passed while nobody was looking. */
typedef enum {
    MISSED_ONCE, /* one task makes up for all of them: the last one's */
    MISSED_SKIP, /* nothing: a slot seen more than a minute late does not fire */
    MISSED_ALL,  /* each fires, up to the last 100 within the last 7 days. Their tasks stand side by side, so each has
                    its moment behind its key: "KEY@2026-11-24T05:00:00Z" */
} MissedPolicy;

typedef struct {
    const char *name;
    const char *kind, *key, *payload;
    int64_t every_us; /* this, */
    const char *cron; /* or this; not both */
    const char *zone; /* of cron; NULL: UTC */
    MissedPolicy missed;
} ScheduleSpec;

/* Adds the schedule or brings it up to date. A new interval's first tick is at once, a changed one's at its next multiple,
 * a rule's when it says so; a pause stays. INVALID for a rule or zone that can't be. */
bool schedule_put(DbTx *tx, const ScheduleSpec *spec, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes away the schedules whose names are not listed (NULL-terminated). */
bool schedule_keep_only(DbTx *tx, const char *const *names, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NOT_FOUND when there is no such schedule. */
bool schedule_pause(DbTx *tx, Str name, bool paused, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Adds the tasks of all schedules that are due. ret_made: how many; ret_next_us: when the next one is. */
bool schedule_tick(Db *db, const Clock *clock, IdMint *mint, int64_t *ret_made, int64_t *ret_next_us,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The last slot at or before the moment. */
int64_t schedule_slot_at(int64_t every_us, int64_t offset_us, int64_t now_us);
