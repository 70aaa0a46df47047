#include "support/db_test.h"

#include <glib/gstdio.h>

#include "support/postgres_fixture.h"

typedef struct {
    DbEngine engine;
    DbTestFn fn;
} Case;

/* One server for the whole program, started by the first test that needs it. */
static PostgresFixture *server;
static const char *no_server;

static char *
new_sqlite_url(char **ret_folder)
{
    g_autoptr(GError) error = NULL;

    *ret_folder = g_dir_make_tmp("weir-sqlite-XXXXXX", &error);
    g_assert_no_error(error);
    return g_strdup_printf("sqlite:%s/test.db", *ret_folder);
}

static char *
new_postgres_url(void)
{
    if (server == NULL && no_server == NULL)
        server = postgres_fixture_start(&no_server);
    return server == NULL ? NULL : postgres_fixture_new_database(server);
}

static void
remove_sqlite(const char *folder)
{
    g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(files)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_remove(path);
    }
    g_rmdir(folder);
}

static void
run_case(gconstpointer data)
{
    const Case *one = data;
    g_autofree char *folder = NULL;
    DbTest test = {.engine = one->engine};

    test.url = one->engine == DB_ENGINE_SQLITE ? new_sqlite_url(&folder) : new_postgres_url();
    if (test.url == NULL) {
        g_test_skip(no_server);
        return;
    }
    test.db = db_test_open(&test);
    one->fn(&test);
    db_close(test.db);
    if (folder != NULL)
        remove_sqlite(folder);
    g_free(test.url);
}

void
db_test_add_on(DbEngine engine, const char *room, const char *name, DbTestFn fn)
{
    g_autofree char *sentence = g_strdelimit(g_strdup(name), "_", ' ');
    g_autofree char *path =
        g_strdup_printf("/%s/%s/%s", room, engine == DB_ENGINE_SQLITE ? "sqlite" : "postgres", sentence);
    Case *one = g_new(Case, 1);

    *one = (Case){engine, fn};
    g_test_add_data_func_full(path, one, run_case, g_free);
}

void
db_test_add(const char *room, const char *name, DbTestFn fn)
{
    db_test_add_on(DB_ENGINE_SQLITE, room, name, fn);
    db_test_add_on(DB_ENGINE_POSTGRES, room, name, fn);
}

int
db_test_run(void)
{
    int status = g_test_run();

    postgres_fixture_stop(server);
    return status;
}

Db *
db_test_open(const DbTest *test)
{
    g_autoptr(GError) error = NULL;
    Db *db = db_open(test->url, &error);

    g_assert_no_error(error);
    return db;
}

void
db_test_exec(Db *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, &error);

    g_assert_no_error(error);
    if (!db_exec_script(tx, sql, &error) || !db_commit_auto(&tx, &error))
        g_assert_no_error(error);
}

int64_t
db_test_int(Db *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, &error);
    int64_t value = 0;

    g_assert_no_error(error);
    if (!db_query_int(tx, SQL(sql), DB_NO_ARGS, &value, &error) || !db_commit_auto(&tx, &error))
        g_assert_no_error(error);
    return value;
}
