/* The driver for SQLite: one file, one writer at a time, every commit on the disk before it is reported. */
#include <sqlite3.h>

#include "store/driver.h"

typedef struct {
    Db base;
    sqlite3 *handle;
    GHashTable *statements; /* text -> SqliteStatement */
} SqliteDb;

/* A prepared statement, and which value each of its placeholders stands for. */
typedef struct {
    sqlite3_stmt *handle;
    int placeholders;
    uint64_t value_of[]; /* n where the text has "$n" */
} SqliteStatement;

typedef struct {
    DbRows base;
    SqliteDb *db;
    sqlite3_stmt *statement;
} SqliteRows;

static WeirError
error_code(int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return WEIR_ERROR_CONFLICT;
    }
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return WEIR_ERROR_LIMIT;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
        return WEIR_ERROR_INVALID;
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
        return WEIR_ERROR_UNAVAILABLE;
    default:
        return WEIR_ERROR_BROKEN;
    }
}

static bool
fail(SqliteDb *db, GError **error)
{
    return weir_fail(error, error_code(sqlite3_extended_errcode(db->handle)), "%s", sqlite3_errmsg(db->handle));
}

static bool
run(SqliteDb *db, const char *sql, GError **error)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || fail(db, error);
}

static void
sqlite_close(Db *base)
{
    SqliteDb *db = (SqliteDb *)base;

    g_hash_table_unref(db->statements);
    /* Fails only with a statement left open, which the line before rules out. */
    if (sqlite3_close(db->handle) != SQLITE_OK)
        g_assert_not_reached();
    g_free(db);
}

static void
statement_free(gpointer data)
{
    SqliteStatement *statement = data;

    sqlite3_finalize(statement->handle);
    g_free(statement);
}

/* SQLite numbers "$2" by where it first stands, not by its digits; these are read once, not at each use. */
static SqliteStatement *
statement_new(sqlite3_stmt *handle)
{
    int placeholders = sqlite3_bind_parameter_count(handle);
    SqliteStatement *statement =
        g_malloc0(sizeof(SqliteStatement) + (size_t)placeholders * sizeof statement->value_of[0]);

    statement->handle = handle;
    statement->placeholders = placeholders;
    for (int i = 0; i < placeholders; i++) {
        const char *name = sqlite3_bind_parameter_name(handle, i + 1);

        statement->value_of[i] = name != NULL && name[0] == '$' ? g_ascii_strtoull(name + 1, NULL, 10) : 0;
    }
    return statement;
}

static bool
configure(SqliteDb *db, GError **error)
{
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, DB_LOCK_TIMEOUT_MS);
    /* As PostgreSQL has it: "x" is a name, never a text, and LIKE tells upper case from lower. */
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    /* The schema is trusted: it is ours, and its triggers write to full-text tables. A transaction of two
     * thousand listings touches some megabytes of pages all over its indexes: most fit into 8 MB, and they reach the
     * database file once in several transactions (16,000 pages, 64 MB of log). */
    return run(db,
               "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
               "PRAGMA case_sensitive_like = ON; PRAGMA trusted_schema = ON; PRAGMA cache_size = -8192;"
               "PRAGMA wal_autocheckpoint = 16000",
               error);
}

static bool
open_file(SqliteDb *db, const char *path, GError **error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

    if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK)
        return fail(db, error);
    return configure(db, error);
}

/* Looked up with each statement that runs: some of its letters tell it from the others. */
static guint
text_hash(gconstpointer key)
{
    const char *text = key;
    size_t size = strlen(text);
    guint hash = (guint)size;

    for (size_t i = size % 16; i < size; i += 16)
        hash = hash * 31 + (guchar)text[i];
    return hash;
}

static Db *
sqlite_open(const char *url, GError **error)
{
    const char *path = url + strlen("sqlite:");
    SqliteDb *db;

    if (*path == '\0') {
        weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" names no file", url);
        return NULL;
    }
    db = g_new0(SqliteDb, 1);
    db->base.driver = &SQLITE_DRIVER;
    db->statements = g_hash_table_new_full(text_hash, g_str_equal, g_free, statement_free);
    if (!open_file(db, path, error)) {
        weir_fail_within(error, "%s", path);
        sqlite_close(&db->base);
        return NULL;
    }
    return &db->base;
}

