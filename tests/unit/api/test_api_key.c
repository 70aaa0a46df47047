#include "../support/db_test.h"
#include "api/key_book.h"
#include "store/migrate.h"

#include <glib/gstdio.h>

#define NOW_US 1790000000000000

static SeededRandom chance;

static FakeClock now;

/* A fresh key of the given name, in the database. */
static bool
try_to_add(Db *db, const char *name, unsigned scopes, KeyLimit limit, char key[API_KEY_TEXT_SIZE], GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    uint8_t hash[API_KEY_HASH_BYTES];
    ApiKeyRow row = {.name = str_of(name), .hash = hash, .scopes = scopes, .limit = limit, .created_at_us = NOW_US};

    api_key_make(&chance.random, key);
    g_assert_true(api_key_hash(str_of(key), hash));
    return tx != NULL && api_key_add(tx, &row, error) && db_commit_auto(&tx, error);
}

static void
add_limited(Db *db, const char *name, unsigned scopes, KeyLimit limit, char key[API_KEY_TEXT_SIZE])
{
    g_autoptr(GError) error = NULL;

    g_assert_true(try_to_add(db, name, scopes, limit, key, &error));
    g_assert_no_error(error);
}

static void
add(Db *db, const char *name, unsigned scopes, char key[API_KEY_TEXT_SIZE])
{
    add_limited(db, name, scopes, (KeyLimit){.kind = KEY_LIMIT_DEFAULT}, key);
}

static KeyBook *
book_new(void)
{
    return key_book_new((RateLimit){0}, &now.clock);
}

static KeyVerdict
judge(KeyBook *book, const char *key, ApiScope scope)
{
    KeyBearer bearer;

    return key_book_judge(book, str_of(key), scope, &bearer);
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
    char key[API_KEY_TEXT_SIZE];

    return try_to_add(db, name, API_SCOPE_FEED, (KeyLimit){.kind = KEY_LIMIT_DEFAULT}, key, error);
}

static void
prepare(DbTest *test)
{
    g_autoptr(GError) error = NULL;

    seeded_random_init(&chance, 7);
    fake_clock_init(&now, NOW_US);
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
    g_autoptr(KeyBook) book = book_new();
    g_autoptr(GError) error = NULL;
    char acme[API_KEY_TEXT_SIZE], other[API_KEY_TEXT_SIZE];

    prepare(test);
    add(test->db, "acme", API_SCOPE_SEARCH | API_SCOPE_FEED, acme);
    add(test->db, "other", API_SCOPE_OPERATIONS, other);
    g_assert_cmpint(judge(book, acme, API_SCOPE_FEED), ==, KEY_UNREAD);
    read_book(book, test->db);
    g_assert_cmpint(judge(book, acme, API_SCOPE_FEED), ==, KEY_TAKEN);
    g_assert_cmpint(judge(book, acme, API_SCOPE_SEARCH), ==, KEY_TAKEN);
    g_assert_cmpint(judge(book, acme, API_SCOPE_OPERATIONS), ==, KEY_OTHER_SCOPE);
    g_assert_cmpint(judge(book, other, API_SCOPE_OPERATIONS), ==, KEY_TAKEN);
    g_assert_cmpint(judge(book, "", API_SCOPE_FEED), ==, KEY_MISSING);

    g_assert_true(revoke_key(test->db, "acme", &error));
    read_book(book, test->db);
    g_assert_cmpint(judge(book, acme, API_SCOPE_FEED), ==, KEY_UNKNOWN);
    g_assert_cmpint(judge(book, other, API_SCOPE_OPERATIONS), ==, KEY_TAKEN);
}

static void
a_key_with_any_other_character_is_unknown(DbTest *test)
{
    g_autoptr(KeyBook) book = book_new();
    char key[API_KEY_TEXT_SIZE];
    KeyBearer bearer;

    prepare(test);
    add(test->db, "acme", API_SCOPE_ALL, key);
    read_book(book, test->db);
    for (size_t i = 0; i < API_KEY_TEXT_SIZE - 1; i++) {
        key[i] ^= 1;
        g_assert_cmpint(judge(book, key, API_SCOPE_FEED), ==, KEY_UNKNOWN);
        key[i] ^= 1;
    }
    g_assert_cmpint(key_book_judge(book, (Str){key, API_KEY_TEXT_SIZE - 2}, API_SCOPE_FEED, &bearer), ==, KEY_UNKNOWN);
    g_assert_cmpint(judge(book, key, API_SCOPE_FEED), ==, KEY_TAKEN);
}

static void
keys_hold_on_while_the_database_fails(DbTest *test)
{
    g_autoptr(KeyBook) book = book_new();
    g_autoptr(GError) error = NULL;
    char key[API_KEY_TEXT_SIZE];
    bool changed;

    prepare(test);
    add(test->db, "acme", API_SCOPE_FEED, key);
    read_book(book, test->db);
    db_test_exec(test->db, "DROP TABLE api_key");
    g_assert_false(key_book_read(book, test->db, &changed, &error));
    g_assert_nonnull(error);
    g_assert_cmpint(judge(book, key, API_SCOPE_FEED), ==, KEY_TAKEN);
}

