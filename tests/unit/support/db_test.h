/*
 * Tests that hold on every engine: each runs once on SQLite and once on a private PostgreSQL, on a fresh database.
 *
 *     g_test_init(&argc, &argv, NULL);
 *     db_test_add("tasks", "a sentence that is true", a_sentence_that_is_true);
 *     return db_test_run();
 *
 * A room uses it with, in its tests/unit/ROOM/meson.build:
 *     unit_support = files('../support/db_test.c', '../support/postgres_fixture.c')
 * A test of PostgreSQL is skipped, with the reason, where none is installed.
 */
#pragma once

#include "store/db.h"

typedef struct {
    DbEngine engine;
    char *url; /* for further connections to the same database */
    Db *db;    /* open, empty: call migrate() where tables are needed */
} DbTest;

typedef void (*DbTestFn)(DbTest *test);

/* Adds "/ROOM/ENGINE/NAME" for each engine. */
void db_test_add(const char *room, const char *name, DbTestFn fn);
/* g_test_run(), then stops the server. */
int db_test_run(void);

/* Another connection to the database of the test. */
Db *db_test_open(const DbTest *test);

/* Statements that must succeed, each in a transaction of its own. */
void db_test_exec(Db *db, const char *sql);
int64_t db_test_int(Db *db, const char *sql);
