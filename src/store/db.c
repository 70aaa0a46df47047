/* The rules that hold for every engine; the engines themselves are in sqlite_db.c and postgres_db.c. */
#include "store/driver.h"

struct DbTx {
    Db *db;
    DbRows *rows; /* the open statement, if any */
    bool failed;
};

Db *
db_open(const char *url, GError **error)
{
    Db *db;

    if (g_str_has_prefix(url, "sqlite:")) {
        db = SQLITE_DRIVER.open(url, error);
    } else if (g_str_has_prefix(url, "postgresql://") || g_str_has_prefix(url, "postgres://")) {
        db = POSTGRES_DRIVER.open(url, error);
    } else {
        /* Not quoted: whatever it is, it may hold a password. */
        weir_fail(error, WEIR_ERROR_INVALID, "a database is \"sqlite:PATH\" or \"postgresql://...\"");
        db = NULL;
    }
    return db;
}

void
db_close(Db *db)
{
    if (db == NULL)
        return;
    g_assert(db->tx == NULL);
    db->driver->close(db);
}

DbEngine
db_engine(const Db *db)
{
    return db->driver->engine;
}

DbEngine
db_tx_engine(const DbTx *tx)
{
    return db_engine(tx->db);
}

void
db_set_guard(Db *db, DbGuard guard, void *data)
{
    db->guard = guard;
    db->guard_data = data;
}

DbTx *
db_begin(Db *db, DbMode mode, GError **error)
{
    if (db->tx != NULL) {
        weir_fail(error, WEIR_ERROR_BROKEN, "a transaction is already open on this connection");
        return NULL;
    }
    db->mode = mode;
    if (!db->driver->begin(db, mode, error))
        return NULL;
    db->tx = g_new0(DbTx, 1);
    db->tx->db = db;
    return db->tx;
}

static void
rows_end(DbRows *rows, bool abandoned)
{
    if (rows->tx == NULL)
        return;
    rows->driver->end(rows, abandoned);
    rows->tx->rows = NULL;
    rows->tx = NULL;
    rows->on_row = false;
}

static void
tx_free(DbTx *tx)
{
    tx->db->tx = NULL;
    g_free(tx);
}

static bool
guard_agrees(DbTx *tx, GError **error)
{
    const Db *db = tx->db;

    return db->mode != DB_WRITE || db->guard == NULL || db->guard(db->guard_data, tx, error);
}

bool
db_commit(DbTx *tx, GError **error)
{
    bool committed;

    if (tx->rows != NULL)
        rows_end(tx->rows, false);
    if (tx->failed) {
        db_rollback(tx);
        return weir_fail(error, WEIR_ERROR_BROKEN, "commit of a transaction that has failed: it was rolled back");
    }
    if (!guard_agrees(tx, error)) {
        db_rollback(tx);
        return false;
    }
    committed = tx->db->driver->commit(tx->db, error);
    tx_free(tx);
    return committed;
}

bool
db_commit_auto(DbTx **tx, GError **error)
{
    return db_commit(g_steal_pointer(tx), error);
}

void
db_rollback(DbTx *tx)
{
    if (tx == NULL)
        return;
    if (tx->rows != NULL)
        rows_end(tx->rows, true);
    tx->db->driver->rollback(tx->db);
    tx_free(tx);
}

static const char *
sql_text(const DbTx *tx, Sql sql)
{
    const char *text = db_tx_engine(tx) == DB_ENGINE_SQLITE ? sql.sqlite : sql.postgres;

    g_assert(text != NULL);
    return text;
}

/* PostgreSQL refuses such text, so SQLite must too: what one engine keeps, the other keeps. */
static bool
args_check(DbArgs args, GError **error)
{
    for (size_t i = 0; i < args.count; i++) {
        const DbValue *value = &args.values[i];

        if (value->kind == DB_TEXT && !g_utf8_validate_len(value->bytes.at, value->bytes.size, NULL))
            return weir_fail(error, WEIR_ERROR_INVALID, "the text for $%zu is not UTF-8 or holds a NUL byte", i + 1);
        if ((value->kind == DB_TEXT || value->kind == DB_BLOB) && value->bytes.size > G_MAXINT32)
            return weir_fail(error, WEIR_ERROR_INVALID, "the value for $%zu is over 2 GB", i + 1);
    }
    return true;
}

static bool
tx_ready(const DbTx *tx, GError **error)
{
    if (tx->failed)
        return weir_fail(error, WEIR_ERROR_BROKEN, "the transaction has failed: it can only be rolled back");
    if (tx->rows != NULL)
        return weir_fail(error, WEIR_ERROR_BROKEN, "the rows of the statement before are still open: db_end() them");
    return true;
}

