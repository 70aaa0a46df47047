/*
 * Tests that hold on every engine: each runs once on SQLite and once on a private PostgreSQL, on a fresh database.
 *
 *     g_test_init(&argc, &argv, NULL);
 *     DB_TEST("tasks", a_sentence_that_is_true);
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

/* Adds "/ROOM/ENGINE/NAME" for each engine, with underscores in the name as spaces. */
void db_test_add(const char *room, const char *name, DbTestFn fn);
/* The name of the function is the sentence. */
#define DB_TEST(room, fn) db_test_add((room), #fn, (fn))

/* For what only one engine has. */
void db_test_add_on(DbEngine engine, const char *room, const char *name, DbTestFn fn);
#define DB_TEST_ON(engine, room, fn) db_test_add_on((engine), (room), #fn, (fn))
/* g_test_run(), then stops the server. */
int db_test_run(void);

/* Another connection to the database of the test. */
Db *db_test_open(const DbTest *test);

/* Statements that must succeed, each in a transaction of its own. */
void db_test_exec(Db *db, const char *sql);
int64_t db_test_int(Db *db, const char *sql);
