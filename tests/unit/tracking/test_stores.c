#include <glib/gstdio.h>

#include "store/migrate.h"
#include "support/db_test.h"
#include "tracking/click_store.h"
#include "tracking/key_ring.h"
#include "tracking/search_store.h"

static void
migrate_ok(DbTest *test)
{
    g_autoptr(GError) error = NULL;

    if (!migrate(test->db, clock_system(), NULL, &error))
        g_assert_no_error(error);
}

static DbTx *
begin(DbTest *test, DbMode mode)
{
    g_autoptr(GError) error = NULL;
    DbTx *tx = db_begin(test->db, mode, &error);

    g_assert_no_error(error);
    return tx;
}

static void
add_click(DbTest *test, Id id, const char *source, const char *sub_id, unsigned flags)
{
    g_autoptr(DbTx) tx = begin(test, DB_WRITE);
    g_autoptr(GError) error = NULL;
    ClickEvent click = {.id = id,
                        .at_us = id % 1000 * 1000,
                        .search_id = 77,
                        .position = 2,
                        .source = str_of(source),
                        .listing_id = STR("L-1"),
                        .bid = {250000, {"EUR"}},
                        .flags = flags,
                        .sub_id = str_of(sub_id),
                        .visitor_hash = STR("abc"),
                        .user_agent_family = STR("Chrome")};

    if (!click_add(tx, &click, &error) || !db_commit_auto(&tx, &error))
        g_assert_no_error(error);
}

static WeirError
find_sub_id_fails(DbTest *test, const char *source, const char *sub_id)
{
    g_autoptr(DbTx) tx = begin(test, DB_READ);
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GError) error = NULL;
    ClickEvent click;

    g_assert_false(click_find_by_sub_id(tx, str_of(source), str_of(sub_id), arena, &click, &error));
    return weir_error_code(error);
}

static Id
find_sub_id(DbTest *test, const char *source, const char *sub_id)
{
    g_autoptr(DbTx) tx = begin(test, DB_READ);
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GError) error = NULL;
    ClickEvent click;

    if (!click_find_by_sub_id(tx, str_of(source), str_of(sub_id), arena, &click, &error))
        g_assert_no_error(error);
    return click.id;
}

