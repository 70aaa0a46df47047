#include "revenue/alert.h"

#include "base/timestamp.h"
#include "tasks/task.h"

#define ALERT_COLUMNS                                                                                                  \
    "id, key, kind, source, day, message, details, state, opened_at_us, last_seen_at_us, resolved_at_us"

/* The key of a task: which notice it delivers. */
static char *
notice_key(Id alert_id, const char *event, const char *channel)
{
    char id[ID_TEXT_SIZE];

    return g_strdup_printf("%s/%s/%s", id_format(alert_id, id), event, channel);
}

static bool
tell(DbTx *tx, const AlertTelling *telling, Id alert_id, const char *event, const char *message, int64_t now_us,
     GError **error)
{
    for (const char *const *channel = telling->channels; *channel != NULL; channel++) {
        g_autofree char *key = notice_key(alert_id, event, *channel);
        TaskSpec task = {.kind = ALERT_TASK_KIND, .key = key, .payload = "", .run_at_us = now_us};

        if (!db_exec(tx,
                     SQL("INSERT INTO alert_notice (alert_id, event, channel, message, made_at_us) "
                         "VALUES ($1, $2, $3, $4, $5)"),
                     DB_ARGS(db_int(alert_id), db_cstr(event), db_cstr(*channel), db_cstr(message), db_int(now_us)),
                     NULL, error) ||
            !task_add(tx, &task, telling->mint, NULL, error))
            return false;
    }
    return true;
}

bool
alert_raise(DbTx *tx, const AlertTelling *telling, const AlertSpec *spec, int64_t now_us, bool *ret_opened,
            GError **error)
{
    Id own_id = id_mint(telling->mint);
    int64_t id;

    if (!db_query_int(tx,
                      SQL("INSERT INTO alert (id, key, kind, source, day, message, details, state, opened_at_us, "
                          "last_seen_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $8) "
                          "ON CONFLICT (key) WHERE state <> 'resolved' DO UPDATE SET message = excluded.message, "
                          "details = excluded.details, last_seen_at_us = excluded.last_seen_at_us RETURNING id"),
                      DB_ARGS(db_int(own_id), db_cstr(spec->key), db_cstr(spec->kind), db_cstr(spec->source),
                              db_cstr(spec->day), db_cstr(spec->message), db_cstr(spec->details), db_int(now_us)),
                      &id, error))
        return false;
    *ret_opened = id == own_id;
    return id != own_id || tell(tx, telling, own_id, "opened", spec->message, now_us, error);
}

bool
alert_resolve(DbTx *tx, const AlertTelling *telling, const char *key, const char *message, int64_t now_us,
              bool *ret_resolved, GError **error)
{
    g_autoptr(GError) cause = NULL;
    int64_t id;

    if (!db_query_int(tx,
                      SQL("UPDATE alert SET state = 'resolved', resolved_at_us = $2 WHERE key = $1 AND "
                          "state <> 'resolved' RETURNING id"),
                      DB_ARGS(db_cstr(key), db_int(now_us)), &id, &cause)) {
        if (weir_error_code(cause) == WEIR_ERROR_NOT_FOUND) {
            *ret_resolved = false;
            return true;
        }
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
    }
    *ret_resolved = true;
    return tell(tx, telling, id, "resolved", message, now_us, error);
}

static Alert
read_alert(const DbRows *rows)
{
    return (Alert){
        .id = db_get_int(rows, 0),
        .key = db_get_text(rows, 1),
        .kind = db_get_text(rows, 2),
        .source = db_get_text(rows, 3),
        .day = db_get_text(rows, 4),
        .message = db_get_text(rows, 5),
        .details = db_get_text(rows, 6),
        .state = db_get_text(rows, 7),
        .opened_at_us = db_get_int(rows, 8),
        .last_seen_at_us = db_get_int(rows, 9),
        .resolved_at_us = db_get_time(rows, 10),
    };
}

static bool
give_all(DbRows *rows, void (*each)(void *data, const Alert *alert), void *data, int64_t *ret_count, GError **error)
{
    *ret_count = 0;
    while (db_next(rows, error)) {
        Alert alert = read_alert(rows);

        each(data, &alert);
        ++*ret_count;
    }
    return !db_has_failed(rows);
}

bool
alert_list(DbTx *tx, bool live_only, int64_t limit, void (*each)(void *data, const Alert *alert), void *data,
           GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx,
                                      live_only ? SQL("SELECT " ALERT_COLUMNS " FROM alert WHERE state <> 'resolved' "
                                                      "ORDER BY opened_at_us DESC, id DESC LIMIT $1")
                                                : SQL("SELECT " ALERT_COLUMNS " FROM alert "
                                                      "ORDER BY opened_at_us DESC, id DESC LIMIT $1"),
                                      DB_ARGS(db_int(limit)), error);
    int64_t count;

    return rows != NULL && give_all(rows, each, data, &count, error);
}

bool
alert_load(DbTx *tx, Id id, void (*each)(void *data, const Alert *alert), void *data, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx, SQL("SELECT " ALERT_COLUMNS " FROM alert WHERE id = $1"), DB_ARGS(db_int(id)), error);
    int64_t count;

    if (rows == NULL || !give_all(rows, each, data, &count, error))
        return false;
    return count > 0 || weir_fail(error, WEIR_ERROR_NOT_FOUND, "no alert has this id");
}

typedef struct {
    char text[16];
} AlertState;

static void
note_state(void *data, const Alert *alert)
{
    g_snprintf(((AlertState *)data)->text, sizeof(((AlertState *)data)->text), "%.*s", STR_FORMAT(alert->state));
}

bool
alert_acknowledge(DbTx *tx, Id id, GError **error)
{
    int64_t changed;
    AlertState state;

    if (!db_exec(tx, SQL("UPDATE alert SET state = 'acknowledged' WHERE id = $1 AND state = 'open'"),
                 DB_ARGS(db_int(id)), &changed, error))
        return false;
    return changed > 0 || (alert_load(tx, id, note_state, &state, error) &&
                           weir_fail(error, WEIR_ERROR_CONFLICT, "this alert is %s already", state.text));
}
