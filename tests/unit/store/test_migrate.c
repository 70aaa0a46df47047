/* Migrations: in order, once, whole, on either engine. */
#include "store/migrate.h"

#include "support/db_test.h"

static FakeClock test_clock;

static const Migration THREE[] = {
    {1, "0001_one.sql", "CREATE TABLE one (id BIGINT PRIMARY KEY, raw BYTEA) TABLE_OPTIONS;\n"},
    {2, "0002_two.sql", "ALTER TABLE one ADD COLUMN note TEXT;\nINSERT INTO one (id, note) VALUES (1, 'x;y');\n"},
    {3, "0003_three.sql", "UPDATE one SET note = note || 'z';\n"},
};

static int
migrate_ok(Db *db, const Migration *migrations, size_t count)
{
    g_autoptr(GError) error = NULL;
    int applied = -1;

    if (!migrate_from(db, &test_clock.clock, migrations, count, &applied, &error))
        g_assert_no_error(error);
    return applied;
}

static int
version_ok(Db *db)
{
    g_autoptr(GError) error = NULL;
    int version = -1;

    if (!migrate_version(db, &version, &error))
        g_assert_no_error(error);
    return version;
}

static void
an_empty_database_has_version_0(DbTest *test)
{
    g_assert_cmpint(version_ok(test->db), ==, 0);
}

static void
files_run_in_order_and_once(DbTest *test)
{
    g_assert_cmpint(migrate_ok(test->db, THREE, 2), ==, 2);
    g_assert_cmpint(version_ok(test->db), ==, 2);
    g_assert_cmpint(migrate_ok(test->db, THREE, 3), ==, 1);
    g_assert_cmpint(migrate_ok(test->db, THREE, 3), ==, 0);
    g_assert_cmpint(version_ok(test->db), ==, 3);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM one WHERE note = 'x;yz'"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM schema_migration WHERE name = '0003_three.sql'"), ==,
                    1);
    g_assert_cmpint(db_test_int(test->db, "SELECT MAX(applied_at_us) FROM schema_migration"), ==, test_clock.now);
}

static void
the_files_of_this_program_run(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    int applied = 0, again = -1;

    if (!migrate(test->db, &test_clock.clock, &applied, &error) ||
        !migrate(test->db, &test_clock.clock, &again, &error))
        g_assert_no_error(error);
    g_assert_cmpint(applied, >=, 1);
    g_assert_cmpint(again, ==, 0);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM setting"), ==, 0);
}

static void
a_database_from_a_newer_program_is_refused(DbTest *test)
{
    g_autoptr(GError) error = NULL;

    migrate_ok(test->db, THREE, 3);
    g_assert_false(migrate_from(test->db, &test_clock.clock, THREE, 2, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "version 3"));
    g_assert_nonnull(strstr(error->message, "up to 2"));
}

static void
a_broken_file_leaves_nothing_and_is_named_with_its_line(DbTest *test)
{
    const Migration broken[] = {
        THREE[0],
        {2, "0002_bad.sql", "-- a comment\nCREATE TABLE two (id BIGINT);\n\nINSERT INTO nowhere VALUES (1);\n"},
    };
    g_autoptr(GError) error = NULL;

    g_assert_false(migrate_from(test->db, &test_clock.clock, broken, 2, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    g_assert_nonnull(strstr(error->message, "0002_bad.sql"));
    g_assert_nonnull(strstr(error->message, "line 4"));
    g_assert_nonnull(strstr(error->message, "nowhere"));
    g_assert_cmpint(version_ok(test->db), ==, 1);
    /* The table of the broken file is not there: the mended file can make it. */
    db_test_exec(test->db, "CREATE TABLE two (id INTEGER)");
}

static void
triggers_and_functions_hold_semicolons(DbTest *test)
{
    const Migration migration = {
        1, "0001_trigger.sql",
        "CREATE TABLE kept (id BIGINT PRIMARY KEY, at BIGINT NOT NULL) TABLE_OPTIONS;\n"
        "-- sqlite:\n"
        "CREATE TRIGGER kept_fixed BEFORE UPDATE ON kept BEGIN\n"
        "    SELECT 1;\n    SELECT RAISE(ABORT, 'kept is never changed');\nEND;\n"
        "-- postgres:\n"
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "BEGIN\n    PERFORM 1;\n    RAISE EXCEPTION 'kept is never changed';\nEND;\n$$;\n"
        "CREATE TRIGGER kept_fixed BEFORE UPDATE ON kept FOR EACH ROW EXECUTE FUNCTION refuse();\n"
        "-- both:\n"
        "INSERT INTO kept VALUES (1, 2);\n"};
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;

    migrate_ok(test->db, &migration, 1);
    tx = db_begin(test->db, DB_WRITE, &error);
    g_assert_no_error(error);
    g_assert_false(db_exec(tx, SQL("UPDATE kept SET at = 3"), DB_NO_ARGS, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "kept is never changed"));
}

typedef struct {
    const DbTest *test;
    int applied;
} Migrator;

static gpointer
migrator_run(gpointer data)
{
    Migrator *migrator = data;
    g_autoptr(Db) db = db_test_open(migrator->test);

    migrator->applied = migrate_ok(db, THREE, 3);
    return NULL;
}

static void
four_migrators_at_once_apply_each_file_once(DbTest *test)
{
    Migrator migrators[4];
    GThread *threads[4];
    int applied = 0;

    for (int i = 0; i < 4; i++) {
        migrators[i] = (Migrator){test, 0};
        threads[i] = g_thread_new("migrator", migrator_run, &migrators[i]);
    }
    for (int i = 0; i < 4; i++) {
        g_thread_join(threads[i]);
        applied += migrators[i].applied;
    }
    g_assert_cmpint(applied, ==, 3);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM one WHERE note = 'x;yz'"), ==, 1);
}

static void
whole_words_are_translated_and_other_engines_blocks_become_empty_lines(void)
{
    const char *text = "BIGINT BIGINTS a_BIGINT BYTEA, (BYTEA) TABLE_OPTIONS;\n"
                       "-- sqlite:\nS BIGINT\n -- postgres: \nP BIGINT\n-- both:\nend";
    g_autofree char *sqlite = migrate_translate(text, DB_ENGINE_SQLITE);
    g_autofree char *postgres = migrate_translate(text, DB_ENGINE_POSTGRES);

    g_assert_cmpstr(sqlite, ==, "INTEGER BIGINTS a_BIGINT BLOB, (BLOB) STRICT;\n\nS INTEGER\n\n\n\nend");
    g_assert_cmpstr(postgres, ==, "BIGINT BIGINTS a_BIGINT BYTEA, (BYTEA) ;\n\n\n\nP BIGINT\n\nend");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fake_clock_init(&test_clock, 1700000000 * US_PER_SECOND);
    g_test_add_func("/store/whole words are translated and other engines' blocks become empty lines",
                    whole_words_are_translated_and_other_engines_blocks_become_empty_lines);
    DB_TEST("store", an_empty_database_has_version_0);
    DB_TEST("store", files_run_in_order_and_once);
    DB_TEST("store", the_files_of_this_program_run);
    DB_TEST("store", a_database_from_a_newer_program_is_refused);
    DB_TEST("store", a_broken_file_leaves_nothing_and_is_named_with_its_line);
    DB_TEST("store", triggers_and_functions_hold_semicolons);
    DB_TEST("store", four_migrators_at_once_apply_each_file_once);
    return db_test_run();
}
