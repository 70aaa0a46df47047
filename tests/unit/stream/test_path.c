#include "stream/read_all.h"

static void
assert_parses(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Path) path = path_parse(str_of(text), &error);

    g_assert_no_error(error);
    g_assert_true(str_is(path_text(path), text));
}

static void
assert_refused(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Path) path = path_parse(str_of(text), &error);

    g_assert_null(path);
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    if (strstr(error->message, message) == NULL)
        g_error("%s: \"%s\" is not in the message: %s", text, message, error->message);
}

static void
all_of_the_grammar_is_understood(void)
{
    static const char *const PATHS[] = {
        ".",
        "$",
        "$.company",
        "$[0]",
        "results[*]",
        "company.display_name",
        "locations[0]",
        "locations[-1]",
        "item@id",
        "@id",
        "media:content",
        "media:content@url",
        "jobDescription[name='Tasks'].value",
        "**.title",
        "a.**.b",
        "jobs.*",
        "*",
        "a.*.b[0].*",
        "a.*.**.b",
        "**",
        "0",
        "0-legal-notice",
        "\"odd . [key]\"",
        "Job Title",
        "[*].title",
        "[0][1]",
        "_id.$oid",
        "a[name=\"x\"]",
        "a[@kind='x']",
        "a['odd key'='x']",
        ("Ort/Stra\xc3\x9f"
         "e"),
        "\"a\\\"b\"",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(PATHS); i++)

        assert_parses(PATHS[i]);
}

static void
mistakes_are_named_with_their_column(void)
{
    assert_refused("", "a path is empty");
    assert_refused("a.", "column 3: a name is missing at the end");
    assert_refused("a..b", "column 3: a name is expected here");
    assert_refused(".a", "column 1: a name is expected here");
    assert_refused("a[", "column 3");
    assert_refused("a[]", "column 3");
    assert_refused("a[0", "column 2: the bracket is never closed");
    assert_refused("a[0x]", "column 4: ] is expected here");
    assert_refused("a[-]", "column 3: not a number of an item");
    assert_refused("a[99999999999999999999]", "column 3: not a number of an item");
    assert_refused("a[name]", "column 7: = and a quoted text are expected");
    assert_refused("a[name=x]", "column 8: the text of a filter needs quotes");
    assert_refused("a[name='x]", "column 8: the quote is never closed");
    assert_refused("\"a", "column 1: the quote is never closed");
    assert_refused("\"a\"b", "column 4: this needs quotes, or a dot before it");
    assert_refused("a]", "column 2");
    assert_refused("a*", "column 2");
    assert_refused("jobs[]", "column 6: * for every item, a number or a filter is expected here");
    assert_refused("/rss/channel/item", "column 1: dots stand between the steps");
    assert_refused("**.*", "column 4: * may not stand behind **");
    assert_refused("a.*b", "column 4: this needs quotes, or a dot before it");
    assert_refused("**.a.**", "column 6: only one ** may stand in a path");
    assert_refused("**[0]", "column 3");
    assert_refused("a@", "column 3: a name is missing at the end");
    assert_refused(" a", "column 1: a name with a blank at its beginning needs quotes");
    assert_refused("a .b", "column 2: a name with a blank at its end needs quotes");
    assert_refused("a\nb", "column 2");
    assert_refused("\xff", "not UTF-8");
}

static void
a_path_of_too_many_steps_or_bytes_is_refused(void)
{
    g_autoptr(GString) steps = g_string_new("a");
    g_autofree char *bytes = g_strnfill(2000, 'a');

    for (int i = 0; i < 40; i++)
        g_string_append(steps, ".a");
    assert_refused(steps->str, "too many steps");
    assert_refused(bytes, "path of 2000 bytes");
}

static void
assert_finds(const char *json, const char *field, const char *expected)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, NULL, field, NULL);
    g_autofree char *line = g_strdup_printf("%s\n", expected);

    assert_read(plan, str_of(json), line);
}

