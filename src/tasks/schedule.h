/*
 * Schedules: when tasks arise by themselves.
 *
 * A schedule ticks every so often, at moments that every node computes alike: multiples of its interval since the
 * epoch, moved by an offset from its name, so that not all begin at once. Any node may make the task of a slot; the
 * slot's row, unique, decides who did. When ticks were missed (nobody was running), one task makes up for all of them.
 */
#pragma once

#include "tasks/task.h"

typedef struct {
    const char *name;
    const char *kind, *key, *payload;
    int64_t every_us;
} ScheduleSpec;

/* Adds the schedule or brings it up to date. A new one ticks at once, a changed interval at its next multiple; a pause
 * stays. */
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
