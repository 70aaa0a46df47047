/* Keys of click tokens: their text, their rotation, and what becomes of links and of other secrets meanwhile. */
#include "tracking/key_ring.h"

#include "base/error.h"
#include "store/migrate.h"
#include "support/db_test.h"

#define NOW      (INT64_C(1795500000) * US_PER_SECOND)
#define LIFETIME (7 * US_PER_DAY)

static TokenKeyRing
load(DbTest *test, Random *random)
{
    g_autoptr(GError) error = NULL;
    TokenKeyRing ring;

    if (!key_ring_load(test->db, random, &ring, &error))
        g_assert_no_error(error);
    return ring;
}

static WeirError
rotate(DbTest *test, Random *random, int64_t now_us, uint8_t *ret_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(test->db, DB_WRITE, &error);

    if (key_ring_rotate(tx, random, now_us, ret_id, &error) && db_commit_auto(&tx, &error))
        return 0;
    return weir_error_code(error) + 1;
}

static WeirError
retire(DbTest *test, uint8_t id, int64_t now_us)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DbTx) tx = db_begin(test->db, DB_WRITE, &error);

    if (key_ring_retire(tx, id, now_us, &error) && db_commit_auto(&tx, &error))
        return 0;
    return weir_error_code(error) + 1;
}

#define FAILS_WITH(code) ((WeirError)((code) + 1))

static void
set_up(DbTest *test, SeededRandom *random)
{
    g_autoptr(GError) error = NULL;

    seeded_random_init(random, 3);
    if (!migrate(test->db, clock_system(), NULL, &error))
        g_assert_no_error(error);
}

static GString *
seal(const TokenKeyRing *ring, Random *random, int64_t now_us)
{
    TokenSealer sealer;
    GString *text = g_string_new(NULL);

    token_sealer_init(&sealer, ring, random);
    g_assert_true(token_sealer_seal(&sealer,
                                    &(ClickToken){.search_id = 1,
                                                  .issued_at_us = now_us,
                                                  .confirmed_at_us = now_us,
                                                  .position = 1,
                                                  .source = STR("acme"),
                                                  .listing_id = STR("1"),
                                                  .url = STR("https://acme.example/1")},
                                    text));
    return text;
}

static bool
opens(const TokenKeyRing *ring, const GString *text, int64_t now_us)
{
    g_autoptr(Arena) arena = arena_new(1024);
    ClickToken token;

    return token_open(ring, str_of_gstring(text), now_us, LIFETIME, arena, &token, NULL);
}

static void
a_new_key_opens_at_once_and_seals_when_all_nodes_know_it(DbTest *test)
{
    SeededRandom random;
    TokenKeyRing before, after;
    uint8_t id;

    set_up(test, &random);
    before = load(test, &random.random);
    g_assert_cmpint(rotate(test, &random.random, NOW, &id), ==, 0);
    g_assert_cmpuint(id, ==, 2);
    after = load(test, &random.random);
    g_assert_cmpuint(after.count, ==, 2);
    for (int settled = 0; settled < 2; settled++) {
        int64_t now_us = NOW + (settled ? KEY_RING_SETTLE_US : KEY_RING_SETTLE_US - 1);
        TokenKeyRing at = key_ring_at(&after, now_us);
        g_autoptr(GString) old = seal(&before, &random.random, now_us), new = seal(&at, &random.random, now_us);

        g_assert_cmpuint(at.count, ==, 2);
        g_assert_cmpuint(at.keys[0].id, ==, settled ? 2 : 1);
        g_assert_true(opens(&at, old, now_us));
        g_assert_true(opens(&at, new, now_us));
        g_assert_cmpint(opens(&before, new, now_us), ==, !settled);
    }
    g_assert_cmpint(rotate(test, &random.random, NOW + KEY_RING_SETTLE_US - 1, &id), ==,
                    FAILS_WITH(WEIR_ERROR_CONFLICT));
    g_assert_cmpint(rotate(test, &random.random, NOW + KEY_RING_SETTLE_US, &id), ==, 0);
    g_assert_cmpuint(id, ==, 3);
}

