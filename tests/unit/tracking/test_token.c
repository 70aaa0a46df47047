#include "tracking/token.h"

#include "base/clock.h"
#include "base/error.h"

#define NOW      INT64_C(1800000000000000)
#define LIFETIME (30 * US_PER_DAY)

typedef struct {
    TokenKeyRing ring;
    SeededRandom random;
    Arena *arena;
    GString *text;
    bool in_parts;
} Fixture;

static void
fixture_set_up(Fixture *f, gconstpointer in_parts)
{
    f->in_parts = in_parts != NULL;
    seeded_random_init(&f->random, 7);
    f->ring.count = 1;
    f->ring.keys[0].id = 1;
    random_fill(&f->random.random, f->ring.keys[0].key, TOKEN_KEY_BYTES);
    f->arena = arena_new(4096);
    f->text = g_string_new(NULL);
}

static void
fixture_tear_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    arena_free(f->arena);
    g_string_free(f->text, TRUE);
}

static ClickToken
example(void)
{
    return (ClickToken){.search_id = 123456789012345678,
                        .issued_at_us = NOW,
                        .confirmed_at_us = NOW - US_PER_HOUR - 5 * US_PER_SECOND,
                        .position = 3,
                        .source = STR("acme"),
                        .listing_id = STR("a/b?c=1&d=\xc3\xa9"),
                        .url = STR("https://acme.example/apply?id=1&x=%20#top"),
                        .bid = {450000, {"USD"}}};
}

/* In the form that the test is about: of one piece, or an offer with its stamp. */
static bool
seal_with(Fixture *f, TokenSealer *sealer, const ClickToken *token, GString *to)
{
    TokenStamper stamper;
    TokenOffer offer;
    char stamp[TOKEN_STAMP_SIZE];

    if (!f->in_parts)
        return token_sealer_seal(sealer, token, to);
    if (!token_sealer_offer(sealer, token, to, &offer))
        return false;
    token_stamper_init(&stamper, &f->ring, token->search_id, token->issued_at_us);
    token_stamp(&stamper, &offer, token->position, stamp);
    g_string_append_len(to, stamp, sizeof stamp);
    return true;
}

static bool
seal(Fixture *f, const ClickToken *token, GString *to)
{
    TokenSealer sealer;

    token_sealer_init(&sealer, &f->ring, &f->random.random);
    return seal_with(f, &sealer, token, to);
}

static WeirError
refused(Fixture *f, Str text, int64_t now_us)
{
    g_autoptr(GError) error = NULL;
    ClickToken token;

    g_assert_false(token_open(&f->ring, text, now_us, LIFETIME, f->arena, &token, &error));
    g_assert_nonnull(error);
    return weir_error_code(error);
}

static ClickToken
opened(Fixture *f, Str text, int64_t now_us)
{
    g_autoptr(GError) error = NULL;
    ClickToken token = {0};

    g_assert_true(token_open(&f->ring, text, now_us, LIFETIME, f->arena, &token, &error));
    g_assert_no_error(error);
    return token;
}

static void
assert_same(const ClickToken *a, const ClickToken *b)
{
    g_assert_cmpint(a->search_id, ==, b->search_id);
    g_assert_cmpint(a->issued_at_us / US_PER_SECOND, ==, b->issued_at_us / US_PER_SECOND);
    g_assert_cmpint(a->confirmed_at_us / US_PER_SECOND, ==, b->confirmed_at_us / US_PER_SECOND);
    g_assert_cmpuint(a->position, ==, b->position);
    g_assert_true(str_equal(a->source, b->source));
    g_assert_true(str_equal(a->listing_id, b->listing_id));
    g_assert_true(str_equal(a->url, b->url));
    g_assert_cmpint(a->bid.micros, ==, b->bid.micros);
    g_assert_cmpstr(a->bid.currency.code, ==, b->bid.currency.code);
}

