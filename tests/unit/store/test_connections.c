/* What transactions and connections promise each other, on either engine. */
#include <glib/gstdio.h>

#include "support/db_test.h"

/* On SQLite a connection's setting, kept when the transaction commits; on PostgreSQL a session's. */
static const Sql SHORT_WAIT_SQL = {
    .sqlite = "PRAGMA busy_timeout = 20",
    .postgres = "SET lock_timeout = '20ms'",
};

static DbTx *
begin(Db *db, DbMode mode)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx = db_begin(db, mode, &error);

    g_assert_no_error(error);
    return tx;
}

static void
exec_ok(DbTx *tx, Sql sql, DbArgs args)
{
    g_autoptr(GError) error = NULL;

    if (!db_exec(tx, sql, args, NULL, &error))
        g_assert_no_error(error);
}

static void
commit_ok(DbTx **tx)
{
    g_autoptr(GError) error = NULL;

    if (!db_commit_auto(tx, &error))
        g_assert_no_error(error);
    g_assert_null(*tx);
}

static void
create_account(Db *db)
{
    db_test_exec(db, "CREATE TABLE account (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL);"
                     "INSERT INTO account VALUES (1, 100)");
}

static int64_t
cents_in(DbTx *tx)
{
    g_autoptr(GError) error = NULL;
    int64_t cents = -1;

    if (!db_query_int(tx, SQL("SELECT cents FROM account WHERE id = 1"), DB_NO_ARGS, &cents, &error))
        g_assert_no_error(error);
    return cents;
}

static int64_t
cents(Db *db)
{
    return db_test_int(db, "SELECT cents FROM account WHERE id = 1");
}

static void
a_rollback_leaves_nothing(DbTest *test)
{
    DbTx *tx;

    create_account(test->db);
    tx = begin(test->db, DB_WRITE);
    exec_ok(tx, SQL("UPDATE account SET cents = 1"), DB_NO_ARGS);
    g_assert_cmpint(cents_in(tx), ==, 1);
    db_rollback(tx);
    g_assert_cmpint(cents(test->db), ==, 100);
    db_rollback(NULL);
}

static void
a_transaction_left_by_the_way_is_rolled_back(DbTest *test)
{
    create_account(test->db);
    {
        g_autoptr(DbTx) tx = begin(test->db, DB_WRITE);

        exec_ok(tx, SQL("UPDATE account SET cents = 1"), DB_NO_ARGS);
    }
    g_assert_cmpint(cents(test->db), ==, 100);
}

static void
a_commit_is_seen_by_other_connections_and_not_before(DbTest *test)
{
    g_autoptr(Db) other = db_test_open(test);
    DbTx *tx;

    create_account(test->db);
    tx = begin(test->db, DB_WRITE);
    exec_ok(tx, SQL("UPDATE account SET cents = 1"), DB_NO_ARGS);
    g_assert_cmpint(cents(other), ==, 100);
    commit_ok(&tx);
    g_assert_cmpint(cents(other), ==, 1);
}

