/* How much remembered pages may take. */
#include "engine_fixture.h"

#include "search/pages.h"

#define LIMIT_BYTES (UINT64_C(1) << 20)

typedef struct {
    FakeClock clock;
    SourceSet *sources;
    PageStore *store;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    fake_clock_init(&f->clock, START_US);
    f->sources = fixture_load_definitions();
    f->store = page_store_new(&f->clock.clock, LIMIT_BYTES, 10 * US_PER_MINUTE);
}

static void
tear_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    page_store_free(f->store);
    source_set_unref(f->sources);
}

/* One more answer, of so many bytes, becomes part of the pages. */
static void
grow(Pages *pages, size_t bytes)
{
    SourceReply *reply = source_reply_new();
    Listing listing = {.source = STR("alpha"), .id = STR("1"), .title = STR("Nurse")};
    g_autofree char *text = g_strnfill(bytes, 'a');

    listing.snippet = (Str){text, bytes};
    source_reply_add(reply, &listing);
    pages_keep_reply(pages, reply);
    source_reply_unref(reply);
}

static bool
is_kept(Fixture *f, const char *key)
{
    g_autoptr(Pages) pages = page_store_find(f->store, str_of(key));

    return pages != NULL;
}

static void
the_longest_untouched_ones_give_way(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const KEYS[] = {"a", "b", "c"};

    for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++) {
        g_autoptr(Pages) pages = pages_new(f->sources, (Id)i, 1);

        grow(pages, LIMIT_BYTES * 2 / 5);
        page_store_keep(f->store, str_of(KEYS[i]), pages);
    }
    g_assert_false(is_kept(f, "a"));
    g_assert_true(is_kept(f, "b"));
    g_assert_true(is_kept(f, "c"));
}

static void
pages_under_two_keys_are_counted_once(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Pages) pages = pages_new(f->sources, 1, 1);

    grow(pages, LIMIT_BYTES * 2 / 3);
    page_store_keep(f->store, STR("visitor"), pages);
    page_store_keep(f->store, STR("cursor"), pages);
    g_assert_true(is_kept(f, "visitor"));
    g_assert_true(is_kept(f, "cursor"));
}

static void
what_pages_have_grown_by_counts_though_they_are_kept_under_another_key(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    g_autoptr(Pages) other = pages_new(f->sources, 1, 1), pages = pages_new(f->sources, 2, 1);

    grow(other, LIMIT_BYTES / 10);
    page_store_keep(f->store, STR("other"), other);
    for (int page = 1; page <= 5; page++) {
        g_assert_true(is_kept(f, "other"));
        grow(pages, LIMIT_BYTES / 5);
        page_store_keep(f->store, STR("visitor"), pages);
        page_store_keep(f->store, STR("cursor"), pages);
    }
    g_assert_false(is_kept(f, "other"));
}

#define TEST(name) g_test_add("/search/pages/" #name, Fixture, NULL, set_up, name, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(the_longest_untouched_ones_give_way);
    TEST(pages_under_two_keys_are_counted_once);
    TEST(what_pages_have_grown_by_counts_though_they_are_kept_under_another_key);
    return g_test_run();
}