static void
what_was_sealed_is_what_opens(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example(), found;

    g_assert_true(seal(f, &token, f->text));
    found = opened(f, str_of_gstring(f->text), NOW);
    assert_same(&token, &found);
    g_assert_cmpuint(f->text->len, <, f->in_parts ? 260 : 220);
    g_assert_cmpuint(strspn(f->text->str, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."), ==,
                     f->text->len);
}

static void
any_bytes_in_any_text_round_trip(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    for (int round = 0; round < 500; round++) {
        char url[TOKEN_URL_LIMIT], id[TOKEN_NAME_LIMIT];
        ClickToken token = example(), found;

        random_fill(&f->random.random, url, sizeof url);
        random_fill(&f->random.random, id, sizeof id);
        token.url = (Str){url, random_below(&f->random.random, sizeof url + 1)};
        token.listing_id = (Str){id, random_below(&f->random.random, sizeof id + 1)};
        token.search_id = (Id)(random_u64(&f->random.random) >> 1);
        token.confirmed_at_us = (int64_t)random_u64(&f->random.random);
        token.position = (uint32_t)random_u64(&f->random.random);
        token.bid = (Money){(int64_t)random_u64(&f->random.random), {""}};
        g_string_truncate(f->text, 0);
        g_assert_true(seal(f, &token, f->text));
        g_assert_cmpuint(f->text->len, <=, TOKEN_TEXT_LIMIT);
        found = opened(f, str_of_gstring(f->text), NOW);
        assert_same(&token, &found);
        arena_reset(f->arena);
    }
}

static void
every_alteration_of_one_character_is_refused(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example();

    g_assert_true(seal(f, &token, f->text));
    for (size_t i = 0; i < f->text->len; i++) {
        char kept = f->text->str[i];

        for (int c = 0; c < 256; c++) {
            WeirError code;

            if ((char)c == kept)
                continue;
            f->text->str[i] = (char)c;
            code = refused(f, str_of_gstring(f->text), NOW);
            /* Or it is the key's number that was altered. */
            g_assert_true(code == WEIR_ERROR_INVALID || (code == WEIR_ERROR_NOT_FOUND && i < 3));
            arena_reset(f->arena);
        }
        f->text->str[i] = kept;
    }
    opened(f, str_of_gstring(f->text), NOW);
}

static void
every_truncation_and_extension_is_refused(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example();

    g_assert_true(seal(f, &token, f->text));
    for (size_t size = 0; size < f->text->len; size++)
        g_assert_cmpint(refused(f, (Str){f->text->str, size}, NOW), ==, WEIR_ERROR_INVALID);
    g_assert_cmpint(refused(f, STR_NONE, NOW), ==, WEIR_ERROR_INVALID);
    g_string_append_c(f->text, 'A');
    g_assert_cmpint(refused(f, str_of_gstring(f->text), NOW), ==, WEIR_ERROR_INVALID);
    g_string_set_size(f->text, 100000);
    memset(f->text->str, 'A', 100000);
    g_assert_cmpint(refused(f, str_of_gstring(f->text), NOW), ==, WEIR_ERROR_INVALID);
}

static void
a_token_of_another_ring_is_refused(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example();

    g_assert_true(seal(f, &token, f->text));
    f->ring.keys[0].key[31] ^= 1;
    g_assert_cmpint(refused(f, str_of_gstring(f->text), NOW), ==, WEIR_ERROR_INVALID);
    f->ring.keys[0].key[31] ^= 1;
    f->ring.keys[0].id = 2;
    g_assert_cmpint(refused(f, str_of_gstring(f->text), NOW), ==, WEIR_ERROR_NOT_FOUND);
}

static void
a_token_opens_until_its_lifetime_is_over(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example();

    g_assert_true(seal(f, &token, f->text));
    opened(f, str_of_gstring(f->text), NOW + LIFETIME);
    opened(f, str_of_gstring(f->text), NOW - US_PER_HOUR); /* another node's clock may be ahead */
    g_assert_cmpint(refused(f, str_of_gstring(f->text), NOW + LIFETIME + US_PER_SECOND), ==, WEIR_ERROR_LIMIT);
}

/* Sealed by the program that made version 1, of example(), with the fixture's key: links live on when a server is renewed. */
static const char VERSION_1[] =
    "AQHaIR5qZjvTcxGqvsuGvto_AAAAAAAAAAAQiCNrjC6v431PeLLJgO9zG9LDy3Oad68MsbuOYjAhqfqBn1cXnvOl1kA6"
    "k3PmiND_15rkSeLsbc_XcTvGv7FqjxAAZWHNXus6w2G7dkQNA7PvI136wCjxLfjnpprzUJrEgA";

static void
a_token_of_version_1_counts_as_confirmed_when_it_was_issued(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example(), found = opened(f, STR(VERSION_1), NOW);

    token.confirmed_at_us = token.issued_at_us;
    assert_same(&token, &found);
}

static void
a_token_of_one_version_is_none_of_another(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example();

    g_assert_true(seal(f, &token, f->text));
    g_assert_cmpint(f->text->str[1], ==, f->in_parts ? 'w' : 'g'); /* the last bits of the version */
    f->text->str[1] = f->in_parts ? 'g' : 'w';
    g_assert_cmpint(refused(f, str_of_gstring(f->text), NOW), ==, WEIR_ERROR_INVALID);
    f->text->str[1] = 'Q'; /* version 1 */
    g_assert_cmpint(refused(f, str_of_gstring(f->text), NOW), ==, WEIR_ERROR_INVALID);
}

static void
after_a_rotation_the_old_key_opens_and_the_new_one_seals(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example();
    TokenKeyRing old = f->ring;
    g_autoptr(GString) after = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(seal(f, &token, f->text));
    f->ring.keys[1] = f->ring.keys[0];
    f->ring.keys[0].id = 2;
    random_fill(&f->random.random, f->ring.keys[0].key, TOKEN_KEY_BYTES);
    f->ring.count = 2;
    g_assert_true(seal(f, &token, after));

    opened(f, str_of_gstring(f->text), NOW);
    opened(f, str_of_gstring(after), NOW);
    g_assert_false(token_open(&old, str_of_gstring(after), NOW, LIFETIME, f->arena, &token, &error));
    g_assert_nonnull(strstr(error->message, "key 2"));
}

static void
the_same_click_sealed_twice_gives_two_texts(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example();
    g_autoptr(GString) second = g_string_new(NULL);

    g_assert_true(seal(f, &token, f->text));
    g_assert_true(seal(f, &token, second));
    g_assert_cmpstr(f->text->str, !=, second->str);
}

static void
texts_over_the_limits_do_not_fit(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char LONG[TOKEN_URL_LIMIT + 1] = {'x'};
    ClickToken token = example();

    token.url = (Str){LONG, TOKEN_URL_LIMIT};
    g_assert_true(token_fits(&token));
    g_assert_true(seal(f, &token, f->text));
    g_string_truncate(f->text, 0);
    token.url.size++;
    g_assert_false(token_fits(&token));
    g_assert_false(seal(f, &token, f->text));
    g_assert_cmpuint(f->text->len, ==, 0);
    token = example();
    token.listing_id = (Str){LONG, TOKEN_NAME_LIMIT};
    g_assert_true(token_fits(&token));
    token.listing_id.size++;
    g_assert_false(token_fits(&token));
}

static void
tokens_of_one_answer_open_each_by_itself_and_share_no_nonce(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(GHashTable) nonces = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (int answer = 0; answer < 20; answer++) {
        TokenSealer sealer;

        token_sealer_init(&sealer, &f->ring, &f->random.random);
        for (uint32_t position = 1; position <= 50; position++) {
            ClickToken token = example(), found;

            token.position = position;
            g_string_truncate(f->text, 0);
            g_assert_true(seal_with(f, &sealer, &token, f->text));
            found = opened(f, str_of_gstring(f->text), NOW);
            assert_same(&token, &found);
            /* Version, key and nonce: the first 26 bytes, but for the last two bits of 35 characters. */
            g_assert_true(g_hash_table_add(nonces, g_strndup(f->text->str, 35)));
        }
    }
}

static void
a_stamp_goes_with_its_own_offer_only(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example(), found;
    TokenSealer sealer;
    TokenStamper stamper;
    TokenOffer offers[2];
    g_autoptr(GString) first = g_string_new(NULL), second = g_string_new(NULL);
    GString *texts[] = {first, second};

    token_sealer_init(&sealer, &f->ring, &f->random.random);
    for (size_t i = 0; i < G_N_ELEMENTS(offers); i++)
        g_assert_true(token_sealer_offer(&sealer, &token, texts[i], &offers[i]));
    token_stamper_init(&stamper, &f->ring, 1, NOW);
    token_stamper_turn(&stamper, 77, NOW + US_PER_HOUR);
    for (size_t i = 0; i < G_N_ELEMENTS(offers); i++) {
        for (size_t k = 0; k < G_N_ELEMENTS(offers); k++) {
            char stamp[TOKEN_STAMP_SIZE];

            g_string_assign(f->text, texts[i]->str);
            token_stamp(&stamper, &offers[k], 9, stamp);
            g_string_append_len(f->text, stamp, sizeof stamp);
            if (i != k) {
                g_assert_cmpint(refused(f, str_of_gstring(f->text), NOW), ==, WEIR_ERROR_INVALID);
                continue;
            }
            /* Search, moment and position are the stamp's, whatever the offer was sealed with. */
            found = opened(f, str_of_gstring(f->text), NOW);
            g_assert_cmpint(found.search_id, ==, 77);
            g_assert_cmpint(found.issued_at_us, ==, NOW + US_PER_HOUR);
            g_assert_cmpuint(found.position, ==, 9);
            g_assert_true(str_equal(found.url, token.url));
        }
    }
    /* Alone, an offer is no token. */
    g_assert_cmpint(refused(f, str_of_gstring(texts[0]), NOW), ==, WEIR_ERROR_INVALID);
}

static void
after_a_rotation_offers_are_to_be_made_anew(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    ClickToken token = example();
    TokenSealer sealer;
    TokenStamper stamper;
    TokenOffer offer;

    token_sealer_init(&sealer, &f->ring, &f->random.random);
    g_assert_true(token_sealer_offer(&sealer, &token, f->text, &offer));
    token_stamper_init(&stamper, &f->ring, 1, NOW);
    g_assert_true(token_stamper_knows(&stamper, &offer));
    g_assert_true(token_stamper_is_newest(&stamper, &f->ring));
    f->ring.keys[1] = f->ring.keys[0];
    f->ring.keys[0].id = 2;
    f->ring.count = 2;
    g_assert_false(token_stamper_is_newest(&stamper, &f->ring));
    token_stamper_init(&stamper, &f->ring, 1, NOW);
    g_assert_false(token_stamper_knows(&stamper, &offer));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, test)                                                                                                \
    g_test_add("/token/" name, Fixture, NULL, fixture_set_up, test, fixture_tear_down);                                \
    g_test_add("/token/in_parts/" name, Fixture, "in parts", fixture_set_up, test, fixture_tear_down)
    ADD("what_was_sealed_is_what_opens", what_was_sealed_is_what_opens);
    ADD("any_bytes_in_any_text_round_trip", any_bytes_in_any_text_round_trip);
    ADD("every_alteration_of_one_character_is_refused", every_alteration_of_one_character_is_refused);
    ADD("every_truncation_and_extension_is_refused", every_truncation_and_extension_is_refused);
    ADD("a_token_of_another_ring_is_refused", a_token_of_another_ring_is_refused);
    ADD("a_token_opens_until_its_lifetime_is_over", a_token_opens_until_its_lifetime_is_over);
    ADD("a_token_of_version_1_counts_as_confirmed_when_it_was_issued",
        a_token_of_version_1_counts_as_confirmed_when_it_was_issued);
    ADD("a_token_of_one_version_is_none_of_another", a_token_of_one_version_is_none_of_another);
    ADD("after_a_rotation_the_old_key_opens_and_the_new_one_seals",
        after_a_rotation_the_old_key_opens_and_the_new_one_seals);
    ADD("the_same_click_sealed_twice_gives_two_texts", the_same_click_sealed_twice_gives_two_texts);
    ADD("tokens_of_one_answer_open_each_by_itself_and_share_no_nonce",
        tokens_of_one_answer_open_each_by_itself_and_share_no_nonce);
    ADD("texts_over_the_limits_do_not_fit", texts_over_the_limits_do_not_fit);
    g_test_add("/token/a_stamp_goes_with_its_own_offer_only", Fixture, NULL, fixture_set_up,
               a_stamp_goes_with_its_own_offer_only, fixture_tear_down);
    g_test_add("/token/after_a_rotation_offers_are_to_be_made_anew", Fixture, NULL, fixture_set_up,
               after_a_rotation_offers_are_to_be_made_anew, fixture_tear_down);
    return g_test_run();
}
