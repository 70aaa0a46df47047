#include "tracking/event.h"

#include "base/error.h"
#include "base/random.h"
#include "tracking/bytes.h"

static Str
random_text(Random *random, Arena *arena)
{
    size_t size = random_below(random, 40);
    char *bytes = arena_alloc(arena, size + 1);

    if (random_below(random, 8) == 0)
        return STR_NONE;
    random_fill(random, bytes, size);
    return (Str){bytes, size};
}

static Money
random_money(Random *random)
{
    static const Currency CURRENCIES[] = {{""}, {"USD"}, {"EUR"}};

    return (Money){(int64_t)random_u64(random), CURRENCIES[random_below(random, G_N_ELEMENTS(CURRENCIES))]};
}

static const ShownListing *
random_shown(Random *random, Arena *arena, size_t *ret_count)
{
    size_t count = random_below(random, 30);
    ShownListing *shown = ARENA_ARRAY(arena, ShownListing, count);

    for (size_t i = 0; i < count; i++)
        shown[i] = (ShownListing){random_text(random, arena), random_text(random, arena), random_text(random, arena),
                                  random_money(random)};
    *ret_count = count;
    return shown;
}

static SearchEvent
random_search(Random *random, Arena *arena)
{
    size_t count;
    const ShownListing *shown = random_shown(random, arena, &count);
    Id page_id = random_below(random, 2) == 1 ? (Id)(random_u64(random) >> 1) : ID_NONE;

    return (SearchEvent){.id = (Id)(random_u64(random) >> 1),
                         .at_us = (int64_t)random_u64(random),
                         .keywords = random_text(random, arena),
                         .location = random_text(random, arena),
                         .country = random_text(random, arena),
                         .mode = random_text(random, arena),
                         .client = random_text(random, arena),
                         .took_us = (int64_t)random_below(random, 1u << 30),
                         .partial = random_below(random, 2) == 1,
                         .shown = page_id == ID_NONE ? shown : NULL,
                         .shown_count = count,
                         .sources = page_id == ID_NONE ? random_text(random, arena) : STR_NONE,
                         .page_id = page_id};
}

static PageEvent
random_page(Random *random, Arena *arena)
{
    PageEvent page = {.id = (Id)(random_u64(random) >> 1),
                      .made_at_us = (int64_t)random_u64(random),
                      .sources = random_text(random, arena)};

    page.shown = random_shown(random, arena, &page.shown_count);
    return page;
}

static ClickEvent
random_click(Random *random, Arena *arena)
{
    return (ClickEvent){.id = (Id)(random_u64(random) >> 1),
                        .at_us = (int64_t)random_u64(random),
                        .search_id = (Id)(random_u64(random) >> 1),
                        .position = (uint32_t)random_u64(random),
                        .source = random_text(random, arena),
                        .listing_id = random_text(random, arena),
                        .bid = random_money(random),
                        .flags = (unsigned)random_below(random, 64),
                        .sub_id = random_text(random, arena),
                        .visitor_hash = random_text(random, arena),
                        .user_agent_family = random_text(random, arena)};
}

static void
assert_text(Str a, Str b)
{
    g_assert_true((a.at == NULL) == (b.at == NULL));
    g_assert_true(str_equal(a, b));
}

static void
assert_money(Money a, Money b)
{
    g_assert_cmpint(a.micros, ==, b.micros);
    g_assert_cmpstr(a.currency.code, ==, b.currency.code);
}

static void
assert_shown(const ShownListing *a, const ShownListing *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_text(a[i].source, b[i].source);
        assert_text(a[i].listing_id, b[i].listing_id);
        assert_text(a[i].title, b[i].title);
        assert_money(a[i].bid, b[i].bid);
    }
}

static void
a_search_reads_as_it_was_written(void)
{
    SeededRandom random;
    g_autoptr(Arena) arena = arena_new(65536);
    g_autoptr(GString) bytes = g_string_new(NULL);

    seeded_random_init(&random, 1);
    for (int round = 0; round < 500; round++) {
        SearchEvent wrote = random_search(&random.random, arena), read;
        g_autoptr(GError) error = NULL;

        g_string_truncate(bytes, 0);
        event_write_search(&wrote, bytes);
        g_assert_true(event_read_search(str_of_gstring(bytes), arena, &read, &error));
        g_assert_cmpint(read.id, ==, wrote.id);
        g_assert_cmpint(read.at_us, ==, wrote.at_us);
        g_assert_cmpint(read.took_us, ==, wrote.took_us);
        g_assert_cmpint(read.partial, ==, wrote.partial);
        assert_text(read.keywords, wrote.keywords);
        assert_text(read.location, wrote.location);
        assert_text(read.country, wrote.country);
        assert_text(read.mode, wrote.mode);
        assert_text(read.client, wrote.client);
        assert_text(read.sources, wrote.sources);
        g_assert_cmpuint(read.shown_count, ==, wrote.shown_count);
        g_assert_cmpint(read.page_id, ==, wrote.page_id);
        if (wrote.page_id == ID_NONE)
            assert_shown(read.shown, wrote.shown, read.shown_count);
        else
            g_assert_null(read.shown);
        arena_reset(arena);
    }
}

