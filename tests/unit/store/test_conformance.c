/* What a statement, a value, a row and an error are, on either engine. Connections: test_connections.c */
#include <malloc.h>

#include "support/db_test.h"

#define TABLE_SQL                                                                                                      \
    ((Sql){"CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, raw BLOB, size INTEGER NOT NULL DEFAULT 0 "  \
           "CHECK (size >= 0), parent INTEGER REFERENCES thing (id)) STRICT",                                          \
           "CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT UNIQUE, raw BYTEA, size BIGINT NOT NULL DEFAULT 0 "   \
           "CHECK (size >= 0), parent BIGINT REFERENCES thing (id))"})

#define INSERT_SQL SQL("INSERT INTO thing (id, name, raw) VALUES ($1, $2, $3)")

static DbTx *
begin(Db *db, DbMode mode)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx = db_begin(db, mode, &error);

    g_assert_no_error(error);
    return tx;
}

static int64_t
exec_ok(DbTx *tx, Sql sql, DbArgs args)
{
    g_autoptr(GError) error = NULL;
    int64_t changed = -1;

    if (!db_exec(tx, sql, args, &changed, &error))
        g_assert_no_error(error);
    return changed;
}

static int64_t
int_ok(DbTx *tx, Sql sql, DbArgs args)
{
    g_autoptr(GError) error = NULL;
    int64_t value = 0;

    if (!db_query_int(tx, sql, args, &value, &error))
        g_assert_no_error(error);
    return value;
}

static DbRows *
first_row(DbTx *tx, Sql sql, DbArgs args)
{
    g_autoptr(GError) error = NULL;
    DbRows *rows = db_query(tx, sql, args, &error);

    g_assert_no_error(error);
    g_assert_true(db_next(rows, &error));
    return rows;
}

static void
commit_ok(DbTx **tx)
{
    g_autoptr(GError) error = NULL;

    if (!db_commit_auto(tx, &error))
        g_assert_no_error(error);
    g_assert_null(*tx);
}

static DbTx *
begin_with_table(Db *db)
{
    DbTx *tx = begin(db, DB_WRITE);

    exec_ok(tx, TABLE_SQL, DB_NO_ARGS);
    return tx;
}

/* The statement fails with the code, and then nothing but a rollback is possible. */
static void
assert_fails(DbTx *tx, Sql sql, DbArgs args, WeirError code)
{
    g_autoptr(GError) error = NULL, later = NULL;

    g_assert_false(db_exec(tx, sql, args, NULL, &error));
    g_assert_error(error, WEIR_ERROR, (int)code);
    g_assert_false(db_exec(tx, SQL("SELECT 1"), DB_NO_ARGS, NULL, &later));
    g_assert_error(later, WEIR_ERROR, WEIR_ERROR_BROKEN);
}

static void
integers_come_back_to_the_last_bit(DbTest *test)
{
    static const int64_t NUMBERS[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT32_MAX, INT64_C(1) << 53, INT64_MAX};
    g_autoptr(DbTx) tx = begin_with_table(test->db);

    for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++) {
        exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(NUMBERS[i]), db_null(), db_null()));
        g_assert_cmpint(int_ok(tx, SQL("SELECT id FROM thing WHERE id = $1"), DB_ARGS(db_int(NUMBERS[i]))), ==,
                        NUMBERS[i]);
        g_assert_cmpint(int_ok(tx, SQL("SELECT CAST($1 AS BIGINT)"), DB_ARGS(db_int(NUMBERS[i]))), ==, NUMBERS[i]);
    }
}

