#include "../support/db_test.h"
#include "api/key_book.h"
#include "store/migrate.h"

#include <glib/gstdio.h>

#define NOW_US 1790000000000000

static SeededRandom chance;

/* A fresh key of the given name, in the database. */
static void
add(Db *db, const char *name, unsigned scopes, char key[API_KEY_TEXT_SIZE])
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, &error);
    uint8_t hash[API_KEY_HASH_BYTES];

    api_key_make(&chance.random, key);
    g_assert_true(api_key_hash(str_of(key), hash));
    g_assert_true(api_key_add(tx, name, scopes, hash, NOW_US, &error));
    g_assert_true(db_commit_auto(&tx, &error));
}

static bool
revoke_key(Db *db, const char *name, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL && api_key_revoke(tx, name, NOW_US + 1, error) && db_commit_auto(&tx, error);
}

static bool
try_name(Db *db, const char *name, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    char key[API_KEY_TEXT_SIZE];
    uint8_t hash[API_KEY_HASH_BYTES];

    api_key_make(&chance.random, key);
    g_assert_true(api_key_hash(str_of(key), hash));
    return tx != NULL && api_key_add(tx, name, API_SCOPE_FEED, hash, NOW_US, error) && db_commit_auto(&tx, error);
}

static void
prepare(DbTest *test)
{
    g_autoptr(GError) error = NULL;

    seeded_random_init(&chance, 7);
    g_assert_true(migrate(test->db, clock_system(), NULL, &error));
    g_assert_no_error(error);
}

/* Whether other keys hold than before. */
static bool
read_book(KeyBook *book, Db *db)
{
    g_autoptr(GError) error = NULL;
    bool changed = false;

    g_assert_true(key_book_read(book, db, &changed, &error));
    g_assert_no_error(error);
    return changed;
}

static void
a_key_opens_what_it_is_for_until_it_is_revoked(DbTest *test)
{
    g_autoptr(KeyBook) book = key_book_new();
    g_autoptr(GError) error = NULL;
    char acme[API_KEY_TEXT_SIZE], other[API_KEY_TEXT_SIZE];

    prepare(test);
    add(test->db, "acme", API_SCOPE_SEARCH | API_SCOPE_FEED, acme);
    add(test->db, "other", API_SCOPE_OPERATIONS, other);
    g_assert_cmpint(key_book_judge(book, str_of(acme), API_SCOPE_FEED), ==, KEY_UNREAD);
    read_book(book, test->db);
    g_assert_cmpint(key_book_judge(book, str_of(acme), API_SCOPE_FEED), ==, KEY_TAKEN);
    g_assert_cmpint(key_book_judge(book, str_of(acme), API_SCOPE_SEARCH), ==, KEY_TAKEN);
    g_assert_cmpint(key_book_judge(book, str_of(acme), API_SCOPE_OPERATIONS), ==, KEY_OTHER_SCOPE);
    g_assert_cmpint(key_book_judge(book, str_of(other), API_SCOPE_OPERATIONS), ==, KEY_TAKEN);
    g_assert_cmpint(key_book_judge(book, STR_NONE, API_SCOPE_FEED), ==, KEY_MISSING);

    g_assert_true(revoke_key(test->db, "acme", &error));
    read_book(book, test->db);
    g_assert_cmpint(key_book_judge(book, str_of(acme), API_SCOPE_FEED), ==, KEY_UNKNOWN);
    g_assert_cmpint(key_book_judge(book, str_of(other), API_SCOPE_OPERATIONS), ==, KEY_TAKEN);
}

static void
a_key_with_any_other_character_is_unknown(DbTest *test)
{
    g_autoptr(KeyBook) book = key_book_new();
    char key[API_KEY_TEXT_SIZE];

    prepare(test);
    add(test->db, "acme", API_SCOPE_ALL, key);
    read_book(book, test->db);
    for (size_t i = 0; i < API_KEY_TEXT_SIZE - 1; i++) {
        key[i] ^= 1;
        g_assert_cmpint(key_book_judge(book, str_of(key), API_SCOPE_FEED), ==, KEY_UNKNOWN);
        key[i] ^= 1;
    }
    g_assert_cmpint(key_book_judge(book, (Str){key, API_KEY_TEXT_SIZE - 2}, API_SCOPE_FEED), ==, KEY_UNKNOWN);
    g_assert_cmpint(key_book_judge(book, str_of(key), API_SCOPE_FEED), ==, KEY_TAKEN);
}

static void
keys_hold_on_while_the_database_fails(DbTest *test)
{
    g_autoptr(KeyBook) book = key_book_new();
    g_autoptr(GError) error = NULL;
    char key[API_KEY_TEXT_SIZE];
    bool changed;

    prepare(test);
    add(test->db, "acme", API_SCOPE_FEED, key);
    read_book(book, test->db);
    db_test_exec(test->db, "DROP TABLE api_key");
    g_assert_false(key_book_read(book, test->db, &changed, &error));
    g_assert_nonnull(error);
    g_assert_cmpint(key_book_judge(book, str_of(key), API_SCOPE_FEED), ==, KEY_TAKEN);
}

