/*
 * What a database engine must be able to do. db.c keeps the rules both engines share (one transaction, one open
 * statement, nothing after a failure, what a value may be); a driver only talks to its engine.
 *
 * Private to this room. A driver's connection and rows begin with the structs below.
 */
#pragma once

#include "store/db.h"

typedef struct {
    DbEngine engine;
    Db *(*open)(const char *url, GError **error);
    void (*close)(Db *db);
    bool (*begin)(Db *db, DbMode mode, GError **error);
    /* Leaves no transaction open, whatever the outcome. */
    bool (*commit)(Db *db, GError **error);
    void (*rollback)(Db *db);
    bool (*exec)(Db *db, const char *sql, DbArgs args, int64_t *ret_changed, GError **error);
    DbRows *(*query)(Db *db, const char *sql, DbArgs args, GError **error);
    /* ret_row: whether there is a row. */
    bool (*next)(DbRows *rows, bool *ret_row, GError **error);
    /* Frees the connection for the next statement; rows itself is freed by db.c with g_free().
     * abandoned: the transaction will be rolled back, so the statement may be cancelled. */
    void (*end)(DbRows *rows, bool abandoned);
    bool (*script)(Db *db, const char *text, GError **error);
    int (*kind)(const DbRows *rows, int column); /* DB_NULL, DB_INT, ... */
    int64_t (*number)(const DbRows *rows, int column);
    Str (*bytes)(const DbRows *rows, int column);
} DbDriver;

extern const DbDriver SQLITE_DRIVER, POSTGRES_DRIVER;

struct Db {
    const DbDriver *driver;
    DbTx *tx;
    DbMode mode; /* of the open transaction */
    DbGuard guard;
    void *guard_data;
};

struct DbRows {
    const DbDriver *driver;
    DbTx *tx;                /* NULL once the statement has ended */
    bool has_first, started; /* the first row is fetched before it is asked for */
    bool on_row, at_end, failed;
    int columns;
};

/* Prepared statements kept by one connection; when it has more, all are dropped and prepared anew as they come. */
#define DB_STATEMENTS_MAX 256

/* How long to wait for a lock. Longer than any transaction of ours should take. */
#define DB_LOCK_TIMEOUT_MS 10000

/* How much of a statement an error message quotes. */
#define DB_SQL_QUOTED_MAX 160