static void
a_click_is_found_as_it_was_added(DbTest *test)
{
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    ClickEvent click;

    migrate_ok(test);
    add_click(test, 5, "acme", "S5", CLICK_BOT);
    tx = begin(test, DB_READ);
    g_assert_true(click_find(tx, 5, arena, &click, &error));
    g_assert_cmpint(click.at_us, ==, 5000);
    g_assert_cmpint(click.search_id, ==, 77);
    g_assert_cmpuint(click.position, ==, 2);
    g_assert_cmpstr(click.source.at, ==, "acme");
    g_assert_cmpstr(click.listing_id.at, ==, "L-1");
    g_assert_cmpint(click.bid.micros, ==, 250000);
    g_assert_cmpstr(click.bid.currency.code, ==, "EUR");
    g_assert_cmpuint(click.flags, ==, CLICK_BOT);
    g_assert_cmpstr(click.sub_id.at, ==, "S5");
    g_assert_cmpstr(click.visitor_hash.at, ==, "abc");
    g_assert_cmpstr(click.user_agent_family.at, ==, "Chrome");
    g_assert_false(click_find(tx, 6, arena, &click, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
}

static void
a_sub_id_leads_to_its_click_and_to_no_other(DbTest *test)
{
    char sub_id[ID_TEXT_SIZE];
    g_autofree char *lower = NULL;

    migrate_ok(test);
    id_format(((Id)1 << 60) + 10, sub_id);
    lower = g_ascii_strdown(sub_id, -1);
    add_click(test, ((Id)1 << 60) + 10, "acme", sub_id, 0);
    add_click(test, 11, "acme", "123456789012345", 0);
    add_click(test, 12, "acme", "543210987654321", 0);
    add_click(test, 13, "acme", "543210987654321", 0);
    add_click(test, 14, "zeta", "123456789012345", 0);

    g_assert_cmpint(find_sub_id(test, "acme", sub_id), ==, ((Id)1 << 60) + 10);
    g_assert_cmpint(find_sub_id(test, "acme", lower), ==, ((Id)1 << 60) + 10);
    g_assert_cmpint(find_sub_id(test, "acme", "123456789012345"), ==, 11);
    g_assert_cmpint(find_sub_id(test, "zeta", "123456789012345"), ==, 14);
    g_assert_cmpint(find_sub_id_fails(test, "zeta", sub_id), ==, WEIR_ERROR_NOT_FOUND);
    g_assert_cmpint(find_sub_id_fails(test, "acme", "543210987654321"), ==, WEIR_ERROR_CONFLICT);
    g_assert_cmpint(find_sub_id_fails(test, "acme", "\xff'; DROP TABLE click; --"), ==, WEIR_ERROR_NOT_FOUND);
}

static bool
id_append(void *data, const ClickEvent *click)
{
    g_string_append_printf(data, "%d;", (int)click->id);
    return click->id < 3;
}

static void
the_clicks_of_a_search_come_in_order_until_stopped(DbTest *test)
{
    g_autoptr(GString) ids = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;

    migrate_ok(test);
    for (Id id = 4; id >= 1; id--)
        add_click(test, id, "acme", "x", 0);
    tx = begin(test, DB_READ);
    g_assert_true(clicks_of_search(tx, 77, id_append, ids, &error));
    g_assert_cmpstr(ids->str, ==, "1;2;3;");
    g_assert_true(clicks_of_search(tx, 78, id_append, ids, &error));
    g_assert_cmpstr(ids->str, ==, "1;2;3;");
}

static void
a_search_for_bytes_that_are_no_text_is_kept(DbTest *test)
{
    const ShownListing shown[] = {{STR("acme"), STR("1"), STR("Nurse \"A\"\xff"), {450000, {"USD"}}},
                                  {STR("acme"), STR_NONE, STR("B"), {0, {""}}}};
    SearchEvent event = {.id = 9,
                         .at_us = 1000,
                         .keywords = {"a\0b\xff", 4},
                         .country = STR("de"),
                         .took_us = 12,
                         .partial = true,
                         .shown = shown,
                         .shown_count = 2,
                         .sources = STR("[]")};
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = NULL;
    SearchRecord found;
    int64_t count;

    migrate_ok(test);
    tx = begin(test, DB_WRITE);
    for (int twice = 0; twice < 2; twice++)
        if (!search_add(tx, &event, &error))
            g_assert_no_error(error);
    g_assert_true(search_find(tx, 9, arena, &found, &error));
    g_assert_cmpstr(found.event.keywords.at, ==,
                    "a\xef\xbf\xbd"
                    "b\xef\xbf\xbd");
    g_assert_cmpstr(found.event.country.at, ==, "de");
    g_assert_null(found.event.location.at);
    g_assert_true(found.event.partial);
    g_assert_cmpint(found.event.took_us, ==, 12);
    g_assert_cmpuint(found.event.shown_count, ==, 2);
    g_assert_cmpstr(found.shown.at, ==,
                    "[{\"source\":\"acme\",\"listing_id\":\"1\",\"title\":\"Nurse \\\"A\\\"\xef\xbf\xbd\","
                    "\"bid\":{\"amount\":\"0.45\",\"currency\":\"USD\"}},"
                    "{\"source\":\"acme\",\"listing_id\":null,\"title\":\"B\"}]");
    g_assert_true(search_count(tx, 1000, 1001, &count, &error));
    g_assert_cmpint(count, ==, 1);
    g_assert_true(search_count(tx, 1001, 2000, &count, &error));
    g_assert_cmpint(count, ==, 0);
    g_assert_false(search_find(tx, 10, arena, &found, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
}

static void
all_nodes_get_one_key_ring(DbTest *test)
{
    SeededRandom random;
    TokenKeyRing first, second;
    g_autoptr(GError) error = NULL;

    migrate_ok(test);
    seeded_random_init(&random, 1);
    g_assert_true(key_ring_load(test->db, &random.random, &first, &error));
    g_assert_true(key_ring_load(test->db, &random.random, &second, &error));
    g_assert_cmpuint(first.count, ==, 1);
    g_assert_cmpmem(first.keys[0].key, TOKEN_KEY_BYTES, second.keys[0].key, TOKEN_KEY_BYTES);
}

typedef struct {
    DbTest *test;
    TokenKeyRing ring;
    uint64_t seed;
} Node;

static gpointer
node_run(gpointer data)
{
    Node *node = data;
    SeededRandom random;
    g_autoptr(Db) db = db_test_open(node->test);
    g_autoptr(GError) error = NULL;

    seeded_random_init(&random, node->seed);
    if (!key_ring_load(db, &random.random, &node->ring, &error))
        g_assert_no_error(error);
    return NULL;
}

static void
nodes_that_start_at_once_get_one_key_ring(DbTest *test)
{
    Node nodes[6];
    GThread *threads[G_N_ELEMENTS(nodes)];

    migrate_ok(test);
    for (size_t i = 0; i < G_N_ELEMENTS(nodes); i++) {
        nodes[i] = (Node){.test = test, .seed = i};
        threads[i] = g_thread_new("node", node_run, &nodes[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(nodes); i++)
        g_thread_join(threads[i]);
    for (size_t i = 1; i < G_N_ELEMENTS(nodes); i++)
        g_assert_cmpmem(nodes[i].ring.keys[0].key, TOKEN_KEY_BYTES, nodes[0].ring.keys[0].key, TOKEN_KEY_BYTES);
}

static void
a_node_starts_with_the_database_down_from_its_copy(DbTest *test)
{
    g_autofree char *folder = g_dir_make_tmp("weir-keys-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "token_keys", NULL);
    static const char DOWN[] = "postgresql://127.0.0.1:1/none";
    SeededRandom random;
    TokenKeyRing made, found;
    GStatBuf status;
    g_autoptr(GError) error = NULL;

    migrate_ok(test);
    seeded_random_init(&random, 1);
    g_assert_false(key_ring_open(DOWN, path, &random.random, &found, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(error->message, path));
    g_clear_error(&error);

    if (!key_ring_open(test->url, path, &random.random, &made, &error))
        g_assert_no_error(error);
    g_assert_cmpint(g_stat(path, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0600);
    if (!key_ring_open(DOWN, path, &random.random, &found, &error))
        g_assert_no_error(error);
    g_assert_cmpmem(found.keys[0].key, TOKEN_KEY_BYTES, made.keys[0].key, TOKEN_KEY_BYTES);
    g_remove(path);
    g_rmdir(folder);
}

static void
a_ring_reads_as_it_was_written(void)
{
    SeededRandom random;
    TokenKeyRing ring = {.count = 8}, found;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    uint8_t one[KEY_RING_SECRET_BYTES], other[KEY_RING_SECRET_BYTES];

    seeded_random_init(&random, 3);
    for (uint8_t i = 0; i < 8; i++) {
        ring.keys[i].id = (uint8_t)(255 - i);
        random_fill(&random.random, ring.keys[i].key, TOKEN_KEY_BYTES);
    }
    key_ring_format(&ring, text);
    g_assert_true(key_ring_parse(str_of_gstring(text), &found, &error));
    g_assert_cmpuint(found.count, ==, 8);
    for (size_t i = 0; i < 8; i++) {
        g_assert_cmpuint(found.keys[i].id, ==, ring.keys[i].id);
        g_assert_cmpmem(found.keys[i].key, TOKEN_KEY_BYTES, ring.keys[i].key, TOKEN_KEY_BYTES);
    }
    key_ring_secret(&ring, "visitor", one);
    key_ring_secret(&ring, "another", other);
    g_assert_true(memcmp(one, other, sizeof one) != 0);
}

static void
a_ring_that_is_none_says_in_which_line(void)
{
#define KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
    static const struct {
        const char *text, *says;
    } WRONG[] = {
        {"", "no key"},  {"0 " KEY, "line 1"},          {"256 " KEY, "line 1"},         {"1 " KEY "00", "line 1"},
        {"1", "line 1"}, {"2 " KEY "\n1 xx", "line 2"}, {"1 " KEY "\n1 " KEY, "twice"},
    };
    TokenKeyRing ring;

    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(key_ring_parse(str_of(WRONG[i].text), &ring, &error));
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        g_assert_nonnull(strstr(error->message, WRONG[i].says));
        g_assert_null(strstr(error->message, "0011"));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name) db_test_add("stores", G_STRINGIFY(name), name)
    ADD(a_click_is_found_as_it_was_added);
    ADD(a_sub_id_leads_to_its_click_and_to_no_other);
    ADD(the_clicks_of_a_search_come_in_order_until_stopped);
    ADD(a_search_for_bytes_that_are_no_text_is_kept);
    ADD(all_nodes_get_one_key_ring);
    ADD(nodes_that_start_at_once_get_one_key_ring);
    ADD(a_node_starts_with_the_database_down_from_its_copy);
    g_test_add_func("/stores/a_ring_reads_as_it_was_written", a_ring_reads_as_it_was_written);
    g_test_add_func("/stores/a_ring_that_is_none_says_in_which_line", a_ring_that_is_none_says_in_which_line);
    return db_test_run();
}