static void
a_page_reads_as_it_was_written(void)
{
    SeededRandom random;
    g_autoptr(Arena) arena = arena_new(65536);
    g_autoptr(GString) bytes = g_string_new(NULL);

    seeded_random_init(&random, 5);
    for (int round = 0; round < 500; round++) {
        PageEvent wrote = random_page(&random.random, arena), read;
        g_autoptr(GError) error = NULL;

        g_string_truncate(bytes, 0);
        event_write_page(&wrote, bytes);
        g_assert_true(event_read_page(str_of_gstring(bytes), arena, &read, &error));
        g_assert_cmpint(read.id, ==, wrote.id);
        g_assert_cmpint(read.made_at_us, ==, wrote.made_at_us);
        assert_text(read.sources, wrote.sources);
        g_assert_cmpuint(read.shown_count, ==, wrote.shown_count);
        assert_shown(read.shown, wrote.shown, read.shown_count);
        arena_reset(arena);
    }
}

/* They may have waited in a spool while Weir was brought up to date. */
static void
a_search_of_the_version_before_is_read(void)
{
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GString) bytes = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    SearchEvent read;

    bytes_put_unsigned(bytes, 1);
    bytes_put_unsigned(bytes, EVENT_SEARCH);
    bytes_put_signed(bytes, 7);
    bytes_put_signed(bytes, 1000);
    for (int i = 0; i < 5; i++)
        bytes_put_text(bytes, STR("text"));
    bytes_put_signed(bytes, 12);
    bytes_put_unsigned(bytes, 1);
    bytes_put_text(bytes, STR("[]"));
    bytes_put_unsigned(bytes, 1);
    for (int i = 0; i < 3; i++)
        bytes_put_text(bytes, STR("shown"));
    bytes_put_money(bytes, (Money){450000, {"USD"}});
    g_assert_true(event_read_search(str_of_gstring(bytes), arena, &read, &error));
    g_assert_no_error(error);
    g_assert_cmpint(read.id, ==, 7);
    g_assert_cmpint(read.page_id, ==, ID_NONE);
    g_assert_cmpuint(read.shown_count, ==, 1);
    g_assert_true(str_is(read.shown[0].title, "shown"));
    g_assert_true(str_is(read.sources, "[]"));
}

static void
a_click_reads_as_it_was_written(void)
{
    SeededRandom random;
    g_autoptr(Arena) arena = arena_new(65536);
    g_autoptr(GString) bytes = g_string_new(NULL);

    seeded_random_init(&random, 2);
    for (int round = 0; round < 2000; round++) {
        ClickEvent wrote = random_click(&random.random, arena), read;
        g_autoptr(GError) error = NULL;

        g_string_truncate(bytes, 0);
        event_write_click(&wrote, bytes);
        g_assert_true(event_read_click(str_of_gstring(bytes), &read, &error));
        g_assert_cmpint(read.id, ==, wrote.id);
        g_assert_cmpint(read.at_us, ==, wrote.at_us);
        g_assert_cmpint(read.search_id, ==, wrote.search_id);
        g_assert_cmpuint(read.position, ==, wrote.position);
        g_assert_cmpuint(read.flags, ==, wrote.flags);
        assert_text(read.source, wrote.source);
        assert_text(read.listing_id, wrote.listing_id);
        assert_text(read.sub_id, wrote.sub_id);
        assert_text(read.visitor_hash, wrote.visitor_hash);
        assert_text(read.user_agent_family, wrote.user_agent_family);
        assert_money(read.bid, wrote.bid);
        arena_reset(arena);
    }
}

