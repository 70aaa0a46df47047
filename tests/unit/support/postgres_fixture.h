/*
 * A private PostgreSQL for one test program: started once, in a temporary folder, reached by a unix socket only,
 * stopped at the end (and by the kernel, should the program die before).
 */
#pragma once

#include <glib.h>

typedef struct PostgresFixture PostgresFixture;

/* NULL when there is no server to start, with the reason for g_test_skip(). Aborts when there is one that won't start. */
PostgresFixture *postgres_fixture_start(const char **ret_reason);
/* A fresh, empty database: its libpq URI, freed with g_free(). */
char *postgres_fixture_new_database(PostgresFixture *fixture);
void postgres_fixture_stop(PostgresFixture *fixture);
