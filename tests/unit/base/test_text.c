#include "base/arena.h"
#include "base/json_writer.h"
#include "base/timestamp.h"

static void
a_slice_is_cut_trimmed_and_found(void)
{
    Str rest = STR("a,b,,c"), empty = STR("");

    g_assert_true(str_is(str_cut(&rest, ','), "a"));
    g_assert_true(str_is(str_cut(&rest, ','), "b"));
    g_assert_true(str_is(str_cut(&rest, ','), ""));
    g_assert_true(str_is(str_cut(&rest, ','), "c"));
    g_assert_null(rest.at);
    g_assert_true(str_is(str_trim(STR(" \t x y\n")), "x y"));
    g_assert_true(str_is(str_trim(empty), ""));
    g_assert_cmpint(str_find(STR("needle in hay"), STR("in")), ==, 7);
    g_assert_cmpint(str_find(STR("hay"), STR("needle")), ==, -1);
    g_assert_true(str_starts_with(STR("weir"), STR("we")));
    g_assert_false(str_starts_with(STR("we"), STR("weir")));
    g_assert_true(str_ends_with(STR("feed.xml"), STR(".xml")));
    g_assert_true(str_is(str_slice(STR("abcdef"), 2, 99), "cdef"));
    g_assert_true(str_equal_ignoring_case(STR("Content-Type"), STR("content-type")));
    g_assert_cmpint(str_compare(STR("a"), STR("ab")), <, 0);
    g_assert_cmpint(str_compare(STR("b"), STR("ab")), >, 0);
}

static void
whole_numbers_are_whole_or_refused(void)
{
    int64_t value = 5;

    g_assert_true(str_to_int64(STR("-9223372036854775808"), &value));
    g_assert_cmpint(value, ==, INT64_MIN);
    g_assert_true(str_to_int64(STR("9223372036854775807"), &value));
    g_assert_cmpint(value, ==, INT64_MAX);
    g_assert_false(str_to_int64(STR("9223372036854775808"), &value));
    g_assert_false(str_to_int64(STR(""), &value));
    g_assert_false(str_to_int64(STR("-"), &value));
    g_assert_false(str_to_int64(STR("1.5"), &value));
    g_assert_false(str_to_int64(STR(" 1"), &value));
}

static void
an_arena_on_the_stack_grows_onto_the_heap(void)
{
    ARENA_ON_STACK(arena, 256);
    Str first = arena_str(arena, STR("first")), last;

    g_assert_true(first.at > arena_room && first.at < arena_room + sizeof arena_room);
    for (int i = 0; i < 100; i++)
        last = arena_printf(arena, "number %d", i);
    g_assert_true(last.at < arena_room || last.at >= arena_room + sizeof arena_room);
    g_assert_cmpstr(first.at, ==, "first");
    g_assert_cmpstr(last.at, ==, "number 99");
    arena_reset(arena);
    g_assert_true(arena_str(arena, STR("again")).at == first.at);
}

static void
an_arena_keeps_what_it_gave_until_it_is_reset(void)
{
    g_autoptr(Arena) arena = arena_new(64);
    size_t held = arena_held_bytes(arena);
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(int));
    Str kept = arena_str(arena, STR("kept"));
    char *large = arena_alloc(arena, 100000);

    for (int i = 0; i < 1000; i++) {
        Str text = arena_printf(arena, "number %d", i);

        g_assert_cmpint(((uintptr_t)arena_alloc(arena, 1)) % _Alignof(max_align_t), ==, 0);
        g_assert_true(str_starts_with(text, STR("number ")));
    }
    g_assert_true(str_is(kept, "kept"));
    g_assert_cmpint(kept.at[kept.size], ==, '\0');
    for (int i = 0; i < 100000; i++)
        g_assert_cmpint(large[i], ==, 0);
    g_assert_null(arena_str(arena, STR_NONE).at);
    g_assert_cmpstr(ARENA_JOIN(arena, STR("one"), STR_NONE, STR(" and two")).at, ==, "one and two");
    g_assert_cmpstr(arena_replace(arena, STR("a--b--"), STR("--"), STR("+")).at, ==, "a+b+");
    g_assert_cmpstr(arena_replace(arena, STR("a"), STR(""), STR("+")).at, ==, "a");
    g_assert_nonnull(arena_items(arena, numbers));
    g_array_append_vals(numbers, (const int[]){7, 8}, 2);
    g_assert_cmpint(((const int *)arena_items(arena, numbers))[1], ==, 8);
    g_assert_cmpuint(arena_held_bytes(arena), >=, arena_used_bytes(arena));
    arena_reset(arena);
    g_assert_cmpuint(arena_used_bytes(arena), ==, 0);
    g_assert_cmpuint(arena_held_bytes(arena), ==, held);
    g_assert_cmpint(*(char *)arena_alloc(arena, 1), ==, 0);
}

