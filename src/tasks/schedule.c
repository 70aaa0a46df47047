#include "tasks/schedule.h"

#include "base/timestamp.h"
#include "tasks/slots.h"

/* How many due schedules one tick looks at; more follow at the next. */
#define TICK_LIMIT 256

static const Sql PUT_SQL = SQL(
    "INSERT INTO schedule (name, kind, key, payload, every_us, offset_us, cron, zone, missed, paused, next_slot_us) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10) ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, "
    "key = excluded.key, payload = excluded.payload, every_us = excluded.every_us, offset_us = excluded.offset_us, "
    "cron = excluded.cron, zone = excluded.zone, missed = excluded.missed, next_slot_us = "
    "CASE WHEN schedule.every_us = excluded.every_us AND COALESCE(schedule.cron, '') = COALESCE(excluded.cron, '') "
    "AND schedule.zone = excluded.zone THEN schedule.next_slot_us ELSE $11 END");

bool
schedule_put(DbTx *tx, const ScheduleSpec *spec, int64_t now_us, GError **error)
{
    g_auto(Slots) slots = {0};
    int64_t next_us, first_us;

    if (!slots_init(&slots, spec->name, spec->every_us, spec->cron, spec->zone, error))
        return false;
    next_us = slots_next(&slots, now_us);
    first_us = spec->every_us > 0 ? next_us - spec->every_us : next_us;
    return db_exec(tx, PUT_SQL,
                   DB_ARGS(db_cstr(spec->name), db_cstr(spec->kind), db_cstr(spec->key), db_cstr(spec->payload),
                           db_int(spec->every_us), db_int(slots.offset_us), db_cstr(spec->cron),
                           db_cstr(spec->zone != NULL ? spec->zone : ""), db_int(spec->missed), db_int(first_us),
                           db_int(next_us)),
                   NULL, error);
}

bool
schedule_keep_only(DbTx *tx, const char *const *names, GError **error)
{
    g_autoptr(GString) sql = g_string_new("DELETE FROM schedule");
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(DbValue));

    for (size_t i = 0; names[i] != NULL; i++) {
        DbValue name = db_cstr(names[i]);

        g_string_append_printf(sql, "%s$%" G_GSIZE_FORMAT, i == 0 ? " WHERE name NOT IN (" : ", ", i + 1);
        g_array_append_val(values, name);
    }
    if (values->len > 0)
        g_string_append_c(sql, ')');
    return db_exec(tx, SQL(sql->str), (DbArgs){(const DbValue *)(void *)values->data, values->len}, NULL, error);
}

bool
schedule_pause(DbTx *tx, Str name, bool paused, GError **error)
{
    int64_t changed;

    if (!db_exec(tx, SQL("UPDATE schedule SET paused = $2 WHERE name = $1"), DB_ARGS(db_text(name), db_int(paused)),
                 &changed, error))
        return false;
    if (changed == 0)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "there is no schedule %.*s", STR_FORMAT(name));
    return true;
}

typedef struct {
    char *name, *kind, *key, *payload, *cron, *zone;
    int64_t every_us, next_us;
    MissedPolicy missed;
} Due;

static void
due_clear(void *item)
{
    Due *due = item;

    g_free(due->name);
    g_free(due->kind);
    g_free(due->key);
    g_free(due->payload);
    g_free(due->cron);
    g_free(due->zone);
}

/* PostgreSQL's others step over schedules that somebody is just firing. */
#define DUE_SQL                                                                                                        \
    "SELECT name, kind, key, payload, cron, zone, every_us, missed, next_slot_us FROM schedule "                       \
    "WHERE paused = 0 AND next_slot_us <= $1 ORDER BY next_slot_us, name LIMIT $2"
static const Sql LOAD_SQL = {.sqlite = DUE_SQL, .postgres = DUE_SQL " FOR UPDATE SKIP LOCKED"};