static void
a_key_is_spent_when_the_last_link_of_it_has_expired_and_only_then(DbTest *test)
{
    SeededRandom random;
    TokenKeyRing ring, at;
    int64_t spent_us, last_us;
    g_autoptr(GString) last = NULL;
    uint8_t id;

    set_up(test, &random);
    load(test, &random.random);
    g_assert_cmpint(rotate(test, &random.random, NOW, &id), ==, 0);
    ring = load(test, &random.random);
    g_assert_cmpint(key_ring_spent_us(&ring, 1, LIFETIME, NOW), ==, INT64_MAX);
    g_assert_cmpint(key_ring_spent_us(&ring, 2, LIFETIME, NOW), ==, INT64_MAX);
    last_us = NOW + KEY_RING_SETTLE_US - 1;
    at = key_ring_at(&ring, last_us);
    g_assert_cmpuint(at.keys[0].id, ==, 1);
    last = seal(&at, &random.random, last_us);
    spent_us = key_ring_spent_us(&ring, 1, LIFETIME, NOW + KEY_RING_SETTLE_US);
    g_assert_true(opens(&ring, last, last_us + LIFETIME - US_PER_SECOND));
    g_assert_false(opens(&ring, last, spent_us));
    g_assert_cmpint(spent_us - last_us, <, LIFETIME + US_PER_HOUR);
    g_assert_cmpint(key_ring_spent_us(&ring, 2, LIFETIME, spent_us), ==, INT64_MAX);
}

static void
the_key_that_seals_stays_and_a_retired_one_opens_nothing(DbTest *test)
{
    SeededRandom random;
    TokenKeyRing ring;
    g_autoptr(GString) old = NULL;
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(GError) error = NULL;
    ClickToken token;
    uint8_t id;

    set_up(test, &random);
    ring = load(test, &random.random);
    old = seal(&ring, &random.random, NOW);
    g_assert_cmpint(retire(test, 1, NOW), ==, FAILS_WITH(WEIR_ERROR_CONFLICT));
    g_assert_cmpint(retire(test, 9, NOW), ==, FAILS_WITH(WEIR_ERROR_NOT_FOUND));
    g_assert_cmpint(rotate(test, &random.random, NOW, &id), ==, 0);
    g_assert_cmpint(retire(test, 1, NOW), ==, FAILS_WITH(WEIR_ERROR_CONFLICT));
    g_assert_cmpint(retire(test, 1, NOW + KEY_RING_SETTLE_US), ==, 0);
    ring = load(test, &random.random);
    g_assert_cmpuint(ring.count, ==, 1);
    g_assert_cmpuint(ring.keys[0].id, ==, 2);
    g_assert_false(token_open(&ring, str_of_gstring(old), NOW, LIFETIME, arena, &token, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_NOT_FOUND);
}

static void
other_secrets_stay_the_same_through_any_rotation_and_retirement(DbTest *test)
{
    SeededRandom random;
    TokenKeyRing ring;
    uint8_t first[KEY_RING_SECRET_BYTES], now[KEY_RING_SECRET_BYTES], other[KEY_RING_SECRET_BYTES], id;
    int64_t now_us = NOW;

    set_up(test, &random);
    ring = load(test, &random.random);
    key_ring_secret(&ring, "visitor", first);
    for (int i = 0; i < 300; i++) { /* so that numbers begin again */
        g_assert_cmpint(rotate(test, &random.random, now_us, &id), ==, 0);
        now_us += KEY_RING_SETTLE_US;
        ring = load(test, &random.random);
        key_ring_secret(&ring, "visitor", now);
        g_assert_cmpmem(now, sizeof now, first, sizeof first);
        if (ring.count > 3)
            g_assert_cmpint(retire(test, ring.keys[ring.count - 1].id, now_us), ==, 0);
    }
    key_ring_secret(&ring, "another", other);
    g_assert_false(memcmp(other, first, sizeof first) == 0);
}

/* Two keys without a root were written by hand, when there was no other way. */
static void
a_ring_that_was_rotated_by_hand_keeps_its_other_secrets_too(DbTest *test)
{
    static const TokenKeyRing BY_HAND = {.count = 2, .keys = {{.id = 2, .key = {2}}, {.id = 1, .key = {1}}}};
    SeededRandom random;
    g_autoptr(GString) text = g_string_new("INSERT INTO setting (name, value) VALUES ('token_keys', '");
    uint8_t before[KEY_RING_SECRET_BYTES], after[KEY_RING_SECRET_BYTES], id;
    TokenKeyRing ring;

    set_up(test, &random);
    key_ring_format(&BY_HAND, text);
    g_string_append(text, "')");
    db_test_exec(test->db, text->str);
    ring = load(test, &random.random);
    key_ring_secret(&ring, "visitor", before);
    g_assert_cmpint(rotate(test, &random.random, NOW, &id), ==, 0);
    ring = load(test, &random.random);
    key_ring_secret(&ring, "visitor", after);
    g_assert_cmpmem(before, sizeof before, after, sizeof after);
}

static void
there_are_at_most_eight_keys(DbTest *test)
{
    SeededRandom random;
    uint8_t id;

    set_up(test, &random);
    load(test, &random.random);
    for (int i = 1; i < TOKEN_KEYS; i++)
        g_assert_cmpint(rotate(test, &random.random, NOW + i * KEY_RING_SETTLE_US, &id), ==, 0);
    g_assert_cmpint(rotate(test, &random.random, NOW + US_PER_DAY, &id), ==, FAILS_WITH(WEIR_ERROR_LIMIT));
}

static void
a_ring_is_written_and_read_as_it_was_and_old_texts_are_read_too(void)
{
    static const char SECRET[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    g_autofree char *old = g_strdup_printf("1 %s\n", SECRET);
    g_autofree char *new = g_strdup_printf("root %s\n7 %s 1795500000\n1 %s\n", SECRET, SECRET, SECRET);
    const char *const texts[] = {old, new};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GString) back = g_string_new(NULL);
        g_autoptr(GError) error = NULL;
        TokenKeyRing ring;

        if (!key_ring_parse(str_of(texts[i]), &ring, &error))
            g_assert_no_error(error);
        key_ring_format(&ring, back);
        g_assert_cmpstr(back->str, ==, texts[i]);
    }
}