static void
texts_of_every_script_come_back(DbTest *test)
{
    static const char *const TEXTS[] = {"",
                                        " ",
                                        "'",
                                        "\"quoted\" \\ back",
                                        "line\r\nline\t",
                                        "na\xc3\xafve",
                                        "e\xcc\x81 e\xcc\x81",
                                        "\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a",
                                        "\xe6\x97\xa5\xe6\x9c\xac",
                                        "\xf0\x9f\xa7\x91\xe2\x80\x8d\xf0\x9f\x9a\x80",
                                        ("\xef\xbb\xbf"
                                         "bom"),
                                        "\xf4\x8f\xbf\xbf",
                                        "$1 ? :x @y",
                                        "\x01\x7f"};
    g_autoptr(DbTx) tx = begin_with_table(test->db);

    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autoptr(DbRows) rows = NULL;

        exec_ok(tx, INSERT_SQL, DB_ARGS(db_int((int64_t)i), db_cstr(TEXTS[i]), db_null()));
        rows = first_row(tx, SQL("SELECT name FROM thing WHERE name = $1"), DB_ARGS(db_cstr(TEXTS[i])));
        g_assert_true(str_is(db_get_text(rows, 0), TEXTS[i]));
    }
}

static void
an_empty_value_is_not_null(DbTest *test)
{
    g_autoptr(DbTx) tx = begin_with_table(test->db);
    g_autoptr(DbRows) rows = NULL;

    exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(1), db_text(STR("")), db_blob(STR(""))));
    exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(2), db_text(STR_NONE), db_blob(STR_NONE)));
    rows = first_row(tx, SQL("SELECT name, raw, parent FROM thing ORDER BY id"), DB_NO_ARGS);
    g_assert_false(db_is_null(rows, 0));
    g_assert_nonnull(db_get_text(rows, 0).at);
    g_assert_nonnull(db_get_blob(rows, 1).at);
    g_assert_cmpuint(db_get_text(rows, 0).size + db_get_blob(rows, 1).size, ==, 0);
    g_assert_true(db_next(rows, NULL));
    g_assert_true(db_is_null(rows, 0) && db_is_null(rows, 1) && db_is_null(rows, 2));
    g_assert_null(db_get_text(rows, 0).at);
    g_assert_null(db_get_blob(rows, 1).at);
    g_assert_cmpint(db_get_int(rows, 2), ==, 0);
    g_assert_false(db_next(rows, NULL));
}

static void
blobs_hold_every_byte(DbTest *test)
{
    g_autoptr(DbTx) tx = begin_with_table(test->db);
    g_autoptr(DbRows) rows = NULL;
    char bytes[1024];
    Str blob = {bytes, sizeof(bytes)};

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)i;
    exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(1), db_null(), db_blob(blob)));
    rows = first_row(tx, SQL("SELECT raw FROM thing WHERE raw = $1"), DB_ARGS(db_blob(blob)));
    g_assert_true(str_equal(db_get_blob(rows, 0), blob));
}

static void
text_with_nul_or_not_utf8_is_refused(DbTest *test)
{
    static const Str TEXTS[] = {{"a\0b", 3}, {"\0", 1}, {"\xff", 1}, {"\xc3", 1}, {"\xed\xa0\x80", 3}};

    for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
        g_autoptr(DbTx) tx = begin_with_table(test->db);

        assert_fails(tx, INSERT_SQL, DB_ARGS(db_int(1), db_text(TEXTS[i]), db_null()), WEIR_ERROR_INVALID);
    }
}

static void
a_placeholder_may_stand_anywhere_and_twice(DbTest *test)
{
    g_autoptr(DbTx) tx = begin_with_table(test->db);

    exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(1), db_cstr("one"), db_null()));
    g_assert_cmpint(int_ok(tx, SQL("SELECT $3 - $1 * $2 + $1 FROM thing WHERE name = $4"),
                           DB_ARGS(db_int(7), db_int(10), db_int(100), db_cstr("one"))),
                    ==, 37);
}

static void
a_statement_short_of_values_is_refused(DbTest *test)
{
    g_autoptr(DbTx) tx = begin_with_table(test->db);

    assert_fails(tx, SQL("UPDATE thing SET size = $1 WHERE id = $2"), DB_ARGS(db_int(1)), WEIR_ERROR_BROKEN);
}

static void
one_text_serves_values_and_nulls_alike(DbTest *test)
{
    g_autoptr(DbTx) tx = begin_with_table(test->db);

    for (int64_t i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("n%d", (int)i);

        exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(i), i % 2 == 0 ? db_null() : db_cstr(name), db_null()));
    }
    g_assert_cmpint(int_ok(tx, SQL("SELECT COUNT(name) FROM thing"), DB_NO_ARGS), ==, 10);
}

