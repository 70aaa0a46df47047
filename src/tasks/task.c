#include "tasks/task.h"

#include "base/clock.h"

#define BACKOFF_FIRST_US (2 * US_PER_SECOND)
#define BACKOFF_MOST_US  US_PER_HOUR
#define MESSAGE_LIMIT    1000
#define KIND_LIMIT       32

const char *
task_state_name(TaskState state)
{
    static const char *const NAMES[] = {"ready", "running", "done", "dead"};

    return NAMES[state];
}

static const Sql ADD_SQL = SQL(
    "INSERT INTO task (id, kind, key, payload, state, attempts, run_at_us, fence, lease_until_us, schedule, slot_us, "
    "created_at_us) VALUES ($1, $2, $3, $4, 0, 0, $5, 0, 0, $6, $7, $8) "
    "ON CONFLICT (kind, key) WHERE state IN (0, 1) DO NOTHING");

bool
task_add(DbTx *tx, const TaskSpec *spec, IdMint *mint, Id *ret_id, GError **error)
{
    Id id = id_mint(mint);
    int64_t added;

    if (!db_exec(tx, ADD_SQL,
                 DB_ARGS(db_int(id), db_cstr(spec->kind), db_cstr(spec->key), db_cstr(spec->payload),
                         db_int(spec->run_at_us), db_cstr(spec->schedule),
                         spec->schedule != NULL ? db_int(spec->slot_us) : db_null(), db_int(id_time_us(id))),
                 &added, error))
        return false;
    if (ret_id != NULL)
        *ret_id = added > 0 ? id : ID_NONE;
    return true;
}

/* $1 now, $2 lease end, $3 worker, then the kinds. */
#define CLAIM_HEAD                                                                                                     \
    "UPDATE task SET state = 1, attempts = attempts + 1, fence = fence + 1, lease_until_us = $2, worker = $3, "        \
    "started_at_us = $1 "                                                                                              \
    "WHERE id = (SELECT id FROM task WHERE ((state = 0 AND run_at_us <= $1) OR (state = 1 AND lease_until_us <= $1)) " \
    "AND kind IN ("
#define CLAIM_ORDER ") ORDER BY run_at_us, id LIMIT 1"
#define CLAIM_TAIL  ") RETURNING id, kind, key, payload, attempts, fence"

static void
claim_sql(GString *sql, DbEngine engine, size_t kind_count)
{
    g_string_append(sql, CLAIM_HEAD);
    for (size_t i = 0; i < kind_count; i++)
        g_string_append_printf(sql, "%s$%" G_GSIZE_FORMAT, i > 0 ? ", " : "", i + 4);
    g_string_append(sql, CLAIM_ORDER);
    /* SQLite has one writer at a time; PostgreSQL's others step over a row that somebody is just taking. */
    if (engine == DB_ENGINE_POSTGRES)
        g_string_append(sql, " FOR UPDATE SKIP LOCKED");
    g_string_append(sql, CLAIM_TAIL);
}

static bool
claim_row(DbTx *tx, const char *sql, DbArgs args, Arena *arena, Task *ret_task, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, SQL(sql), args, error);

    if (rows == NULL)
        return false;
    if (!db_next(rows, error))
        return !db_has_failed(rows) && weir_fail(error, WEIR_ERROR_NOT_FOUND, "no task is due");
    *ret_task = (Task){
        .id = db_get_int(rows, 0),
        .kind = arena_str(arena, db_get_text(rows, 1)),
        .key = arena_str(arena, db_get_text(rows, 2)),
        .payload = arena_str(arena, db_get_text(rows, 3)),
        .attempt = db_get_int(rows, 4),
        .fence = db_get_int(rows, 5),
    };
    return true;
}

bool
task_claim(Db *db, const char *const *kinds, const Clock *clock, int64_t lease_us, const char *worker, Arena *arena,
           Task *ret_task, GError **error)
{
    g_autoptr(GString) sql = g_string_new(NULL);
    g_autoptr(DbTx) tx = NULL;
    DbValue values[KIND_LIMIT + 3];
    int64_t now_us = clock_now_us(clock);
    size_t count = 0;
    Task task;

    values[0] = db_int(now_us);
    values[1] = db_int(now_us + lease_us);
    values[2] = db_cstr(worker);
    for (; kinds[count] != NULL; count++) {
        g_assert(count < KIND_LIMIT);
        values[count + 3] = db_cstr(kinds[count]);
    }
    g_assert(count > 0);
    claim_sql(sql, db_engine(db), count);
    tx = db_begin(db, DB_WRITE, error);
    if (tx == NULL || !claim_row(tx, sql->str, (DbArgs){values, count + 3}, arena, &task, error) ||
        !db_commit_auto(&tx, error))
        return false;
    *ret_task = task;
    return true;
}

static bool
fail_passed_on(const Task *task, GError **error)
{
    return weir_fail(error, WEIR_ERROR_CONFLICT, "task %" G_GINT64_FORMAT " has passed to another worker", task->id);
}

/* Every change of a running task asks for its fence, so that a worker whose lease ended changes nothing. */
static bool
change_own(DbTx *tx, const Task *task, Sql sql, DbArgs args, GError **error)
{
    int64_t changed;

    if (!db_exec(tx, sql, args, &changed, error))
        return false;
    return changed > 0 || fail_passed_on(task, error);
}

/* Locks the row until the transaction ends, so that nobody takes the task over between this look and the commit. SQLite's
 * one writer has locked everything. */
#define CHECK_SQL_TEXT "SELECT 1 FROM task WHERE id = $1 AND fence = $2 AND state IN (1, 2)"
static const Sql CHECK_SQL = {.sqlite = CHECK_SQL_TEXT, .postgres = CHECK_SQL_TEXT " FOR NO KEY UPDATE"};