static void
a_failed_transaction_cannot_commit(DbTest *test)
{
    g_autoptr(GError) failure = NULL, error = NULL;
    DbTx *tx;

    create_account(test->db);
    tx = begin(test->db, DB_WRITE);
    exec_ok(tx, SQL("UPDATE account SET cents = 1"), DB_NO_ARGS);
    g_assert_false(db_exec(tx, SQL("INSERT INTO account VALUES (1, 1)"), DB_NO_ARGS, NULL, &failure));
    g_assert_error(failure, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_assert_false(db_commit_auto(&tx, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    g_assert_null(tx);
    g_assert_cmpint(cents(test->db), ==, 100);
}

static void
a_second_transaction_on_one_connection_is_refused(DbTest *test)
{
    g_autoptr(DbTx) G_GNUC_UNUSED tx = begin(test->db, DB_READ);
    g_autoptr(GError) error = NULL;

    g_assert_null(db_begin(test->db, DB_READ, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
}

static void
a_read_transaction_cannot_write(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx;

    create_account(test->db);
    tx = begin(test->db, DB_READ);
    g_assert_false(db_exec(tx, SQL("UPDATE account SET cents = 1"), DB_NO_ARGS, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    db_rollback(tx);
    g_assert_cmpint(cents(test->db), ==, 100);
}

static void
a_read_transaction_sees_one_snapshot(DbTest *test)
{
    g_autoptr(Db) other = db_test_open(test);
    DbTx *tx;

    create_account(test->db);
    tx = begin(test->db, DB_READ);
    g_assert_cmpint(cents_in(tx), ==, 100);
    db_test_exec(other, "UPDATE account SET cents = 5");
    g_assert_cmpint(cents_in(tx), ==, 100);
    commit_ok(&tx);
    g_assert_cmpint(cents(test->db), ==, 5);
}

static void
a_rule_checked_at_commit_fails_the_commit(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx;

    create_account(test->db);
    db_test_exec(test->db,
                 "CREATE TABLE entry (account INTEGER REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED)");
    tx = begin(test->db, DB_WRITE);
    exec_ok(tx, SQL("INSERT INTO entry VALUES (77)"), DB_NO_ARGS);
    g_assert_false(db_commit_auto(&tx, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM entry"), ==, 0);
}

static void
a_lock_not_had_in_time_is_a_limit(DbTest *test)
{
    g_autoptr(Db) other = db_test_open(test);
    g_autoptr(GError) error = NULL;
    DbTx *tx, *waiting = begin(other, DB_READ);

    exec_ok(waiting, SHORT_WAIT_SQL, DB_NO_ARGS);
    commit_ok(&waiting);
    create_account(test->db);
    tx = begin(test->db, DB_WRITE);
    exec_ok(tx, SQL("UPDATE account SET cents = 1"), DB_NO_ARGS);

    /* SQLite's lock is the whole file's and taken by begin; PostgreSQL's is the row's. */
    waiting = db_begin(other, DB_WRITE, &error);
    if (waiting != NULL)
        g_assert_false(db_exec(waiting, SQL("UPDATE account SET cents = 2"), DB_NO_ARGS, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_LIMIT);
    db_rollback(waiting);

    commit_ok(&tx);
    db_test_exec(other, "UPDATE account SET cents = cents + 2");
    g_assert_cmpint(cents(test->db), ==, 3);
}

typedef struct {
    const DbTest *test;
    int won, lost;
} Racer;

/* Both insert the same ids, each in its own transaction; a loser is told CONFLICT. */
static gpointer
racer_run(gpointer data)
{
    Racer *racer = data;
    g_autoptr(Db) db = db_test_open(racer->test);

    for (int64_t id = 2; id < 52; id++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DbTx) tx = begin(db, DB_WRITE);

        if (db_exec(tx, SQL("INSERT INTO account VALUES ($1, 0)"), DB_ARGS(db_int(id)), NULL, &error) &&
            db_commit_auto(&tx, &error)) {
            racer->won++;
        } else {
            g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
            racer->lost++;
        }
    }
    return NULL;
}

static void
of_racing_inserts_one_wins_and_the_other_is_told(DbTest *test)
{
    Racer racers[3];
    GThread *threads[3];
    int won = 0, lost = 0;

    create_account(test->db);
    for (int i = 0; i < 3; i++) {
        racers[i] = (Racer){.test = test};
        threads[i] = g_thread_new("racer", racer_run, &racers[i]);
    }
    for (int i = 0; i < 3; i++) {
        g_thread_join(threads[i]);
        won += racers[i].won;
        lost += racers[i].lost;
    }
    g_assert_cmpint(won, ==, 50);
    g_assert_cmpint(lost, ==, 100);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM account"), ==, 51);
}

/* Reads, counts and writes back: no other transaction may come between. */
static gpointer
adder_run(gpointer data)
{
    const Sql read = {.sqlite = "SELECT cents FROM account WHERE id = 1",
                      .postgres = "SELECT cents FROM account WHERE id = 1 FOR UPDATE"};
    const Racer *racer = data;
    g_autoptr(Db) db = db_test_open(racer->test);

    for (int i = 0; i < 50; i++) {
        g_autoptr(GError) error = NULL;
        DbTx *tx = begin(db, DB_WRITE);
        int64_t seen = 0;

        if (!db_query_int(tx, read, DB_NO_ARGS, &seen, &error))
            g_assert_no_error(error);
        exec_ok(tx, SQL("UPDATE account SET cents = $1 WHERE id = 1"), DB_ARGS(db_int(seen + 1)));
        commit_ok(&tx);
    }
    return NULL;
}

static void
no_update_is_lost_among_threads(DbTest *test)
{
    Racer racer = {.test = test};
    GThread *threads[3];

    create_account(test->db);
    for (int i = 0; i < 3; i++)
        threads[i] = g_thread_new("adder", adder_run, &racer);
    for (int i = 0; i < 3; i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(cents(test->db), ==, 250);
}

static void
a_statement_prepared_before_a_migration_works_after_it(DbTest *test)
{
    const Sql all = SQL("SELECT * FROM account WHERE id = $1");
    g_autoptr(Db) other = db_test_open(test);

    create_account(test->db);
    for (int tries = 0, columns = 0; columns != 3; tries++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DbTx) tx = begin(test->db, DB_READ);
        g_autoptr(DbRows) rows = db_query(tx, all, DB_ARGS(db_int(1)), &error);

        g_assert_cmpint(tries, <, 3);
        if (rows != NULL && db_next(rows, &error) && tries > 0)
            columns = 2 + (db_get_int(rows, 2) == 9);
        /* PostgreSQL says "run it again", once. */
        if (error != NULL)
            g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
        g_clear_pointer(&rows, db_end);
        g_clear_pointer(&tx, db_rollback);
        if (tries == 0)
            db_test_exec(other, "ALTER TABLE account ADD COLUMN more INTEGER NOT NULL DEFAULT 9");
    }
}

static gpointer
opener_run(gpointer data)
{
    const DbTest *test = data;

    for (int i = 0; i < 20; i++) {
        g_autoptr(Db) db = db_test_open(test);

        g_assert_cmpint(db_test_int(db, "SELECT 1"), ==, 1);
    }
    return NULL;
}

static void
many_threads_may_open_and_close_one_database(DbTest *test)
{
    GThread *threads[4];

    g_clear_pointer(&test->db, db_close);
    for (int i = 0; i < 4; i++)
        threads[i] = g_thread_new("opener", opener_run, test);
    for (int i = 0; i < 4; i++)
        g_thread_join(threads[i]);
}

/* Ends every other session on the database, as a restart of the server does. */
static void
cut_others(const DbTest *test)
{
    g_autoptr(Db) killer = db_test_open(test);

    g_assert_cmpint(db_test_int(killer, "SELECT COUNT(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
                                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"),
                    ==, 1);
}

static void
a_lost_connection_is_opened_anew_by_begin(DbTest *test)
{
    create_account(test->db);
    g_assert_cmpint(cents(test->db), ==, 100);
    cut_others(test);
    /* The statement prepared on the old connection is prepared again. */
    g_assert_cmpint(cents(test->db), ==, 100);
}

static void
a_connection_lost_within_a_transaction_is_unavailable(DbTest *test)
{
    g_autoptr(GError) error = NULL, at_commit = NULL;
    DbTx *tx;

    create_account(test->db);
    tx = begin(test->db, DB_WRITE);
    exec_ok(tx, SQL("UPDATE account SET cents = 1"), DB_NO_ARGS);
    cut_others(test);
    g_assert_false(db_exec(tx, SQL("UPDATE account SET cents = 2"), DB_NO_ARGS, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    db_rollback(tx);
    g_assert_cmpint(cents(test->db), ==, 100);

    tx = begin(test->db, DB_WRITE);
    exec_ok(tx, SQL("UPDATE account SET cents = 1"), DB_NO_ARGS);
    cut_others(test);
    g_assert_false(db_commit_auto(&tx, &at_commit));
    g_assert_error(at_commit, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_assert_cmpint(cents(test->db), ==, 100);
}

static void
a_connection_lost_between_rows_is_unavailable(DbTest *test)
{
    const Sql many = SQL("SELECT i, repeat('x', 1000) FROM generate_series(1, 300000) AS i");
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = begin(test->db, DB_READ);
    g_autoptr(DbRows) rows = db_query(tx, many, DB_NO_ARGS, &error);

    g_assert_no_error(error);
    g_assert_true(db_next(rows, NULL));
    cut_others(test);
    while (db_next(rows, &error))
        continue;
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_clear_pointer(&rows, db_end);
    g_clear_pointer(&tx, db_rollback);
    g_assert_cmpint(db_test_int(test->db, "SELECT 1"), ==, 1);
}

static void
a_serialization_failure_is_a_conflict(DbTest *test)
{
    g_autoptr(Db) other = db_test_open(test);
    g_autoptr(GError) error = NULL;
    DbTx *read;

    create_account(test->db);
    read = begin(test->db, DB_WRITE);
    exec_ok(read, SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"), DB_NO_ARGS);
    g_assert_cmpint(cents_in(read), ==, 100);
    db_test_exec(other, "UPDATE account SET cents = 7");
    g_assert_false(db_exec(read, SQL("UPDATE account SET cents = 8"), DB_NO_ARGS, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    db_rollback(read);
}

static void
a_url_of_no_engine_or_no_file_is_invalid(void)
{
    static const char *const URLS[] = {"", "mysql://x", "sqlite:", "postgresql://%zz:secret@h/", "/var/lib/weir.db"};

    for (size_t i = 0; i < G_N_ELEMENTS(URLS); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(db_open(URLS[i], &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        g_assert_null(strstr(error->message, "secret"));
    }
}

static void
a_place_that_cannot_be_opened_is_unavailable(void)
{
    g_autoptr(GError) no_folder = NULL, no_server = NULL;
    g_autoptr(Db) db = NULL;

    g_assert_null(db_open("sqlite:/nowhere/at/all.db", &no_folder));
    g_assert_error(no_folder, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(no_folder->message, "/nowhere/at/all.db"));

    db = db_open("postgresql:///x?host=/nowhere&user=u&password=secret", &no_server);
    g_assert_no_error(no_server);
    g_assert_null(db_begin(db, DB_READ, &no_server));
    g_assert_error(no_server, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_assert_null(strstr(no_server->message, "secret"));
}

static void
a_file_that_is_no_database_is_broken(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL, *url = NULL;
    int fd = g_file_open_tmp("weir-XXXXXX.db", &path, &error);

    g_assert_no_error(error);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, "this is a text, and a text is no database at all\n", -1, NULL));
    url = g_strconcat("sqlite:", path, NULL);
    g_assert_null(db_open(url, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    g_assert_nonnull(strstr(error->message, path));
    g_assert_cmpint(g_remove(path), ==, 0);
}

static void
what_sqlite_commits_is_synced_to_disk(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("weir-sqlite-XXXXXX", &error);
    g_autofree char *path = g_build_filename(folder, "a.db", NULL), *url = g_strconcat("sqlite:", path, NULL);
    Db *db = db_open(url, &error);

    g_assert_no_error(error);
    g_assert_cmpint(db_test_int(db, "PRAGMA synchronous"), ==, 2); /* FULL */
    g_assert_cmpint(db_test_int(db, "PRAGMA foreign_keys"), ==, 1);
    g_assert_cmpint(db_test_int(db, "PRAGMA busy_timeout"), ==, 10000);
    g_assert_cmpint(db_test_int(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), ==, 1);
    db_close(db);
    g_assert_cmpint(g_remove(path), ==, 0);
    g_assert_cmpint(g_remove(folder), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/a url of no engine or no file is invalid", a_url_of_no_engine_or_no_file_is_invalid);
    g_test_add_func("/store/a place that cannot be opened is unavailable",
                    a_place_that_cannot_be_opened_is_unavailable);
    g_test_add_func("/store/a file that is no database is broken", a_file_that_is_no_database_is_broken);
    g_test_add_func("/store/what SQLite commits is synced to disk", what_sqlite_commits_is_synced_to_disk);
    DB_TEST("store", a_rollback_leaves_nothing);
    DB_TEST("store", a_transaction_left_by_the_way_is_rolled_back);
    DB_TEST("store", a_commit_is_seen_by_other_connections_and_not_before);
    DB_TEST("store", a_failed_transaction_cannot_commit);
    DB_TEST("store", a_second_transaction_on_one_connection_is_refused);
    DB_TEST("store", a_read_transaction_cannot_write);
    DB_TEST("store", a_read_transaction_sees_one_snapshot);
    DB_TEST("store", a_rule_checked_at_commit_fails_the_commit);
    DB_TEST("store", a_lock_not_had_in_time_is_a_limit);
    DB_TEST("store", of_racing_inserts_one_wins_and_the_other_is_told);
    DB_TEST("store", no_update_is_lost_among_threads);
    DB_TEST("store", a_statement_prepared_before_a_migration_works_after_it);
    DB_TEST("store", many_threads_may_open_and_close_one_database);
    DB_TEST_ON(DB_ENGINE_POSTGRES, "store", a_lost_connection_is_opened_anew_by_begin);
    DB_TEST_ON(DB_ENGINE_POSTGRES, "store", a_connection_lost_within_a_transaction_is_unavailable);
    DB_TEST_ON(DB_ENGINE_POSTGRES, "store", a_connection_lost_between_rows_is_unavailable);
    DB_TEST_ON(DB_ENGINE_POSTGRES, "store", a_serialization_failure_is_a_conflict);
    return db_test_run();
}
