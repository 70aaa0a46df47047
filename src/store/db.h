/*
 * Db: SQL on SQLite or PostgreSQL behind one small interface.
 *
 *     Db ──begin──> DbTx ──query──> DbRows ──next──> row, row, ... ──> end
 *                    └──commit / rollback
 *
 * All statements run inside a transaction. Placeholders are $1, $2, ... in both engines; values are int64, text, blob
 * or null, nothing else (no floats reach the store). The same text serves both engines wherever both can say it;
 * where they differ, both texts stand side by side in one Sql. db_open() is cheap: one connection each thread that needs one.
 *
 * Error codes: CONFLICT for a unique violation, a serialization failure or a deadlock (run the transaction again),
 * UNAVAILABLE when the server can't be reached or the connection was lost, INVALID for a broken constraint, LIMIT when
 * the lock could not be had in time, BROKEN for all else. After an error only db_rollback() is allowed: statements and
 * commit answer BROKEN. NOT_FOUND is no error in this sense.
 *
 * The engines are held to one behaviour: text must be UTF-8 without NUL (INVALID otherwise), "x" is a name and never a
 * text, LIKE tells upper case from lower, a read transaction can't write. A null has no type of its own: where the
 * statement gives it none ($1 IS NULL), PostgreSQL wants CAST($1 AS TEXT).
 */
#pragma once

#include "base/error.h"
#include "base/str.h"
#include "base/timestamp.h"

typedef struct Db Db;
typedef struct DbTx DbTx;
typedef struct DbRows DbRows;

typedef enum { DB_ENGINE_SQLITE, DB_ENGINE_POSTGRES } DbEngine;

/* One statement. Use SQL("...") where one text serves both. */
typedef struct {
    const char *sqlite, *postgres;
} Sql;
#define SQL(text) ((Sql){(text), (text)})

typedef struct {
    enum { DB_NULL, DB_INT, DB_TEXT, DB_BLOB } kind;
    int64_t number;
    Str bytes;
} DbValue;

static inline DbValue
db_int(int64_t value)
{
    return (DbValue){DB_INT, value, STR_NONE};
}
static inline DbValue
db_text(Str value) /* absent becomes NULL; UTF-8 without NUL, else the statement fails with INVALID */
{
    return (DbValue){value.at == NULL ? DB_NULL : DB_TEXT, 0, value};
}
static inline DbValue
db_cstr(const char *value)
{
    return db_text(str_of(value));
}
static inline DbValue
db_blob(Str value)
{
    return (DbValue){value.at == NULL ? DB_NULL : DB_BLOB, 0, value};
}
static inline DbValue
db_null(void)
{
    return (DbValue){DB_NULL, 0, STR_NONE};
}
static inline DbValue
db_time(int64_t us) /* TIMESTAMP_NONE becomes NULL */
{
    return us == TIMESTAMP_NONE ? db_null() : db_int(us);
}
static inline DbValue
db_count(int64_t value) /* negative, which stands for absent, becomes NULL */
{
    return value < 0 ? db_null() : db_int(value);
}

typedef struct {
    const DbValue *values;
    size_t count;
} DbArgs;
/* DB_ARGS(db_int(id), db_text(name)): the values of $1, $2, ... */
#define DB_ARGS(...)                                                                                                   \
    ((DbArgs){(const DbValue[]){__VA_ARGS__}, sizeof((const DbValue[]){__VA_ARGS__}) / sizeof(DbValue)})
#define DB_NO_ARGS ((DbArgs){NULL, 0})

/* url: "sqlite:PATH" (created when missing; WAL, synchronous=FULL, foreign keys on) or a libpq URI
 * "postgresql://...", to which the first begin connects. A path of ":memory:" is a private database. */
Db *db_open(const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void db_close(Db *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Db, db_close)
DbEngine db_engine(const Db *db);

/* Asked within each write transaction of the connection, as its last statement before the commit. False, with error set,
 * and the transaction is rolled back instead. NULL: nobody is asked. */
typedef bool (*DbGuard)(void *data, DbTx *tx, GError **error);
void db_set_guard(Db *db, DbGuard guard, void *data);

/* Read transactions see one snapshot. Write transactions take SQLite's write lock at once (BEGIN IMMEDIATE, waits up
 * to 10 s) and are SERIALIZABLE-safe by what they lock on PostgreSQL (READ COMMITTED). A Db has one open at a time.
 * A lost connection is opened anew by the next begin. */
typedef enum { DB_READ, DB_WRITE } DbMode;
DbTx *db_begin(Db *db, DbMode mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Frees tx either way. On failure nothing is committed, except with TIMEOUT or UNAVAILABLE, where it may have been. */
bool db_commit(DbTx *tx, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL is allowed: so that g_autoptr(DbTx) rolls back on every way out. */
void db_rollback(DbTx *tx);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DbTx, db_rollback)
/* Commits *tx and makes it NULL, whatever the outcome; for use with g_autoptr(DbTx). */
bool db_commit_auto(DbTx **tx, GError **error) G_GNUC_WARN_UNUSED_RESULT;
DbEngine db_tx_engine(const DbTx *tx);

/* Runs a statement without rows. ret_changed (may be NULL): rows inserted, updated or deleted. */
bool db_exec(DbTx *tx, Sql sql, DbArgs args, int64_t *ret_changed, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Runs several statements without values, as one text; for migrations. A message begins with the line, where known. */
bool db_exec_script(DbTx *tx, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Runs a statement with rows (SELECT, or ... RETURNING), which come one at a time: memory does not grow with their
 * number. One may be open in a transaction, on either engine: read it to the end or db_end() it before the next
 * statement. The end of the transaction ends it too. What a statement writes is written when db_query() returns. */
DbRows *db_query(DbTx *tx, Sql sql, DbArgs args, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Moves to the next row. False at the end, with *error set if it came by a failure; after it, db_has_failed() tells that
 * from there being no more. */
bool db_next(DbRows *rows, GError **error);
bool db_has_failed(const DbRows *rows);
void db_end(DbRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DbRows, db_end)

/* The current row's columns, from 0; texts and blobs hold until the next db_next(). Asking an int column for text, or
 * the other way round, is a bug (assertion). An int column that is NULL gives 0; text that is NULL is absent. Sums
 * that PostgreSQL widens to numeric must be cast: CAST(SUM(x) AS BIGINT), which SQLite also takes. */
bool db_is_null(const DbRows *rows, int column);
int64_t db_get_int(const DbRows *rows, int column);
/* A moment: TIMESTAMP_NONE for NULL. */
int64_t db_get_time(const DbRows *rows, int column);
/* What db_count() stores: -1 for NULL. */
int64_t db_get_count(const DbRows *rows, int column);
Str db_get_text(const DbRows *rows, int column);
Str db_get_blob(const DbRows *rows, int column);

/* One int64 from the first row, e.g. a count. NOT_FOUND without a row. */
bool db_query_int(DbTx *tx, Sql sql, DbArgs args, int64_t *ret_value, GError **error) G_GNUC_WARN_UNUSED_RESULT;