static bool
quote_sql(GError **error, const char *sql)
{
    return weir_fail_within(error, "SQL %.*s%s", DB_SQL_QUOTED_MAX, sql, strlen(sql) > DB_SQL_QUOTED_MAX ? "..." : "");
}

bool
db_exec(DbTx *tx, Sql sql, DbArgs args, int64_t *ret_changed, GError **error)
{
    const char *text = sql_text(tx, sql);
    int64_t changed;

    if (!tx_ready(tx, error) || !args_check(args, error) ||
        !tx->db->driver->exec(tx->db, text, args, &changed, error)) {
        tx->failed = true;
        return quote_sql(error, text);
    }
    if (ret_changed != NULL)
        *ret_changed = changed;
    return true;
}

bool
db_exec_script(DbTx *tx, const char *text, GError **error)
{
    if (tx_ready(tx, error) && tx->db->driver->script(tx->db, text, error))
        return true;
    tx->failed = true;
    return false;
}

/* The first row is fetched at once, so that a statement that writes has been done, or has failed, on either engine. */
DbRows *
db_query(DbTx *tx, Sql sql, DbArgs args, GError **error)
{
    const char *text = sql_text(tx, sql);
    DbRows *rows = NULL;

    if (tx_ready(tx, error) && args_check(args, error))
        rows = tx->db->driver->query(tx->db, text, args, error);
    if (rows != NULL) {
        rows->driver = tx->db->driver;
        rows->tx = tx;
        tx->rows = rows;
        if (rows->driver->next(rows, &rows->has_first, error))
            return rows;
        db_end(rows);
    }
    tx->failed = true;
    quote_sql(error, text);
    return NULL;
}

static bool
rows_step(DbRows *rows, bool *ret_row, GError **error)
{
    if (!rows->started) {
        rows->started = true;
        *ret_row = rows->has_first;
        return true;
    }
    return rows->driver->next(rows, ret_row, error);
}

bool
db_next(DbRows *rows, GError **error)
{
    DbTx *tx = rows->tx;

    if (rows->at_end)
        return false;
    if (tx == NULL) {
        rows->failed = true;
        return weir_fail(error, WEIR_ERROR_BROKEN, "the transaction of these rows has ended");
    }
    if (!rows_step(rows, &rows->on_row, error)) {
        rows->on_row = false;
        rows->failed = true;
        tx->failed = true;
    }
    if (!rows->on_row) {
        rows_end(rows, false);
        rows->at_end = true;
    }
    return rows->on_row;
}

bool
db_has_failed(const DbRows *rows)
{
    return rows->failed;
}

void
db_end(DbRows *rows)
{
    if (rows == NULL)
        return;
    rows_end(rows, false);
    g_free(rows);
}

static int
column_kind(const DbRows *rows, int column)
{
    g_assert(rows->on_row);
    g_assert(column >= 0 && column < rows->columns);
    return rows->driver->kind(rows, column);
}

bool
db_is_null(const DbRows *rows, int column)
{
    return column_kind(rows, column) == DB_NULL;
}

int64_t
db_get_int(const DbRows *rows, int column)
{
    int kind = column_kind(rows, column);

    g_assert(kind == DB_INT || kind == DB_NULL);
    return kind == DB_NULL ? 0 : rows->driver->number(rows, column);
}

static Str
get_bytes(const DbRows *rows, int column, int wanted)
{
    int kind = column_kind(rows, column);

    g_assert(kind == wanted || kind == DB_NULL);
    return kind == DB_NULL ? STR_NONE : rows->driver->bytes(rows, column);
}

int64_t
db_get_time(const DbRows *rows, int column)
{
    return db_is_null(rows, column) ? TIMESTAMP_NONE : db_get_int(rows, column);
}

int64_t
db_get_count(const DbRows *rows, int column)
{
    return db_is_null(rows, column) ? -1 : db_get_int(rows, column);
}

Str
db_get_text(const DbRows *rows, int column)
{
    return get_bytes(rows, column, DB_TEXT);
}

Str
db_get_blob(const DbRows *rows, int column)
{
    return get_bytes(rows, column, DB_BLOB);
}

bool
db_query_int(DbTx *tx, Sql sql, DbArgs args, int64_t *ret_value, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, sql, args, error);

    if (rows == NULL)
        return false;
    if (!db_next(rows, error))
        return db_has_failed(rows) ? quote_sql(error, sql_text(tx, sql))
                                   : weir_fail(error, WEIR_ERROR_NOT_FOUND, "no row");
    *ret_value = db_get_int(rows, 0);
    return true;
}