static void
members_and_items_are_found(void)
{
    assert_finds("{\"a\":{\"b\":1}}", "a.b", "1");
    assert_finds("{\"a\":[1,2,3]}", "a", "1,2,3");
    assert_finds("{\"a\":[1,2,3]}", "a[*]", "1,2,3");
    assert_finds("{\"a\":[1,2,3]}", "a[0]", "1");
    assert_finds("{\"a\":[1,2,3]}", "a[-1]", "3");
    assert_finds("{\"a\":[1,2,3]}", "a[-4]", "-");
    assert_finds("{\"a\":[1,2,3]}", "a[3]", "-");
    assert_finds("{\"a\":[[1,2],[3,4]]}", "a[0]", "1,2");
    assert_finds("{\"a\":[[1,2],[3,4]]}", "a[1][0]", "3");
    assert_finds("{\"a\":[[1,2],[3,4]]}", "a[*][1]", "2,4");
    assert_finds("{\"a\":[[1,2],[3,4]]}", "a", "1,2,3,4");
    assert_finds("{\"a\":null,\"b\":true,\"c\":\"\"}", "a b c d", "~|true||-");
    assert_finds("{\"0-legal-notice\":1,\"odd . key\":2,\"@type\":3}", "0-legal-notice @type", "1|3");
    assert_finds("[{\"a\":1},{\"a\":2}]", "a [1].a [*].a", "1,2|2|1,2");
    assert_finds("7", ".", "7");
    assert_finds("{\"a\":1,\"a\":2}", "a a[1]", "1,2|2");
}

static void
a_list_stands_for_each_of_its_items_and_an_object_for_a_list_of_one(void)
{
    assert_finds("{\"places\":[{\"city\":\"A\"},{\"city\":\"B\"}]}", "places.city", "A,B");
    assert_finds("{\"places\":{\"city\":\"A\"}}", "places.city places[0].city places[-1].city places[*].city",
                 "A|A|A|A");
    assert_finds("{\"places\":{\"city\":\"A\"}}", "places[1].city", "-");
}

static void
objects_are_never_values(void)
{
    assert_finds("{\"a\":{\"b\":1},\"c\":[{\"d\":1},2]}", "a c .", "-|2|-");
}

static void
a_filter_chooses_by_the_text_of_a_member(void)
{
    const char *json =
        "{\"s\":[{\"name\":\"Tasks\",\"value\":\"x\"},{\"name\":\"Pay\",\"value\":\"y\"},{\"value\":\"z\"}]}";

    assert_finds(json, "s[name='Tasks'].value", "x");
    assert_finds(json, "s[name='Pay'].value", "y");
    assert_finds(json, "s[name='None'].value", "-");
    assert_finds("{\"s\":{\"name\":\"Tasks\",\"value\":\"x\"}}", "s[name='Tasks'].value", "x");
    assert_finds("{\"s\":[{\"tags\":[\"a\",\"b\"],\"v\":1}]}", "s[tags='b'].v", "1");
}

static void
two_stars_find_a_member_at_any_depth_in_document_order(void)
{
    const char *json = "{\"x\":{\"t\":1},\"t\":2,\"y\":[{\"t\":3,\"z\":{\"t\":[4,5]}}]}";

    assert_finds(json, "**.t", "1,2,3,4,5");
    assert_finds(json, "y.**.t", "3,4,5");
    assert_finds(json, "**.z.t", "4,5");
    assert_finds(json, "**.t[-1]", "2,1,3,5");
    assert_finds(json, "**", "1,2,3,4,5");
    assert_finds("{\"t\":{\"t\":{\"t\":1}}}", "**.t", "1");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream/path/all_of_the_grammar_is_understood", all_of_the_grammar_is_understood);
    g_test_add_func("/stream/path/mistakes_are_named_with_their_column", mistakes_are_named_with_their_column);
    g_test_add_func("/stream/path/a_path_of_too_many_steps_or_bytes_is_refused",
                    a_path_of_too_many_steps_or_bytes_is_refused);
    g_test_add_func("/stream/path/members_and_items_are_found", members_and_items_are_found);
    g_test_add_func("/stream/path/a_list_stands_for_each_of_its_items",
                    a_list_stands_for_each_of_its_items_and_an_object_for_a_list_of_one);
    g_test_add_func("/stream/path/objects_are_never_values", objects_are_never_values);
    g_test_add_func("/stream/path/a_filter_chooses_by_the_text_of_a_member", a_filter_chooses_by_the_text_of_a_member);
    g_test_add_func("/stream/path/two_stars_find_a_member_at_any_depth_in_document_order",
                    two_stars_find_a_member_at_any_depth_in_document_order);
    return g_test_run();
}