static void
a_book_knows_when_other_keys_hold(DbTest *test)
{
    g_autoptr(KeyBook) book = book_new();
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
    g_autoptr(KeyBook) book = book_new(), after = book_new();
    g_autofree char *folder = g_dir_make_tmp("weir-keys-XXXXXX", NULL), *path = g_build_filename(folder, "keys", NULL);
    g_autoptr(GError) error = NULL;
    char key[API_KEY_TEXT_SIZE];

    prepare(test);
    add(test->db, "acme", API_SCOPE_FEED, key);
    read_book(book, test->db);
    g_assert_true(key_book_save(book, path, &error));
    g_assert_true(key_book_load(after, path, &error));
    g_assert_cmpint(judge(after, key, API_SCOPE_FEED), ==, KEY_TAKEN);
    g_assert_cmpint(judge(after, key, API_SCOPE_SEARCH), ==, KEY_OTHER_SCOPE);
    g_assert_false(read_book(after, test->db));
    g_remove(path);
    g_rmdir(folder);
}

static bool
set_limit(Db *db, const char *name, KeyLimit limit, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL && api_key_set_limit(tx, name, &limit, error) && db_commit_auto(&tx, error);
}

static KeyLimit
own_limit(int64_t count)
{
    return (KeyLimit){KEY_LIMIT_OWN, {count, US_PER_SECOND}};
}

/* How many of a hundred requests at this moment are let in. */
static int
burst(KeyBook *book, const char *key)
{
    int taken = 0;

    for (int i = 0; i < 100; i++)
        taken += judge(book, key, API_SCOPE_FEED) == KEY_TAKEN;
    return taken;
}

static void
a_key_may_ask_as_often_as_its_limit_says_or_that_of_all(DbTest *test)
{
    g_autoptr(KeyBook) book = key_book_new((RateLimit){7, US_PER_SECOND}, &now.clock);
    char own[API_KEY_TEXT_SIZE], other[API_KEY_TEXT_SIZE], none[API_KEY_TEXT_SIZE];
    KeyBearer bearer;

    prepare(test);
    add_limited(test->db, "own", API_SCOPE_FEED, own_limit(3), own);
    add_limited(test->db, "none", API_SCOPE_FEED, (KeyLimit){.kind = KEY_LIMIT_NONE}, none);
    add(test->db, "other", API_SCOPE_FEED, other);
    read_book(book, test->db);
    g_assert_cmpint(key_book_judge(book, str_of(own), API_SCOPE_FEED, &bearer), ==, KEY_TAKEN);
    g_assert_cmpstr(bearer.name, ==, "own");
    g_assert_cmpint(bearer.quota.rate.count, ==, 3);
    g_assert_cmpint(bearer.quota.remaining, ==, 2);
    g_assert_cmpint(burst(book, own), ==, 2);
    g_assert_cmpint(key_book_judge(book, str_of(own), API_SCOPE_FEED, &bearer), ==, KEY_OVER_LIMIT);
    g_assert_cmpint(bearer.quota.next_us, ==, US_PER_SECOND / 3 + 1);
    g_assert_cmpint(burst(book, other), ==, 7);
    g_assert_cmpint(burst(book, none), ==, 100);
    fake_clock_advance_us(&now, US_PER_SECOND);
    g_assert_cmpint(burst(book, own), ==, 3);
    g_assert_cmpint(burst(book, other), ==, 7);
    g_assert_cmpint(key_book_judge(book, str_of(none), API_SCOPE_FEED, &bearer), ==, KEY_TAKEN);
    g_assert_cmpint(bearer.quota.rate.count, ==, 0);
}

static void
what_a_key_is_not_for_is_not_counted(DbTest *test)
{
    g_autoptr(KeyBook) book = book_new();
    char key[API_KEY_TEXT_SIZE];

    prepare(test);
    add_limited(test->db, "acme", API_SCOPE_FEED, own_limit(5), key);
    read_book(book, test->db);
    for (int i = 0; i < 10; i++)
        g_assert_cmpint(judge(book, key, API_SCOPE_SEARCH), ==, KEY_OTHER_SCOPE);
    g_assert_cmpint(burst(book, key), ==, 5);
}

static void
what_was_asked_stays_counted_until_the_limit_is_another(DbTest *test)
{
    g_autoptr(KeyBook) book = book_new();
    g_autoptr(GError) error = NULL;
    char acme[API_KEY_TEXT_SIZE], zeta[API_KEY_TEXT_SIZE], first[API_KEY_TEXT_SIZE];

    prepare(test);
    add_limited(test->db, "acme", API_SCOPE_FEED, own_limit(5), acme);
    add_limited(test->db, "zeta", API_SCOPE_FEED, own_limit(4), zeta);
    read_book(book, test->db);
    g_assert_cmpint(burst(book, acme) + burst(book, zeta), ==, 9);
    add(test->db, "aaa", API_SCOPE_FEED, first); /* all others move on by one place */
    g_assert_true(read_book(book, test->db));
    g_assert_cmpint(burst(book, acme) + burst(book, zeta), ==, 0);
    g_assert_true(set_limit(test->db, "acme", own_limit(20), &error));
    g_assert_true(read_book(book, test->db));
    g_assert_cmpint(burst(book, acme), ==, 20);
    g_assert_cmpint(burst(book, zeta), ==, 0);
    g_assert_true(set_limit(test->db, "zeta", (KeyLimit){.kind = KEY_LIMIT_NONE}, &error));
    g_assert_true(set_limit(test->db, "acme", (KeyLimit){.kind = KEY_LIMIT_DEFAULT}, &error));
    g_assert_true(read_book(book, test->db));
    g_assert_cmpint(burst(book, acme) + burst(book, zeta), ==, 200);
}