static bool
read_any(EventKind kind, Str bytes, Arena *arena, GError **error)
{
    SearchEvent search;
    ClickEvent click;
    PageEvent page;

    switch (kind) {
    case EVENT_SEARCH:
        return event_read_search(bytes, arena, &search, error);
    case EVENT_PAGE:
        return event_read_page(bytes, arena, &page, error);
    case EVENT_CLICK:
        return event_read_click(bytes, &click, error);
    }
    g_assert_not_reached();
}

static void
every_truncation_and_every_extra_byte_is_invalid(void)
{
    SeededRandom random;
    g_autoptr(Arena) arena = arena_new(65536);

    seeded_random_init(&random, 3);
    for (int round = 0; round < 60; round++) {
        EventKind kind = (EventKind)(round % 3 + 1);
        SearchEvent search = random_search(&random.random, arena);
        ClickEvent click = random_click(&random.random, arena);
        PageEvent page = random_page(&random.random, arena);
        g_autoptr(GString) bytes = g_string_new(NULL);

        if (kind == EVENT_SEARCH)
            event_write_search(&search, bytes);
        else if (kind == EVENT_PAGE)
            event_write_page(&page, bytes);
        else
            event_write_click(&click, bytes);
        for (size_t size = 0; size < bytes->len; size++) {
            g_autoptr(GError) error = NULL;
            /* A copy of exactly that size, so that a sanitizer sees a read past its end. */
            g_autofree char *copy = g_memdup2(bytes->str, size);

            g_assert_false(read_any(kind, (Str){copy, size}, arena, &error));
            g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        }
        g_string_append_c(bytes, '\0');
        g_assert_false(read_any(kind, str_of_gstring(bytes), arena, NULL));
        arena_reset(arena);
    }
}

static void
altered_bytes_never_read_past_the_end(void)
{
    SeededRandom random;
    g_autoptr(Arena) arena = arena_new(65536);
    int refused = 0;

    seeded_random_init(&random, 4);
    for (int round = 0; round < 20000; round++) {
        SearchEvent search = random_search(&random.random, arena);
        g_autoptr(GString) bytes = g_string_new(NULL);
        g_autofree char *copy = NULL;

        event_write_search(&search, bytes);
        for (size_t i = random_below(&random.random, 4) + 1; i > 0; i--)
            bytes->str[random_below(&random.random, bytes->len)] = (char)random_u64(&random.random);
        copy = g_memdup2(bytes->str, bytes->len);
        refused += !read_any(EVENT_SEARCH, (Str){copy, bytes->len}, arena, NULL);
        arena_reset(arena);
    }
    g_assert_cmpint(refused, >, 0);
}

static void
a_count_that_can_not_be_true_takes_no_memory(void)
{
    SearchEvent search = {.id = 1};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GString) bytes = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    event_write_search(&search, bytes);
    g_string_truncate(bytes, bytes->len - 1);
    g_string_append_len(bytes, "\xff\xff\xff\xff\x0f", 5);
    g_assert_false(read_any(EVENT_SEARCH, str_of_gstring(bytes), arena, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_cmpuint(arena_used_bytes(arena), ==, 0);
}

static void
one_kind_does_not_read_as_the_other(void)
{
    ClickEvent click = {.id = 1};
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GString) bytes = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    event_write_click(&click, bytes);
    g_assert_false(read_any(EVENT_SEARCH, str_of_gstring(bytes), arena, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    bytes->str[0] = 9;
    g_clear_error(&error);
    g_assert_false(read_any(EVENT_CLICK, str_of_gstring(bytes), arena, &error));
    g_assert_nonnull(strstr(error->message, "version 9"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event/a_search_reads_as_it_was_written", a_search_reads_as_it_was_written);
    g_test_add_func("/event/a_page_reads_as_it_was_written", a_page_reads_as_it_was_written);
    g_test_add_func("/event/a_search_of_the_version_before_is_read", a_search_of_the_version_before_is_read);
    g_test_add_func("/event/a_click_reads_as_it_was_written", a_click_reads_as_it_was_written);
    g_test_add_func("/event/every_truncation_and_every_extra_byte_is_invalid",
                    every_truncation_and_every_extra_byte_is_invalid);
    g_test_add_func("/event/altered_bytes_never_read_past_the_end", altered_bytes_never_read_past_the_end);
    g_test_add_func("/event/a_count_that_can_not_be_true_takes_no_memory",
                    a_count_that_can_not_be_true_takes_no_memory);
    g_test_add_func("/event/one_kind_does_not_read_as_the_other", one_kind_does_not_read_as_the_other);
    return g_test_run();
}