bool
task_check(DbTx *tx, const Task *task, GError **error)
{
    g_autoptr(GError) cause = NULL;
    int64_t found;

    if (db_query_int(tx, CHECK_SQL, DB_ARGS(db_int(task->id), db_int(task->fence)), &found, &cause))
        return true;
    if (weir_error_code(cause) == WEIR_ERROR_NOT_FOUND)
        return fail_passed_on(task, error);
    g_propagate_error(error, g_steal_pointer(&cause));
    return false;
}

bool
task_renew(Db *db, const Task *task, const Clock *clock, int64_t lease_us, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL &&
           change_own(tx, task, SQL("UPDATE task SET lease_until_us = $3 WHERE id = $1 AND fence = $2 AND state = 1"),
                      DB_ARGS(db_int(task->id), db_int(task->fence), db_int(clock_now_us(clock) + lease_us)), error) &&
           db_commit_auto(&tx, error);
}

bool
task_finish(DbTx *tx, const Task *task, int64_t now_us, GError **error)
{
    return change_own(tx, task,
                      SQL("UPDATE task SET state = 2, finished_at_us = COALESCE(finished_at_us, $3), message = NULL "
                          "WHERE id = $1 AND fence = $2 AND state IN (1, 2)"),
                      DB_ARGS(db_int(task->id), db_int(task->fence), db_int(now_us)), error);
}

/* Messages quote partners, who may have sent anything: the store takes only whole UTF-8. */
static char *
message_text(const char *message)
{
    char *text = g_utf8_make_valid(message, -1);

    if (strlen(text) > MESSAGE_LIMIT)
        *g_utf8_find_prev_char(text, text + MESSAGE_LIMIT + 1) = '\0';
    return text;
}

bool
task_retry(DbTx *tx, const Task *task, int64_t retry_at_us, const char *message, GError **error)
{
    g_autofree char *text = message_text(message);

    return change_own(tx, task,
                      SQL("UPDATE task SET state = 0, run_at_us = $3, message = $4 "
                          "WHERE id = $1 AND fence = $2 AND state = 1"),
                      DB_ARGS(db_int(task->id), db_int(task->fence), db_int(retry_at_us), db_cstr(text)), error);
}

bool
task_release(DbTx *tx, const Task *task, int64_t now_us, GError **error)
{
    return change_own(tx, task,
                      SQL("UPDATE task SET state = 0, attempts = attempts - 1, run_at_us = $3 "
                          "WHERE id = $1 AND fence = $2 AND state = 1"),
                      DB_ARGS(db_int(task->id), db_int(task->fence), db_int(now_us)), error);
}

bool
task_bury(DbTx *tx, const Task *task, int64_t now_us, const char *message, GError **error)
{
    g_autofree char *text = message_text(message);

    return change_own(tx, task,
                      SQL("UPDATE task SET state = 3, finished_at_us = $3, message = $4 "
                          "WHERE id = $1 AND fence = $2 AND state = 1"),
                      DB_ARGS(db_int(task->id), db_int(task->fence), db_int(now_us), db_cstr(text)), error);
}

bool
task_is_hopeless(const GError *error)
{
    WeirError code = weir_error_code(error);

    return code == WEIR_ERROR_INVALID || code == WEIR_ERROR_NOT_FOUND || code == WEIR_ERROR_BROKEN;
}

int64_t
task_backoff_us(int64_t attempts, Random *random)
{
    int64_t wait_us = BACKOFF_FIRST_US;

    for (int64_t i = 1; i < attempts && wait_us < BACKOFF_MOST_US; i++)
        wait_us *= 2;
    wait_us = MIN(wait_us, BACKOFF_MOST_US);
    return wait_us / 2 + (int64_t)random_below(random, (uint64_t)wait_us / 2 + 1);
}

bool
task_revive(DbTx *tx, Id id, int64_t now_us, GError **error)
{
    char text[ID_TEXT_SIZE];
    int64_t changed;

    if (!db_exec(tx,
                 SQL("UPDATE task SET state = 0, attempts = 0, run_at_us = $2, finished_at_us = NULL "
                     "WHERE id = $1 AND state = 3"),
                 DB_ARGS(db_int(id), db_int(now_us)), &changed, error))
        return false;
    if (changed == 0)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "there is no dead task %s", id_format(id, text));
    return true;
}

/* Slots first, then dead tasks, while what did their work later is still known; then done ones. */
static const Sql SWEEP_SQL[] = {
    SQL("DELETE FROM schedule_slot WHERE (schedule, slot_us) IN "
        "(SELECT schedule, slot_us FROM schedule_slot WHERE made_at_us < $1 ORDER BY made_at_us LIMIT $2)"),
    SQL("DELETE FROM task WHERE id IN (SELECT id FROM task dead WHERE state = 3 AND EXISTS (SELECT 1 FROM task later "
        "WHERE later.kind = dead.kind AND later.key = dead.key AND later.id > dead.id AND later.state = 2 AND "
        "later.finished_at_us < $1) ORDER BY id LIMIT $2)"),
    SQL("DELETE FROM task WHERE id IN (SELECT id FROM task WHERE state IN (2, 3) AND state = 2 AND "
        "finished_at_us < $1 ORDER BY finished_at_us LIMIT $2)"),
};

bool
task_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more, GError **error)
{
    int64_t removed = 0;
    bool more = false;

    for (size_t i = 0; i < G_N_ELEMENTS(SWEEP_SQL) && !more; i++) {
        int64_t gone;

        if (!db_exec(tx, SWEEP_SQL[i], DB_ARGS(db_int(before_us), db_int(limit)), &gone, error))
            return false;
        removed += gone;
        more = gone >= limit;
    }
    *ret_removed = removed;
    *ret_more = more;
    return true;
}