static void
only_a_key_that_holds_gets_another_limit(DbTest *test)
{
    g_autoptr(GError) error = NULL;
    char key[API_KEY_TEXT_SIZE];

    prepare(test);
    add(test->db, "acme", API_SCOPE_FEED, key);
    g_assert_false(set_limit(test->db, "nobody", own_limit(1), &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_true(revoke_key(test->db, "acme", &error));
    g_assert_false(set_limit(test->db, "acme", own_limit(1), &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_CONFLICT);
}

#define ASKING 4

static gpointer
ask_often(gpointer data)
{
    void **given = data;

    return GINT_TO_POINTER(burst(given[0], given[1]));
}

static void
many_threads_get_no_more_than_the_limit(DbTest *test)
{
    g_autoptr(KeyBook) book = book_new();
    GThread *threads[ASKING];
    char key[API_KEY_TEXT_SIZE];
    void *given[] = {book, key};
    int taken = 0;

    prepare(test);
    add_limited(test->db, "acme", API_SCOPE_FEED, own_limit(150), key);
    read_book(book, test->db);
    for (size_t i = 0; i < ASKING; i++)
        threads[i] = g_thread_new("asking", ask_often, given);
    for (size_t i = 0; i < ASKING; i++)
        taken += GPOINTER_TO_INT(g_thread_join(threads[i]));
    g_assert_cmpint(taken, ==, 150);
}

/* All keys but one that may hold at a time. */
static void
fill_up(Db *db)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, &error);

    for (int i = 1; i < API_KEYS_LIMIT; i++) {
        g_autofree char *name = g_strdup_printf("key%d", i);
        uint8_t hash[API_KEY_HASH_BYTES] = {(uint8_t)i, (uint8_t)(i >> 8)};

        if (!api_key_add(tx, &(ApiKeyRow){.name = str_of(name), .hash = hash, .scopes = API_SCOPE_FEED}, &error))
            g_assert_no_error(error);
    }
    g_assert_true(db_commit_auto(&tx, &error));
}

static void
no_more_keys_hold_than_may(DbTest *test)
{
    g_autoptr(GError) error = NULL;

    prepare(test);
    fill_up(test->db);
    g_assert_true(try_name(test->db, "last", &error));
    g_assert_false(try_name(test->db, "more", &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_LIMIT);
    g_clear_error(&error);
    g_assert_true(revoke_key(test->db, "key1", &error));
    g_assert_true(try_name(test->db, "more", &error));
}

/* One waits for the other's end, so that neither counts without the other. */
static void
two_that_add_the_last_key_at_once_wait_for_each_other(DbTest *test)
{
    g_autoptr(Db) other = db_test_open(test);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    uint8_t hash[API_KEY_HASH_BYTES] = {0xff, 0xff};
    ApiKeyRow row = {.name = STR("last"), .hash = hash, .scopes = API_SCOPE_FEED};

    prepare(test);
    fill_up(test->db);
    db_test_exec(other, "SET lock_timeout = 20");
    tx = db_begin(test->db, DB_WRITE, &error);
    g_assert_true(api_key_add(tx, &row, &error));
    g_assert_false(try_name(other, "more", &error));
    g_assert_cmpint(weir_error_code(error), ==, WEIR_ERROR_LIMIT);
    g_clear_error(&error);
    g_assert_true(db_commit_auto(&tx, &error));
    g_assert_false(try_name(other, "more", &error));
    g_assert_cmpint(db_test_int(other, "SELECT COUNT(*) FROM api_key"), ==, API_KEYS_LIMIT);
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
    g_assert_false(api_key_name_is_valid((Str){"a\0b", 3}));
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
    DB_TEST("api", a_key_may_ask_as_often_as_its_limit_says_or_that_of_all);
    DB_TEST("api", what_a_key_is_not_for_is_not_counted);
    DB_TEST("api", what_was_asked_stays_counted_until_the_limit_is_another);
    DB_TEST("api", only_a_key_that_holds_gets_another_limit);
    DB_TEST("api", many_threads_get_no_more_than_the_limit);
    DB_TEST("api", no_more_keys_hold_than_may);
    DB_TEST_ON(DB_ENGINE_POSTGRES, "api", two_that_add_the_last_key_at_once_wait_for_each_other);
    DB_TEST("api", the_database_has_the_hash_of_a_key);
    DB_TEST("api", a_name_is_given_once_and_well_formed);
    return db_test_run();
}