static GArray *
load_due(DbTx *tx, int64_t now_us, GError **error)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Due));
    g_autoptr(DbRows) rows = db_query(tx, LOAD_SQL, DB_ARGS(db_int(now_us), db_int(TICK_LIMIT)), error);

    g_array_set_clear_func(all, due_clear);
    if (rows == NULL)
        return NULL;
    while (db_next(rows, error)) {
        Due due = {.name = str_dup(db_get_text(rows, 0)),
                   .kind = str_dup(db_get_text(rows, 1)),
                   .key = str_dup(db_get_text(rows, 2)),
                   .payload = str_dup(db_get_text(rows, 3)),
                   .cron = str_dup(db_get_text(rows, 4)),
                   .zone = str_dup(db_get_text(rows, 5)),
                   .every_us = db_get_int(rows, 6),
                   .missed = (MissedPolicy)db_get_int(rows, 7),
                   .next_us = db_get_int(rows, 8)};

        g_array_append_val(all, due);
    }
    if (db_has_failed(rows))
        return NULL;
    return g_steal_pointer(&all);
}

static const Sql SLOT_SQL = SQL("INSERT INTO schedule_slot (schedule, slot_us, made_at_us) VALUES ($1, $2, $3) "
                                "ON CONFLICT (schedule, slot_us) DO NOTHING");
static const Sql SLOT_TASK_SQL = SQL("UPDATE schedule_slot SET task_id = $3 WHERE schedule = $1 AND slot_us = $2");

/* The slot's row first: only who wrote it adds the task. A live task of the same key means that the one before still
 * runs or waits; the slot then has no task of its own. */
static bool
fire_slot(DbTx *tx, const Due *due, int64_t slot_us, int64_t now_us, IdMint *mint, int64_t *made, GError **error)
{
    char moment[TIMESTAMP_TEXT_SIZE];
    g_autofree char *key = due->missed != MISSED_ALL
                               ? g_strdup(due->key)
                               : g_strdup_printf("%s@%s", due->key, timestamp_format(slot_us, moment));
    const TaskSpec spec = {due->kind, key, due->payload, now_us, due->name, slot_us};
    int64_t won;
    Id id = ID_NONE;

    if (!db_exec(tx, SLOT_SQL, DB_ARGS(db_cstr(due->name), db_int(slot_us), db_int(now_us)), &won, error))
        return false;
    if (won > 0 && !task_add(tx, &spec, mint, &id, error))
        return false;
    *made += id != ID_NONE;
    return id == ID_NONE ||
           db_exec(tx, SLOT_TASK_SQL, DB_ARGS(db_cstr(due->name), db_int(slot_us), db_int(id)), NULL, error);
}

static bool
fire(DbTx *tx, const Due *due, int64_t now_us, IdMint *mint, int64_t *made, GError **error)
{
    g_auto(Slots) slots = {0};
    g_autoptr(GArray) moments = NULL;

    if (!slots_init(&slots, due->name, due->every_us, due->cron, due->zone, error))
        return false;
    moments = slots_due(&slots, due->missed, due->next_us, now_us);
    for (guint i = 0; i < moments->len; i++)
        if (!fire_slot(tx, due, g_array_index(moments, int64_t, i), now_us, mint, made, error))
            return false;
    return db_exec(tx, SQL("UPDATE schedule SET next_slot_us = $2 WHERE name = $1 AND next_slot_us < $2"),
                   DB_ARGS(db_cstr(due->name), db_int(slots_next(&slots, now_us))), NULL, error);
}

static const Sql NEXT_SQL = SQL("SELECT COALESCE(MIN(next_slot_us), $1) FROM schedule WHERE paused = 0");

bool
schedule_tick(Db *db, const Clock *clock, IdMint *mint, int64_t *ret_made, int64_t *ret_next_us, GError **error)
{
    int64_t now_us = clock_now_us(clock), made = 0, next_us;
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    g_autoptr(GArray) due = tx == NULL ? NULL : load_due(tx, now_us, error);

    if (due == NULL)
        return false;
    for (guint i = 0; i < due->len; i++)
        if (!fire(tx, &g_array_index(due, Due, i), now_us, mint, &made, error))
            return false;
    if (!db_query_int(tx, NEXT_SQL, DB_ARGS(db_int(now_us + US_PER_HOUR)), &next_us, error) ||
        !db_commit_auto(&tx, error))
        return false;
    *ret_made = made;
    *ret_next_us = next_us;
    return true;
}