static bool
sqlite_begin(Db *base, DbMode mode, GError **error)
{
    return run((SqliteDb *)base, mode == DB_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", error);
}

static void
sqlite_rollback(Db *base)
{
    SqliteDb *db = (SqliteDb *)base;

    /* Some failures (disk full) have rolled back already. Otherwise ROLLBACK can't fail with no statement open. */
    if (sqlite3_get_autocommit(db->handle) == 0 && sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
        g_assert(sqlite3_get_autocommit(db->handle) != 0);
}

static bool
sqlite_commit(Db *base, GError **error)
{
    if (run((SqliteDb *)base, "COMMIT", error))
        return true;
    sqlite_rollback(base);
    return false;
}

static bool
compile(SqliteDb *db, const char *sql, SqliteStatement **ret_statement, GError **error)
{
    sqlite3_stmt *handle;
    const char *rest;

    if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, &rest) != SQLITE_OK)
        return fail(db, error);
    if (handle == NULL || rest[strspn(rest, " \n\t;")] != '\0') {
        sqlite3_finalize(handle);
        return weir_fail(error, WEIR_ERROR_BROKEN, "not one statement");
    }
    if (g_hash_table_size(db->statements) >= DB_STATEMENTS_MAX)
        g_hash_table_remove_all(db->statements);
    *ret_statement = statement_new(handle);
    g_hash_table_insert(db->statements, g_strdup(sql), *ret_statement);
    return true;
}

static bool
prepare(SqliteDb *db, const char *sql, SqliteStatement **ret_statement, GError **error)
{
    SqliteStatement *statement = g_hash_table_lookup(db->statements, sql);

    if (statement == NULL && !compile(db, sql, &statement, error))
        return false;
    if (db->base.mode == DB_READ && !sqlite3_stmt_readonly(statement->handle))
        return weir_fail(error, WEIR_ERROR_BROKEN, "a statement that writes, in a read transaction");
    *ret_statement = statement;
    return true;
}