static void
more_statements_than_are_kept_still_work(DbTest *test)
{
    g_autoptr(DbTx) tx = begin(test->db, DB_READ);

    for (int i = 0; i < 1200; i++) {
        g_autofree char *sql = g_strdup_printf("SELECT %d + $1", i % 600);

        g_assert_cmpint(int_ok(tx, SQL(sql), DB_ARGS(db_int(i))), ==, i % 600 + i);
    }
    /* Nor does the server keep them for ever; SQLite does not tell. */
    if (test->engine == DB_ENGINE_POSTGRES)
        g_assert_cmpint(int_ok(tx, SQL("SELECT COUNT(*) FROM pg_prepared_statements"), DB_NO_ARGS), <=, 256);
}

static void
changed_counts_rows(DbTest *test)
{
    g_autoptr(DbTx) tx = begin_with_table(test->db);

    for (int64_t i = 1; i <= 5; i++)
        g_assert_cmpint(exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(i), db_null(), db_null())), ==, 1);
    g_assert_cmpint(exec_ok(tx, SQL("UPDATE thing SET size = 1 WHERE id > $1"), DB_ARGS(db_int(2))), ==, 3);
    g_assert_cmpint(exec_ok(tx, SQL("UPDATE thing SET size = 2 WHERE id > $1"), DB_ARGS(db_int(9))), ==, 0);
    g_assert_cmpint(exec_ok(tx, SQL("SELECT id FROM thing"), DB_NO_ARGS), ==, 0);
    g_assert_cmpint(exec_ok(tx, SQL("CREATE INDEX thing_size ON thing (size)"), DB_NO_ARGS), ==, 0);
    g_assert_cmpint(exec_ok(tx, SQL("DELETE FROM thing"), DB_NO_ARGS), ==, 5);
}

