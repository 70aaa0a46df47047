#include "warehouse/delivery.h"

#include "base/json_writer.h"

#define ALERT_KIND   "export"
#define FAILURE_SIZE 2000

static const Sql BEGIN_SQL =
    SQL("INSERT INTO export_delivery (table_name, destination, address, export_id, trying_id, attempt, attempt_open, "
        "files, row_count, bytes) VALUES ($1, $2, $3, 0, 0, 0, 0, 0, 0, 0) "
        "ON CONFLICT (table_name, destination) DO UPDATE SET address = excluded.address, export_id = 0, "
        "trying_id = 0, attempt = 0, attempt_open = 0, files = 0, row_count = 0, bytes = 0, "
        "delivered_at_us = NULL, complete_at_us = NULL, failed_at_us = NULL, error = NULL "
        "WHERE export_delivery.address <> excluded.address");

static bool
begin_delivery(Db *db, const Delivery *delivery, const char *address, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL &&
           db_exec(tx, BEGIN_SQL,
                   DB_ARGS(db_cstr(delivery->table->name), db_cstr(delivery->destination), db_cstr(address)), NULL,
                   error) &&
           db_commit_auto(&tx, error);
}

/* NOT_FOUND when it is new, or at another address. */
static bool
find_delivery(Db *db, const char *address, Delivery *delivery, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);

    return tx != NULL &&
           db_query_int(tx,
                        SQL("SELECT export_id FROM export_delivery WHERE table_name = $1 AND destination = $2 AND "
                            "address = $3"),
                        DB_ARGS(db_cstr(delivery->table->name), db_cstr(delivery->destination), db_cstr(address)),
                        &delivery->export_id, error);
}