/* copied: SQLITE_TRANSIENT, or SQLITE_STATIC for bytes that stay until the statement is released. */
static int
bind_value(sqlite3_stmt *statement, int index, const DbValue *value, sqlite3_destructor_type copied)
{
    switch (value->kind) {
    case DB_INT:
        return sqlite3_bind_int64(statement, index, value->number);
    case DB_TEXT:
        return sqlite3_bind_text64(statement, index, value->bytes.at, value->bytes.size, copied, SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(statement, index, value->bytes.at, value->bytes.size, copied);
    case DB_NULL:
        return sqlite3_bind_null(statement, index);
    }
    g_assert_not_reached();
}

static bool
bind(SqliteDb *db, const SqliteStatement *statement, DbArgs args, sqlite3_destructor_type copied, GError **error)
{
    for (int i = 0; i < statement->placeholders; i++) {
        uint64_t value = statement->value_of[i];

        if (value < 1 || value > args.count)
            return weir_fail(error, WEIR_ERROR_BROKEN, "%d placeholders but %zu values", statement->placeholders,
                             args.count);
        if (bind_value(statement->handle, i + 1, &args.values[value - 1], copied) != SQLITE_OK)
            return fail(db, error);
    }
    return true;
}

static void
release(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

static bool
sqlite_exec(Db *base, const char *sql, DbArgs args, int64_t *ret_changed, GError **error)
{
    SqliteDb *db = (SqliteDb *)base;
    SqliteStatement *statement;
    int64_t total = sqlite3_total_changes64(db->handle);
    int code;
    bool done;

    if (!prepare(db, sql, &statement, error))
        return false;
    if (!bind(db, statement, args, SQLITE_STATIC, error)) {
        release(statement->handle);
        return false;
    }
    while ((code = sqlite3_step(statement->handle)) == SQLITE_ROW)
        continue;
    done = code == SQLITE_DONE || fail(db, error);
    /* sqlite3_changes() is left as it was by statements that are not INSERT, UPDATE or DELETE. */
    if (done)
        *ret_changed = sqlite3_total_changes64(db->handle) == total ? 0 : sqlite3_changes64(db->handle);
    release(statement->handle);
    return done;
}

static DbRows *
sqlite_query(Db *base, const char *sql, DbArgs args, GError **error)
{
    SqliteDb *db = (SqliteDb *)base;
    SqliteStatement *statement;
    SqliteRows *rows;

    if (!prepare(db, sql, &statement, error))
        return NULL;
    if (!bind(db, statement, args, SQLITE_TRANSIENT, error)) {
        release(statement->handle);
        return NULL;
    }
    rows = g_new0(SqliteRows, 1);
    rows->db = db;
    rows->statement = statement->handle;
    return &rows->base;
}

static bool
sqlite_next(DbRows *base, bool *ret_row, GError **error)
{
    SqliteRows *rows = (SqliteRows *)base;
    int code = sqlite3_step(rows->statement);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return fail(rows->db, error);
    base->columns = sqlite3_column_count(rows->statement);
    for (int i = 0; code == SQLITE_ROW && i < base->columns; i++) {
        if (sqlite3_column_type(rows->statement, i) == SQLITE_FLOAT)
            return weir_fail(error, WEIR_ERROR_BROKEN, "column %d (%s) is no integer: CAST it to BIGINT", i,
                             sqlite3_column_name(rows->statement, i));
    }
    *ret_row = code == SQLITE_ROW;
    return true;
}

static void
sqlite_end(DbRows *base, bool abandoned G_GNUC_UNUSED)
{
    release(((SqliteRows *)base)->statement);
}

/* Line of the file on which the statement at `at` begins, from 1. */
static int
line_of(const char *text, const char *at)
{
    int line = 1;

    at += strspn(at, " \t\r\n");
    for (const char *p = text; p < at; p++)
        line += *p == '\n';
    return line;
}

static bool
sqlite_script(Db *base, const char *text, GError **error)
{
    SqliteDb *db = (SqliteDb *)base;

    for (const char *at = text, *rest; *at != '\0'; at = rest) {
        sqlite3_stmt *statement;
        int code = sqlite3_prepare_v2(db->handle, at, -1, &statement, &rest);
        bool done;

        while (code == SQLITE_OK && statement != NULL && (code = sqlite3_step(statement)) == SQLITE_ROW)
            code = SQLITE_OK;
        done = code == SQLITE_OK || code == SQLITE_DONE || fail(db, error);
        sqlite3_finalize(statement);
        if (!done)
            return weir_fail_within(error, "line %d", line_of(text, at));
    }
    return true;
}

static int
sqlite_kind(const DbRows *rows, int column)
{
    switch (sqlite3_column_type(((const SqliteRows *)rows)->statement, column)) {
    case SQLITE_INTEGER:
        return DB_INT;
    case SQLITE_TEXT:
        return DB_TEXT;
    case SQLITE_BLOB:
        return DB_BLOB;
    default: /* floats do not get past sqlite_next() */
        return DB_NULL;
    }
}

static int64_t
sqlite_number(const DbRows *rows, int column)
{
    return sqlite3_column_int64(((const SqliteRows *)rows)->statement, column);
}

static Str
sqlite_bytes(const DbRows *rows, int column)
{
    sqlite3_stmt *statement = ((const SqliteRows *)rows)->statement;
    const char *at = sqlite3_column_blob(statement, column);

    /* SQLite gives no address for an empty value, but it is there. */
    return (Str){at == NULL ? "" : at, (size_t)sqlite3_column_bytes(statement, column)};
}

const DbDriver SQLITE_DRIVER = {
    .engine = DB_ENGINE_SQLITE,
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .exec = sqlite_exec,
    .query = sqlite_query,
    .next = sqlite_next,
    .end = sqlite_end,
    .script = sqlite_script,
    .kind = sqlite_kind,
    .number = sqlite_number,
    .bytes = sqlite_bytes,
};