static void
a_text_that_is_no_ring_is_refused_and_shows_no_key(void)
{
    static const char SECRET[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    static const struct {
        const char *text, *message; /* "@" stands for the secret */
    } CASES[] = {
        {"", "no key"},
        {"root @\n", "no key"},
        {"1 @\n1 @\n", "line 2: key 1 is there twice"},
        {"0 @\n", "line 1: "},
        {"256 @\n", "line 1: "},
        {"1 @ff\n", "line 1: "},
        {"1 @ -1\n", "line 1: "},
        {"1 @ 9223372036854775807\n", "line 1: "},
        {"1 @ 5 5\n", "line 1: "},
        {"1 @\nroot @\n", "line 2: "},
        {"root @\nroot @\n1 @\n", "line 2: "},
        {"root 00\n1 @\n", "line 1: "},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GString) text = g_string_new(CASES[i].text);
        g_autoptr(GError) error = NULL;
        TokenKeyRing ring;

        g_string_replace(text, "@", SECRET, 0);
        g_assert_false(key_ring_parse(str_of_gstring(text), &ring, &error));
        g_assert_true(g_str_has_prefix(error->message, CASES[i].message));
        g_assert_null(strstr(error->message, "0001020304"));
    }
}

/* Whoever holds the first ring finds the newest, however they go on. */
static gpointer
look_for_newer(gpointer data)
{
    const TokenKeyRing *first = data;
    uint8_t last = 0;

    while (last < 200) {
        uint8_t id = token_key_ring_now(first)->keys[0].id;

        g_assert_cmpuint(id, >=, last);
        last = id;
    }
    return NULL;
}

static void
readers_find_the_newest_ring_while_it_is_replaced(void)
{
    TokenKeyRing first = {.count = 1, .keys = {{.id = 1}}};
    GThread *readers[3];

    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++)
        readers[i] = g_thread_new("reader", look_for_newer, &first);
    for (uint8_t id = 2; id <= 200; id++)
        token_key_ring_replace(&first, &(TokenKeyRing){.count = 1, .keys = {{.id = id}}});
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++)
        g_thread_join(readers[i]);
    token_key_ring_clear(&first);
    g_assert_null(first.newer);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    DB_TEST("key_ring", a_new_key_opens_at_once_and_seals_when_all_nodes_know_it);
    DB_TEST("key_ring", a_key_is_spent_when_the_last_link_of_it_has_expired_and_only_then);
    DB_TEST("key_ring", the_key_that_seals_stays_and_a_retired_one_opens_nothing);
    DB_TEST("key_ring", other_secrets_stay_the_same_through_any_rotation_and_retirement);
    DB_TEST("key_ring", a_ring_that_was_rotated_by_hand_keeps_its_other_secrets_too);
    DB_TEST("key_ring", there_are_at_most_eight_keys);
    g_test_add_func("/key_ring/a_ring_is_written_and_read_as_it_was_and_old_texts_are_read_too",
                    a_ring_is_written_and_read_as_it_was_and_old_texts_are_read_too);
    g_test_add_func("/key_ring/a_text_that_is_no_ring_is_refused_and_shows_no_key",
                    a_text_that_is_no_ring_is_refused_and_shows_no_key);
    g_test_add_func("/key_ring/readers_find_the_newest_ring_while_it_is_replaced",
                    readers_find_the_newest_ring_while_it_is_replaced);
    return db_test_run();
}