static void
json_is_separated_and_escaped(void)
{
    g_autoptr(GString) to = g_string_new(NULL);
    JsonWriter json = json_writer(to);

    json_begin_object(&json);
    json_member_text(&json, "a\"b", STR("line\nend \\ \x01 \xc3\xa9"));
    json_member_text(&json, "none", STR_NONE);
    json_member_text_if(&json, "left_out", STR(""));
    json_key(&json, "list");
    json_begin_array(&json);
    json_int(&json, -5);
    json_begin_object(&json);
    json_end_object(&json);
    json_bool(&json, true);
    json_double(&json, 51.5);
    json_double(&json, -0.000001);
    json_double(&json, 100);
    json_end_array(&json);
    json_member_money(&json, "earned", 12345000, (Currency){"USD"});
    json_member_time(&json, "at", 0);
    json_member_time(&json, "never", TIMESTAMP_NONE);
    json_end_object(&json);
    g_assert_cmpstr(to->str, ==,
                    "{\"a\\\"b\":\"line\\nend \\\\ \\u0001 \xc3\xa9\",\"none\":null,"
                    "\"list\":[-5,{},true,51.5,-0.000001,100],"
                    "\"earned\":{\"amount\":\"12.345\",\"currency\":\"USD\"},"
                    "\"at\":\"1970-01-01T00:00:00Z\",\"never\":null}");
}

static void
text_that_is_not_utf8_still_makes_valid_json(void)
{
    g_autoptr(GString) to = g_string_new(NULL);
    JsonWriter json = json_writer(to);

    json_text(&json, (Str){"a\xff"
                           "b\0c\xc3",
                           6});
    g_assert_cmpstr(to->str, ==,
                    "\"a\xef\xbf\xbd"
                    "b\\u0000c\xef\xbf\xbd\"");
}

/* What a byte alone becomes in JSON text. */
static const char *
expected_of(unsigned char c, char buffer[8])
{
    static const char *const NAMED[256] = {
        ['"'] = "\\\"", ['\\'] = "\\\\", ['\n'] = "\\n", ['\t'] = "\\t", ['\r'] = "\\r"};

    if (NAMED[c] != NULL)
        return NAMED[c];
    if (c >= 0x80)
        return "\xef\xbf\xbd";
    g_snprintf(buffer, 8, c < 0x20 ? "\\u%04x" : "%c", c);
    return buffer;
}

static void
json_escapes_every_byte_wherever_it_stands(void)
{
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < 20; at++) {
            char text[20], buffer[8];
            g_autoptr(GString) to = g_string_new(NULL), expected = g_string_new(NULL);
            JsonWriter json = json_writer(to);

            memset(text, '~', sizeof text);
            text[at] = (char)c;
            json_text(&json, (Str){text, sizeof text});
            g_string_printf(expected, "\"%.*s%s%.*s\"", (int)at, "~~~~~~~~~~~~~~~~~~~",
                            expected_of((unsigned char)c, buffer), (int)(19 - at), "~~~~~~~~~~~~~~~~~~~");
            g_assert_cmpstr(to->str, ==, expected->str);
        }
}

static void
json_members_that_were_written_before_are_members(void)
{
    g_autoptr(GString) to = g_string_new(NULL);
    JsonWriter json = json_writer(to);

    json_begin_object(&json);
    json_members(&json, STR("\"a\":1,\"b\":[2]"));
    json_member_int(&json, "c", 3);
    json_members(&json, STR("\"d\":4"));
    json_end_object(&json);
    g_assert_cmpstr(to->str, ==, "{\"a\":1,\"b\":[2],\"c\":3,\"d\":4}");
}

static void
a_number_is_appended_as_printf_writes_it(void)
{
    static const int64_t NUMBERS[] = {0, 7, -1, 10, 99, -100, 1234567890, INT64_MAX, INT64_MIN};

    for (size_t i = 0; i < G_N_ELEMENTS(NUMBERS); i++) {
        g_autoptr(GString) text = g_string_new("=");
        g_autofree char *expected = g_strdup_printf("=%" G_GINT64_FORMAT, NUMBERS[i]);

        str_append_int(text, NUMBERS[i]);
        g_assert_cmpstr(text->str, ==, expected);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/a_slice_is_cut_trimmed_and_found", a_slice_is_cut_trimmed_and_found);
    g_test_add_func("/text/whole_numbers_are_whole_or_refused", whole_numbers_are_whole_or_refused);
    g_test_add_func("/text/a_number_is_appended_as_printf_writes_it", a_number_is_appended_as_printf_writes_it);
    g_test_add_func("/text/an_arena_on_the_stack_grows_onto_the_heap", an_arena_on_the_stack_grows_onto_the_heap);
    g_test_add_func("/text/an_arena_keeps_what_it_gave_until_it_is_reset",
                    an_arena_keeps_what_it_gave_until_it_is_reset);
    g_test_add_func("/text/json_is_separated_and_escaped", json_is_separated_and_escaped);
    g_test_add_func("/text/text_that_is_not_utf8_still_makes_valid_json", text_that_is_not_utf8_still_makes_valid_json);
    g_test_add_func("/text/json_escapes_every_byte_wherever_it_stands", json_escapes_every_byte_wherever_it_stands);
    g_test_add_func("/text/json_members_that_were_written_before_are_members",
                    json_members_that_were_written_before_are_members);
    return g_test_run();
}