static void
a_book_knows_when_other_keys_hold(DbTest *test)
{
    g_autoptr(KeyBook) book = key_book_new();
    g_autoptr(GError) error = NULL;
    char key[API_KEY_TEXT_SIZE];

    prepare(test);
    g_assert_true(read_book(book, test->db));
    g_assert_false(read_book(book, test->db));
    add(test->db, "acme", API_SCOPE_FEED, key);
    g_assert_true(read_book(book, test->db));
    g_assert_false(read_book(book, test->db));
    g_assert_true(revoke_key(test->db, "acme", &error));
    g_assert_true(read_book(book, test->db));
}

static void
a_key_holds_as_its_copy_says(DbTest *test)
{
    g_autoptr(KeyBook) book = key_book_new(), after = key_book_new();
    g_autofree char *folder = g_dir_make_tmp("weir-keys-XXXXXX", NULL), *path = g_build_filename(folder, "keys", NULL);
    g_autoptr(GError) error = NULL;
    char key[API_KEY_TEXT_SIZE];

    prepare(test);
    add(test->db, "acme", API_SCOPE_FEED, key);
    read_book(book, test->db);
    g_assert_true(key_book_save(book, path, &error));
    g_assert_true(key_book_load(after, path, &error));
    g_assert_cmpint(key_book_judge(after, str_of(key), API_SCOPE_FEED), ==, KEY_TAKEN);
    g_assert_cmpint(key_book_judge(after, str_of(key), API_SCOPE_SEARCH), ==, KEY_OTHER_SCOPE);
    g_assert_false(read_book(after, test->db));
    g_remove(path);
    g_rmdir(folder);
}

static void
the_database_has_the_hash_of_a_key(DbTest *test)
{
    char key[API_KEY_TEXT_SIZE];

    prepare(test);
    add(test->db, "acme", API_SCOPE_FEED, key);
    g_assert_cmpint(db_test_int(test->db, "SELECT COUNT(*) FROM api_key"), ==, 1);
    g_assert_cmpint(db_test_int(test->db, "SELECT CAST(LENGTH(hash) AS BIGINT) FROM api_key"), ==, API_KEY_HASH_BYTES);
}

static void
a_name_is_given_once_and_well_formed(DbTest *test)
{
    static const char *const WRONG[] = {"", "Acme", "a b", "a/b", "\"", "ä"};
    g_autofree char *longest = g_strnfill(API_KEY_NAME_BYTES, 'a'), *longer = g_strnfill(API_KEY_NAME_BYTES + 1, 'a');
    g_autoptr(GError) error = NULL;

    prepare(test);
    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_assert_false(try_name(test->db, WRONG[i], &error));
        g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_INVALID);
        g_clear_error(&error);
    }
    g_assert_false(try_name(test->db, longer, NULL));
    g_assert_true(try_name(test->db, longest, &error));
    g_assert_false(try_name(test->db, longest, &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_true(revoke_key(test->db, longest, &error));
    g_assert_false(revoke_key(test->db, longest, &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_CONFLICT);
    g_clear_error(&error);
    g_assert_false(revoke_key(test->db, "nobody", &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_NOT_FOUND);
}

static void
scopes_are_names_with_commas(void)
{
    static const char *const WRONG[] = {"", "all", "search,", "search;feed", "Search"};
    g_autoptr(GError) error = NULL;
    unsigned scopes = 0;

    g_assert_true(api_scopes_parse(STR("feed, search"), &scopes, &error));
    g_assert_cmpuint(scopes, ==, API_SCOPE_FEED | API_SCOPE_SEARCH);
    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_assert_false(api_scopes_parse(str_of(WRONG[i]), &scopes, &error));
        g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_INVALID);
        g_clear_error(&error);
    }
}

static void
a_key_is_found_in_either_header(void)
{
    g_assert_true(str_is(key_of_headers(STR("Bearer abc"), STR_NONE), "abc"));
    g_assert_true(str_is(key_of_headers(STR("bearer  abc "), STR("def")), "abc"));
    g_assert_true(str_is(key_of_headers(STR("Basic abc"), STR(" def ")), "def"));
    g_assert_true(str_is(key_of_headers(STR_NONE, STR("def")), "def"));
    g_assert_true(str_is_empty(key_of_headers(STR("Bearer"), STR_NONE)));
    g_assert_true(str_is_empty(key_of_headers(STR_NONE, STR_NONE)));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/api/scopes are names with commas", scopes_are_names_with_commas);
    g_test_add_func("/api/a key is found in either header", a_key_is_found_in_either_header);
    DB_TEST("api", a_key_opens_what_it_is_for_until_it_is_revoked);
    DB_TEST("api", a_key_with_any_other_character_is_unknown);
    DB_TEST("api", keys_hold_on_while_the_database_fails);
    DB_TEST("api", a_book_knows_when_other_keys_hold);
    DB_TEST("api", a_key_holds_as_its_copy_says);
    DB_TEST("api", the_database_has_the_hash_of_a_key);
    DB_TEST("api", a_name_is_given_once_and_well_formed);
    return db_test_run();
}