static void
on_conflict_and_returning_work(DbTest *test)
{
    const Sql upsert = SQL("INSERT INTO thing (id, name, size) VALUES ($1, $2, 1) ON CONFLICT (name) DO UPDATE SET "
                           "size = thing.size + excluded.size RETURNING id, size");
    const Sql once = SQL("INSERT INTO thing (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    g_autoptr(DbTx) tx = begin_with_table(test->db);
    g_autoptr(DbRows) rows = NULL;

    g_assert_cmpint(int_ok(tx, upsert, DB_ARGS(db_int(1), db_cstr("a"))), ==, 1);
    rows = first_row(tx, upsert, DB_ARGS(db_int(2), db_cstr("a")));
    g_assert_cmpint(db_get_int(rows, 0), ==, 1);
    g_assert_cmpint(db_get_int(rows, 1), ==, 2);
    g_clear_pointer(&rows, db_end);
    g_assert_cmpint(exec_ok(tx, once, DB_ARGS(db_int(3), db_cstr("a"))), ==, 0);
    g_assert_cmpint(exec_ok(tx, once, DB_ARGS(db_int(3), db_cstr("b"))), ==, 1);
}

static void
a_query_that_writes_has_written_before_a_row_is_read(DbTest *test)
{
    const Sql insert = SQL("INSERT INTO thing (id) VALUES ($1) RETURNING id");
    g_autoptr(DbTx) tx = begin_with_table(test->db);
    g_autoptr(GError) error = NULL;
    DbRows *rows = db_query(tx, insert, DB_ARGS(db_int(1)), &error);

    g_assert_no_error(error);
    db_end(rows);
    g_assert_cmpint(int_ok(tx, SQL("SELECT COUNT(*) FROM thing"), DB_NO_ARGS), ==, 1);
    g_assert_null(db_query(tx, insert, DB_ARGS(db_int(1)), &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_assert_nonnull(strstr(error->message, "INSERT INTO thing"));
}

static void
a_null_of_no_type_can_be_given_one(DbTest *test)
{
    const Sql sql = SQL("SELECT COUNT(*) FROM thing WHERE CAST($1 AS TEXT) IS NULL OR name = $1");
    g_autoptr(DbTx) tx = begin_with_table(test->db);

    exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(1), db_cstr("a"), db_null()));
    g_assert_cmpint(int_ok(tx, sql, DB_ARGS(db_null())), ==, 1);
    g_assert_cmpint(int_ok(tx, sql, DB_ARGS(db_cstr("a"))), ==, 1);
    g_assert_cmpint(int_ok(tx, sql, DB_ARGS(db_cstr("b"))), ==, 0);
}

static void
memory_does_not_grow_with_the_rows(DbTest *test)
{
    const Sql many = SQL("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
                         "SELECT i, CAST($1 AS TEXT) FROM n");
    g_autofree char *text = g_strnfill(250, 'x');
    g_autoptr(DbTx) tx = begin(test->db, DB_READ);
    g_autoptr(DbRows) rows = first_row(tx, many, DB_ARGS(db_cstr(text)));
    g_autoptr(GError) error = NULL;
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd, peak = before;
    int64_t count = 1;

    while (db_next(rows, &error)) {
        count++;
        if (count % 1000 == 0)
            peak = MAX(peak, mallinfo2().uordblks + mallinfo2().hblkhd);
        g_assert_cmpint(db_get_int(rows, 0), ==, count);
        g_assert_cmpuint(db_get_text(rows, 1).size, ==, 250);
    }
    g_assert_no_error(error);
    g_assert_false(db_has_failed(rows));
    g_assert_cmpint(count, ==, 200000);
    /* 50 MB have passed. SQLite's queue of the recursion takes some. */
    g_assert_cmpuint(peak - before, <, 4000000);
}

static void
rows_may_be_ended_early(DbTest *test)
{
    const Sql many = SQL("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
                         "SELECT i FROM n");
    g_autoptr(DbTx) tx = begin(test->db, DB_READ);
    DbRows *rows = first_row(tx, many, DB_NO_ARGS);

    db_end(rows);
    g_assert_cmpint(int_ok(tx, SQL("SELECT 5"), DB_NO_ARGS), ==, 5);
    rows = first_row(tx, many, DB_NO_ARGS);
    db_rollback(g_steal_pointer(&tx));
    db_end(rows);
    g_assert_cmpint(db_test_int(test->db, "SELECT 6"), ==, 6);
}

static void
a_second_statement_beside_open_rows_is_refused(DbTest *test)
{
    g_autoptr(DbTx) tx = begin(test->db, DB_READ);
    g_autoptr(DbRows) G_GNUC_UNUSED rows = first_row(tx, SQL("SELECT 1 UNION ALL SELECT 2"), DB_NO_ARGS);

    assert_fails(tx, SQL("SELECT 3"), DB_NO_ARGS, WEIR_ERROR_BROKEN);
}

static void
rows_end_with_their_transaction(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx = begin(test->db, DB_READ);
    g_autoptr(DbRows) rows = first_row(tx, SQL("SELECT 1 UNION ALL SELECT 2"), DB_NO_ARGS);

    commit_ok(&tx);
    g_assert_false(db_next(rows, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    g_assert_true(db_has_failed(rows));
}

static void
a_count_without_a_row_is_not_found_and_no_failure(DbTest *test)
{
    g_autoptr(DbTx) tx = begin_with_table(test->db);
    g_autoptr(GError) error = NULL;
    int64_t value = 42;

    g_assert_false(db_query_int(tx, SQL("SELECT id FROM thing"), DB_NO_ARGS, &value, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
    g_assert_cmpint(value, ==, 42);
    commit_ok(&tx);
}

static void
whole_numbers_of_other_widths_are_read_and_fractions_refused(DbTest *test)
{
    static const char *const WHOLE[] = {"SELECT CAST(12 AS SMALLINT)", "SELECT 12",
                                        "SELECT SUM(x) FROM (SELECT CAST(5 AS BIGINT) AS x UNION ALL SELECT 7) AS t",
                                        "SELECT 12 WHERE 1 = 1", "SELECT CAST(10 AS BIGINT) + 2"};
    g_autoptr(DbTx) tx = begin(test->db, DB_READ);
    g_autoptr(GError) error = NULL;
    int64_t value = 42;

    for (size_t i = 0; i < G_N_ELEMENTS(WHOLE); i++)
        g_assert_cmpint(int_ok(tx, SQL(WHOLE[i]), DB_NO_ARGS), ==, 12);
    g_assert_cmpint(int_ok(tx, SQL("SELECT 1 < 2"), DB_NO_ARGS), ==, 1);
    g_assert_false(db_query_int(tx, SQL("SELECT 2.5"), DB_NO_ARGS, &value, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    g_assert_nonnull(strstr(error->message, "CAST"));
    g_assert_cmpint(value, ==, 42);
}

static void
sums_that_postgres_widens_come_back_exactly(DbTest *test)
{
    static const int64_t NUMBERS[] = {INT64_MAX, INT64_MIN, 10000, 99990000, -10000, 1, -1, 0, 100000000, 123456789012};
    g_autoptr(DbTx) tx = begin(test->db, DB_READ);

    for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++)
        g_assert_cmpint(
            int_ok(tx, SQL("SELECT SUM(x) FROM (SELECT CAST($1 AS BIGINT) AS x) AS t"), DB_ARGS(db_int(NUMBERS[i]))),
            ==, NUMBERS[i]);
}

static void
a_sum_beyond_64_bits_is_refused(DbTest *test)
{
    const Sql sql = SQL("SELECT SUM(x) FROM (SELECT CAST($1 AS BIGINT) AS x UNION ALL SELECT $2) AS t");
    static const int64_t PAIRS[][2] = {{INT64_MAX, 1}, {INT64_MIN, -1}, {INT64_MAX, INT64_MAX - 1}};

    for (size_t i = 0; i < G_N_ELEMENTS(PAIRS); i++) {
        g_autoptr(DbTx) tx = begin(test->db, DB_READ);
        g_autoptr(GError) error = NULL;
        int64_t value;

        g_assert_false(db_query_int(tx, sql, DB_ARGS(db_int(PAIRS[i][0]), db_int(PAIRS[i][1])), &value, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_BROKEN);
    }
}

static void
each_broken_rule_has_its_code(DbTest *test)
{
    static const struct {
        const char *sql;
        WeirError code;
    } CASES[] = {
        {"INSERT INTO thing (id) VALUES (1)", WEIR_ERROR_CONFLICT},
        {"INSERT INTO thing (id, name) VALUES (2, 'one')", WEIR_ERROR_CONFLICT},
        {"INSERT INTO thing (id, size) VALUES (2, -1)", WEIR_ERROR_INVALID},
        {"INSERT INTO thing (id, size) VALUES (2, NULL)", WEIR_ERROR_INVALID},
        {"INSERT INTO thing (id, parent) VALUES (2, 77)", WEIR_ERROR_INVALID},
        {"INSERT INTO thing (id, size) VALUES (2, 'many')", WEIR_ERROR_INVALID},
        {"SELEC 1", WEIR_ERROR_BROKEN},
        {"SELECT id FROM nowhere", WEIR_ERROR_BROKEN},
        {"SELECT \"text\" FROM thing", WEIR_ERROR_BROKEN},
        {"SELECT 1; SELECT 2", WEIR_ERROR_BROKEN},
    };

    db_test_exec(test->db, db_engine(test->db) == DB_ENGINE_SQLITE ? TABLE_SQL.sqlite : TABLE_SQL.postgres);
    db_test_exec(test->db, "INSERT INTO thing (id, name) VALUES (1, 'one')");
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(DbTx) tx = begin(test->db, DB_WRITE);

        g_test_message("%s", CASES[i].sql);
        assert_fails(tx, SQL(CASES[i].sql), DB_NO_ARGS, CASES[i].code);
    }
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM thing"), ==, 1);
}

static void
an_error_quotes_the_statement_but_no_values(DbTest *test)
{
    g_autoptr(DbTx) tx = begin_with_table(test->db);
    g_autoptr(GError) error = NULL;

    exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(1), db_cstr("secret"), db_null()));
    g_assert_false(db_exec(tx, INSERT_SQL, DB_ARGS(db_int(2), db_cstr("secret"), db_null()), NULL, &error));
    g_assert_nonnull(strstr(error->message, "INSERT INTO thing"));
    g_assert_null(strstr(error->message, "secret"));
}

static void
like_tells_upper_case_from_lower(DbTest *test)
{
    g_autoptr(DbTx) tx = begin_with_table(test->db);

    exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(1), db_cstr("Nurse"), db_null()));
    g_assert_cmpint(int_ok(tx, SQL("SELECT COUNT(*) FROM thing WHERE name LIKE 'nur%'"), DB_NO_ARGS), ==, 0);
    g_assert_cmpint(int_ok(tx, SQL("SELECT COUNT(*) FROM thing WHERE name LIKE 'Nur%'"), DB_NO_ARGS), ==, 1);
}

typedef struct {
    int asked;
    bool refuses;
} Guard;

static bool
ask_guard(void *data, DbTx *tx, GError **error)
{
    Guard *guard = data;

    guard->asked++;
    /* It sees what the transaction has written. */
    g_assert_cmpint(int_ok(tx, SQL("SELECT COUNT(*) FROM thing"), DB_NO_ARGS), ==, 1);
    return !guard->refuses || weir_fail(error, WEIR_ERROR_CONFLICT, "not any more");
}

static void
a_guard_is_asked_before_each_commit_that_writes(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    Guard guard = {.refuses = true};
    DbTx *tx = begin_with_table(test->db);

    commit_ok(&tx);
    db_set_guard(test->db, ask_guard, &guard);
    tx = begin(test->db, DB_WRITE);
    exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(1), db_null(), db_null()));
    g_assert_false(db_commit_auto(&tx, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_CONFLICT);
    g_assert_null(tx);
    tx = begin(test->db, DB_READ);
    g_assert_cmpint(int_ok(tx, SQL("SELECT COUNT(*) FROM thing"), DB_NO_ARGS), ==, 0);
    commit_ok(&tx);
    guard.refuses = false;
    tx = begin(test->db, DB_WRITE);
    exec_ok(tx, INSERT_SQL, DB_ARGS(db_int(1), db_null(), db_null()));
    commit_ok(&tx);
    g_assert_cmpint(guard.asked, ==, 2);
    db_set_guard(test->db, NULL, NULL);
    tx = begin(test->db, DB_WRITE);
    g_assert_cmpint(int_ok(tx, SQL("SELECT COUNT(*) FROM thing"), DB_NO_ARGS), ==, 1);
    commit_ok(&tx);
    g_assert_cmpint(guard.asked, ==, 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("store", integers_come_back_to_the_last_bit);
    DB_TEST("store", texts_of_every_script_come_back);
    DB_TEST("store", an_empty_value_is_not_null);
    DB_TEST("store", blobs_hold_every_byte);
    DB_TEST("store", text_with_nul_or_not_utf8_is_refused);
    DB_TEST("store", a_placeholder_may_stand_anywhere_and_twice);
    DB_TEST("store", a_statement_short_of_values_is_refused);
    DB_TEST("store", one_text_serves_values_and_nulls_alike);
    DB_TEST("store", more_statements_than_are_kept_still_work);
    DB_TEST("store", changed_counts_rows);
    DB_TEST("store", on_conflict_and_returning_work);
    DB_TEST("store", a_query_that_writes_has_written_before_a_row_is_read);
    DB_TEST("store", a_null_of_no_type_can_be_given_one);
    DB_TEST("store", memory_does_not_grow_with_the_rows);
    DB_TEST("store", rows_may_be_ended_early);
    DB_TEST("store", a_second_statement_beside_open_rows_is_refused);
    DB_TEST("store", rows_end_with_their_transaction);
    DB_TEST("store", a_count_without_a_row_is_not_found_and_no_failure);
    DB_TEST("store", whole_numbers_of_other_widths_are_read_and_fractions_refused);
    DB_TEST("store", sums_that_postgres_widens_come_back_exactly);
    DB_TEST("store", a_sum_beyond_64_bits_is_refused);
    DB_TEST("store", each_broken_rule_has_its_code);
    DB_TEST("store", an_error_quotes_the_statement_but_no_values);
    DB_TEST("store", like_tells_upper_case_from_lower);
    DB_TEST("store", a_guard_is_asked_before_each_commit_that_writes);
    return db_test_run();
}