bool
delivery_open(Db *db, const Table *table, const char *destination, const char *address, Delivery *ret_delivery,
              GError **error)
{
    g_autoptr(GError) failure = NULL;

    *ret_delivery = (Delivery){.table = table, .destination = destination};
    if (find_delivery(db, address, ret_delivery, &failure))
        return true;
    if (weir_error_code(failure) == WEIR_ERROR_NOT_FOUND)
        return begin_delivery(db, ret_delivery, address, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

/* The first attempt of another file, the next of this one, or the same once more. */
static const Sql TRY_SQL =
    SQL("UPDATE export_delivery SET trying_id = $1, attempt = CASE WHEN trying_id = $1 THEN attempt ELSE 1 END, "
        "attempt_open = 1 WHERE table_name = $2 AND destination = $3 AND (trying_id <> $1 OR attempt_open = 0)");

bool
delivery_try(Db *db, Delivery *delivery, int64_t export_id, DeliveryAttempt *ret_attempt, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    const char *table = delivery->table->name;
    int64_t begun, number;

    if (tx == NULL ||
        !db_exec(tx, TRY_SQL, DB_ARGS(db_int(export_id), db_cstr(table), db_cstr(delivery->destination)), &begun,
                 error) ||
        !db_query_int(tx, SQL("SELECT attempt FROM export_delivery WHERE table_name = $1 AND destination = $2"),
                      DB_ARGS(db_cstr(table), db_cstr(delivery->destination)), &number, error) ||
        !db_commit_auto(&tx, error))
        return false;
    *ret_attempt = (DeliveryAttempt){.number = number, .is_repeated = begun == 0};
    return true;
}

static char *
alert_key(const Table *table, const char *destination)
{
    return g_strdup_printf("export:%s:%s", table->name, destination != NULL ? destination : "file");
}

static bool
resolve(DbTx *tx, const Table *table, const char *destination, const AlertTelling *telling, int64_t now_us,
        GError **error)
{
    g_autofree char *key = alert_key(table, destination);
    g_autofree char *message = destination != NULL
                                   ? g_strdup_printf("%s are exported to %s again", table->name, destination)
                                   : g_strdup_printf("%s are written into files again", table->name);
    bool was_open;

    return telling == NULL || alert_resolve(tx, telling, key, message, now_us, &was_open, error);
}

bool
delivery_advance(Db *db, Delivery *delivery, const Batch *batch, const AlertTelling *telling, int64_t now_us,
                 GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    const Table *table = delivery->table;
    int64_t changed;

    if (tx == NULL ||
        !db_exec(tx,
                 SQL("UPDATE export_delivery SET export_id = $1, files = files + $8, row_count = row_count + $2, "
                     "bytes = bytes + $3, delivered_at_us = $4, failed_at_us = NULL, error = NULL "
                     "WHERE table_name = $5 AND destination = $6 AND export_id = $7"),
                 DB_ARGS(db_int(batch->id), db_int(batch->rows), db_int(batch->bytes), db_int(now_us),
                         db_cstr(table->name), db_cstr(delivery->destination), db_int(delivery->export_id),
                         db_int(batch->rows > 0)),
                 &changed, error))
        return false;
    if (changed == 0)
        return weir_fail(error, WEIR_ERROR_CONFLICT, "export %" G_GINT64_FORMAT " was brought to %s by somebody else",
                         batch->id, delivery->destination);
    if (!resolve(tx, table, delivery->destination, telling, now_us, error) || !db_commit_auto(&tx, error))
        return false;
    delivery->export_id = batch->id;
    return true;
}

bool
delivery_note_complete(DbTx *tx, const Table *table, const char *destination, int64_t until_us, GError **error)
{
    return db_exec(tx,
                   SQL("UPDATE export_delivery SET complete_at_us = $1 WHERE table_name = $2 AND destination = $3 AND "
                       "export_id >= (SELECT COALESCE(MAX(id), 0) FROM export WHERE table_name = $2 AND "
                       "(row_count > 0 OR state = 'prepared'))"),
                   DB_ARGS(db_int(until_us), db_cstr(table->name), db_cstr(destination)), NULL, error);
}

bool
delivery_forget_others(DbTx *tx, const char *const *destinations, size_t count, GError **error)
{
    g_autoptr(GString) sql = g_string_new("DELETE FROM export_delivery WHERE destination NOT IN (''");
    g_autofree DbValue *values = g_new0(DbValue, count);

    for (size_t i = 0; i < count; i++) {
        values[i] = db_cstr(destinations[i]);
        g_string_append_printf(sql, ", $%zu", i + 1);
    }
    g_string_append_c(sql, ')');
    return db_exec(tx, SQL(sql->str), (DbArgs){values, count}, NULL, error);
}

/* What others have said may hold anything. Freed with g_free(). */
static char *
failure_text(const GError *failure)
{
    return g_utf8_make_valid(failure->message, (gssize)MIN(strlen(failure->message), FAILURE_SIZE));
}

bool
delivery_is_hopeless(const GError *failure)
{
    WeirError code = weir_error_code(failure);

    return code != WEIR_ERROR_TIMEOUT && code != WEIR_ERROR_UNAVAILABLE;
}

static bool
raise_alert(DbTx *tx, const Table *table, const char *destination, const GError *failure, const AlertTelling *telling,
            int64_t now_us, GError **error)
{
    g_autofree char *key = alert_key(table, destination), *text = failure_text(failure);
    g_autofree char *message =
        destination != NULL ? g_strdup_printf("%s are not exported to %s any more: %s", table->name, destination, text)
                            : g_strdup_printf("%s are not exported any more: %s", table->name, text);
    g_autoptr(GString) details = g_string_new(NULL);
    JsonWriter json = json_writer(details);
    AlertSpec alert = {.key = key, .kind = ALERT_KIND, .message = message};
    bool opened;

    if (telling == NULL || !delivery_is_hopeless(failure))
        return true;
    json_begin_object(&json);
    json_member_text(&json, "table", str_of(table->name));
    json_member_text_if(&json, "destination", str_of(destination));
    json_member_text(&json, "code", str_of(weir_error_name(weir_error_code(failure))));
    json_member_text(&json, "error", str_of(text));
    json_end_object(&json);
    alert.details = details->str;
    return alert_raise(tx, telling, &alert, now_us, &opened, error);
}

/* $3: 1 when the attempt has ended with it. */
static const Sql FAILED_SQL =
    SQL("UPDATE export_delivery SET failed_at_us = $1, error = $2, attempt = attempt + $3, "
        "attempt_open = CASE WHEN $3 = 1 THEN 0 ELSE attempt_open END WHERE table_name = $4 AND destination = $5");

bool
delivery_note_failure(Db *db, const Table *table, const char *destination, const GError *failure,
                      const AlertTelling *telling, int64_t now_us, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    g_autofree char *text = failure_text(failure);

    if (tx == NULL)
        return false;
    if (destination == NULL
            ? !db_exec(tx, SQL("UPDATE export_watermark SET failed_at_us = $1, error = $2 WHERE table_name = $3"),
                       DB_ARGS(db_int(now_us), db_cstr(text), db_cstr(table->name)), NULL, error)
            : !db_exec(tx, FAILED_SQL,
                       DB_ARGS(db_int(now_us), db_cstr(text), db_int(delivery_is_hopeless(failure)),
                               db_cstr(table->name), db_cstr(destination)),
                       NULL, error))
        return false;
    return raise_alert(tx, table, destination, failure, telling, now_us, error) && db_commit_auto(&tx, error);
}

static bool
has_failed(Db *db, const Table *table, bool *ret_failed, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    int64_t count;

    if (tx == NULL ||
        !db_query_int(tx,
                      SQL("SELECT COUNT(*) FROM export_watermark WHERE table_name = $1 AND failed_at_us IS NOT NULL"),
                      DB_ARGS(db_cstr(table->name)), &count, error))
        return false;
    *ret_failed = count > 0;
    return true;
}

bool
delivery_note_written(Db *db, const Table *table, const AlertTelling *telling, int64_t now_us, GError **error)
{
    g_autoptr(DbTx) tx = NULL;
    bool failed;

    if (!has_failed(db, table, &failed, error))
        return false;
    if (!failed)
        return true;
    tx = db_begin(db, DB_WRITE, error);
    return tx != NULL &&
           db_exec(tx, SQL("UPDATE export_watermark SET failed_at_us = NULL, error = NULL WHERE table_name = $1"),
                   DB_ARGS(db_cstr(table->name)), NULL, error) &&
           resolve(tx, table, NULL, telling, now_us, error) && db_commit_auto(&tx, error);
}
