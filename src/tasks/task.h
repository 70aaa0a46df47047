/*
 * Tasks: the durable queue of the background tier.
 *
 *             claim              finish
 *   READY ------------> RUNNING ----------> DONE
 *     ^                   |  |
 *     |   retry later     |  |  bury: attempts used up, or hopeless
 *     +-------------------+  +------------> DEAD
 *
 * A task is given to one worker at a time, and to another when its lease ends. Each grant carries a higher fence, which is
 * checked in the transaction of each effect (see tasks/workers.h): a worker that lost its lease changes nothing more.
 * Handlers may run twice; an effect that is written in the transaction that finishes its task happens once.
 */
#pragma once

#include "base/arena.h"
#include "base/id.h"
#include "base/random.h"
#include "store/db.h"

typedef enum { TASK_READY, TASK_RUNNING, TASK_DONE, TASK_DEAD } TaskState;
const char *task_state_name(TaskState state);

/* What is to be done. key makes it unique among the live tasks of its kind. */
typedef struct {
    const char *kind, *key;
    const char *payload;  /* the handler's own; "" for none */
    int64_t run_at_us;    /* not before */
    const char *schedule; /* NULL when none made it */
    int64_t slot_us;
} TaskSpec;

/* A task as it was claimed. Texts are in the arena of task_claim(). */
typedef struct {
    Id id;
    Str kind, key, payload;
    int64_t attempt; /* from 1 */
    int64_t fence;
} Task;

/* Adds a task within the caller's transaction: it exists if, and only if, that commits. A live task with the same kind
 * and key makes this a no-op: *ret_id (may be NULL) is then ID_NONE. */
bool task_add(DbTx *tx, const TaskSpec *spec, IdMint *mint, Id *ret_id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes the most urgent task that is due, or whose lease ended, for lease_us. NOT_FOUND when none is. kinds: those this
 * worker can do, NULL-terminated; tasks of other kinds are left to others. */
bool task_claim(Db *db, const char *const *kinds, const Clock *clock, int64_t lease_us, const char *worker,
                Arena *arena, Task *ret_task, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* CONFLICT when the task has passed to another worker. In the transaction of an effect, as its last statement, this is
 * what fences it. A task that this grant has finished is still its own. */
bool task_check(DbTx *tx, const Task *task, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Keeps the task for another lease_us. CONFLICT as above. */
bool task_renew(Db *db, const Task *task, const Clock *clock, int64_t lease_us,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A handler may call it in the transaction of its effect, which then happens exactly once; finishing the same grant
 * again is no error. */
bool task_finish(DbTx *tx, const Task *task, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After a failure: READY again at retry_at_us. */
bool task_retry(DbTx *tx, const Task *task, int64_t retry_at_us, const char *message,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* READY at once, and the attempt does not count: for a worker that is being stopped. */
bool task_release(DbTx *tx, const Task *task, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool task_bury(DbTx *tx, const Task *task, int64_t now_us, const char *message,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether trying again can't help: the input is wrong or something is broken. */
bool task_is_hopeless(const GError *error);
/* How long to wait after that many attempts: doubling from 2 s to an hour, half of it by chance, so that tasks which
 * failed together do not come back together. */
int64_t task_backoff_us(int64_t attempts, Random *random);

/* Makes a DEAD task READY with its attempts forgotten. NOT_FOUND when there is no such dead task, CONFLICT when a live
 * task of the same kind and key has taken its place. */
bool task_revive(DbTx *tx, Id id, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Forgets tasks that were DONE before, and slots that were made before, up to limit of each. Dead tasks stay for people to
 * look at, unless one that is forgotten did later what they failed to do. ret_more: there may be more. */
bool task_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
