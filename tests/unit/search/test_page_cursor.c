#include "search/page_cursor.h"

#define NOW_US (INT64_C(1795500000) * US_PER_SECOND)

typedef struct {
    Arena *arena;
    SeededRandom random;
    TokenKeyRing ring;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
    (void)unused;
    f->arena = arena_new(16384);
    seeded_random_init(&f->random, 3);
    f->ring.count = 2;
    for (size_t i = 0; i < 2; i++) {
        f->ring.keys[i].id = (uint8_t)(2 - i);
        random_fill(&f->random.random, f->ring.keys[i].key, TOKEN_KEY_BYTES);
    }
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
    (void)unused;
    arena_free(f->arena);
}

static Str
seal(Fixture *f, size_t shown_count)
{
    ShownKeys shown[CURSOR_SHOWN_LIMIT + 1];
    PageCursor cursor = {77, 3, NOW_US, shown, shown_count};

    for (size_t i = 0; i < shown_count; i++)
        shown[i] = (ShownKeys){(uint32_t)i * 70000001U, (uint32_t)i};
    return page_cursor_seal(&cursor, STR("nurse"), &f->ring, &f->random.random, f->arena);
}

static void
assert_refused(Fixture *f, Str text, Str question, int64_t now_us, WeirError code)
{
    g_autoptr(GError) error = NULL;
    PageCursor cursor;

    g_assert_false(page_cursor_open(text, question, &f->ring, now_us, f->arena, &cursor, &error));
    g_assert_error(error, WEIR_ERROR, (gint)code);
    g_assert_true(g_str_has_prefix(error->message, "cursor: "));
}

static void
what_is_sealed_is_opened(Fixture *f, gconstpointer unused)
{
    const size_t counts[] = {0, 1, 20, CURSOR_SHOWN_LIMIT};

    (void)unused;
    for (size_t c = 0; c < G_N_ELEMENTS(counts); c++) {
        g_autoptr(GError) error = NULL;
        Str text = seal(f, counts[c]);
        PageCursor cursor;

        g_assert_cmpuint(text.size, <=, CURSOR_TEXT_LIMIT);
        g_assert_true(page_cursor_open(text, STR("nurse"), &f->ring, NOW_US + US_PER_HOUR, f->arena, &cursor, &error));
        g_assert_no_error(error);
        g_assert_cmpint(cursor.pages, ==, 77);
        g_assert_cmpint(cursor.page, ==, 3);
        g_assert_cmpint(cursor.issued_at_us, ==, NOW_US);
        g_assert_cmpuint(cursor.shown_count, ==, counts[c]);
        for (size_t i = 0; i < counts[c]; i++) {
            g_assert_cmpuint(cursor.shown[i].id, ==, (uint32_t)i * 70000001U);
            g_assert_cmpuint(cursor.shown[i].position, ==, i);
        }
    }
}

static void
more_than_fits_makes_none(Fixture *f, gconstpointer unused)
{
    (void)unused;
    g_assert_null(seal(f, CURSOR_SHOWN_LIMIT + 1).at);
}

static void
an_older_key_opens_and_an_unknown_one_does_not(Fixture *f, gconstpointer unused)
{
    Str text = seal(f, 5);
    TokenKey newest = f->ring.keys[0];
    g_autoptr(GError) error = NULL;
    PageCursor cursor;

    (void)unused;
    f->ring.keys[0] = f->ring.keys[1];
    f->ring.keys[1] = newest;
    g_assert_true(page_cursor_open(text, STR("nurse"), &f->ring, NOW_US, f->arena, &cursor, &error));
    f->ring.count = 1;
    assert_refused(f, text, STR("nurse"), NOW_US, WEIR_ERROR_INVALID);
}

static void
another_question_a_change_and_an_age_are_refused(Fixture *f, gconstpointer unused)
{
    Str text = seal(f, 5);

    (void)unused;
    assert_refused(f, text, STR("nurses"), NOW_US, WEIR_ERROR_INVALID);
    assert_refused(f, text, STR("nurse"), NOW_US + CURSOR_LIFETIME_US + US_PER_SECOND, WEIR_ERROR_NOT_FOUND);
    assert_refused(f, STR(""), STR("nurse"), NOW_US, WEIR_ERROR_INVALID);
    assert_refused(f, STR("AQE"), STR("nurse"), NOW_US, WEIR_ERROR_INVALID);
    assert_refused(f, STR("no cursor at all"), STR("nurse"), NOW_US, WEIR_ERROR_INVALID);
    for (size_t i = 0; i < text.size; i++) {
        g_autofree char *changed = str_dup(text);

        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        if (i + 1 < text.size) /* the last letter has bits that mean nothing */
            assert_refused(f, str_of(changed), STR("nurse"), NOW_US, WEIR_ERROR_INVALID);
        assert_refused(f, str_slice(text, 0, i), STR("nurse"), NOW_US, WEIR_ERROR_INVALID);
    }
}

#define TEST(name) g_test_add("/search/" #name, Fixture, NULL, set_up, name, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(what_is_sealed_is_opened);
    TEST(more_than_fits_makes_none);
    TEST(an_older_key_opens_and_an_unknown_one_does_not);
    TEST(another_question_a_change_and_an_age_are_refused);
    return g_test_run();
}
