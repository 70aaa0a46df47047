#include "base/yaml.h"

static const YamlKey INNER[] = {
    {.name = "path", .type = YAML_TEXT, .required = true, .help = "where"},
    {.name = "limit", .type = YAML_INTEGER, .default_text = "10", .min = 1, .max = 100},
    {.name = NULL},
};

static const YamlKey KEYS[] = {
    {.name = "name", .type = YAML_TEXT, .required = true, .help = "what it is called"},
    {.name = "every", .type = YAML_DURATION, .default_text = "1h"},
    {.name = "loud", .type = YAML_BOOLEAN},
    {.name = "tags", .type = YAML_TEXTS},
    {.name = "inner", .type = YAML_RECORD, .nested = INNER},
    {.name = "many", .type = YAML_RECORDS, .nested = INNER},
    {.name = "named", .type = YAML_NAMED, .nested = INNER},
    {.name = NULL},
};

static Arena *arena;

static char *
mistakes_in(const char *text)
{
    g_auto(YamlMistakes) mistakes;
    const YamlNode *root;

    yaml_mistakes_init(&mistakes);
    root = yaml_parse(str_of(text), "f", arena, &mistakes);
    if (root != NULL)
        yaml_check(root, KEYS, &mistakes);
    return g_strdup(mistakes.text->str);
}

static void
assert_mistakes(const char *text, const char *expected)
{
    g_autofree char *found = mistakes_in(text);

    g_assert_cmpstr(found, ==, expected);
}

static void
a_good_file_has_no_mistakes_and_its_values_are_found(void)
{
    g_auto(YamlMistakes) mistakes;
    const YamlNode *root;

    yaml_mistakes_init(&mistakes);
    root = yaml_parse(STR("name: \"x\"\ntags: [a, b]\ninner: {path: p}\nloud: true\n"), "f", arena, &mistakes);
    yaml_check(root, KEYS, &mistakes);
    g_assert_true(yaml_mistakes_none(&mistakes, NULL));
    g_assert_true(str_is(yaml_get_text(root, KEYS, "name"), "x"));
    g_assert_cmpint(yaml_get_duration_us(root, KEYS, "every"), ==, INT64_C(3600000000));
    g_assert_true(yaml_get_boolean(root, KEYS, "loud"));
    g_assert_cmpint(yaml_get_integer(yaml_find(root, "inner"), INNER, "limit"), ==, 10);
    g_assert_cmpstr(yaml_texts(yaml_find(root, "tags"), arena)[1], ==, "b");
    g_assert_null(yaml_texts(yaml_find(root, "tags"), arena)[2]);
    g_assert_cmpuint(yaml_find(root, "inner")->line, ==, 3);
}

static void
each_mistake_is_told_with_its_line_and_key(void)
{
    assert_mistakes("nam: x\n", "f:1: nam: unknown key; did you mean name?\nf:1: name: is missing");
    assert_mistakes("name: x\nname: y\n", "f:2: name: is given twice");
    assert_mistakes("name: x\nevery: soon\n",
                    "f:2: every: must be a duration such as 30s, 15m, 6h or 1d, not \"soon\"");
    assert_mistakes("name: x\nloud: yes\n", "f:2: loud: must be a true or false, not \"yes\"");
    assert_mistakes("name: [x]\n", "f:1: name: must be a text, not a list");
    assert_mistakes("name:\n", "f:1: name: has no value; it must be a text");
    assert_mistakes("name: x\ninner: {path: p, limit: 101}\n", "f:2: limit: must be between 1 and 100, not 101");
    assert_mistakes("name: x\nmany:\n  - {path: p}\n  - {limit: 5}\n", "f:4: path: is missing");
    assert_mistakes("name: x\nnamed:\n  a: {path: p}\n  b: 7\n", "f:4: b: must be a map");
    assert_mistakes("name: x\nquite_other: 1\n",
                    "f:2: quite_other: unknown key; there are name, every, loud, tags, inner, many, named");
}

static void
surprises_of_yaml_are_refused(void)
{
    assert_mistakes("name: &a x\n", "f:1: anchors are not allowed");
    assert_mistakes("name: !!str x\n", "f:1: tags are not allowed");
    assert_mistakes("name: x\n---\nname: y\n", "f:1: a second document follows; one is allowed");
    assert_mistakes("? [a]\n: b\n", "f:1: a key must be a plain text\nf:1: name: is missing");
    assert_mistakes("", "f:1: name: is missing");
}

static void
text_that_is_no_yaml_is_told_with_what_is_usually_the_matter(void)
{
    static const char *const CASES[][2] = {
        {"name: map(a: b)", "a text with \": \" in it must stand in quotes"},
        {"name: [a, b] | join", "a text that begins with [ or { must stand in quotes as a whole"},
        {"name: 'a' or b", "a text that begins with [, {, ' or \" must stand in quotes as a whole"},
        {"name: @id", "a text that begins with @, % or ` must stand in quotes"},
        {"inner: {path: a b} c: [}", "must stand in quotes"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *found = mistakes_in(CASES[i][0]);

        g_test_message("%s", found);
        g_assert_nonnull(strstr(found, "f:1: not YAML: "));
        g_assert_nonnull(strstr(found, CASES[i][1]));
    }
}

static void
a_file_cannot_be_too_deep_or_too_large(void)
{
    g_autoptr(GString) deep = g_string_new("name: "), large = g_string_new("name: ");
    g_autofree char *of_deep = NULL;

    for (int i = 0; i < 100; i++)
        g_string_append_c(deep, '[');
    of_deep = mistakes_in(deep->str);
    g_assert_cmpstr(of_deep, ==, "f:1: is nested too deeply");
    for (int i = 0; i < 1100000; i++)
        g_string_append_c(large, 'x');
    assert_mistakes(large->str, "f:1: is larger than 1 MiB");
}

static void
the_reference_comes_from_the_table(void)
{
    g_autoptr(GString) page = g_string_new(NULL);

    yaml_schema_write_markdown(KEYS, page);
    g_assert_nonnull(strstr(page->str, "| `name` | text, required |  | what it is called |\n"));
    g_assert_nonnull(strstr(page->str, "| `inner.limit` | whole number | `10` |  |\n"));
    g_assert_nonnull(strstr(page->str, "| `named.NAME.path` |"));
}

static void
durations_need_a_number_and_a_unit(void)
{
    int64_t us = 7;

    g_assert_true(yaml_duration_parse(STR("250ms"), &us));
    g_assert_cmpint(us, ==, 250000);
    g_assert_false(yaml_duration_parse(STR("5"), &us));
    g_assert_false(yaml_duration_parse(STR("-5s"), &us));
    g_assert_false(yaml_duration_parse(STR("99999999999999d"), &us));
    g_assert_false(yaml_duration_parse(STR("s"), &us));
    g_assert_cmpint(us, ==, 250000);
}

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    arena = arena_new(4096);
    g_test_add_func("/base/a_good_file_has_no_mistakes_and_its_values_are_found",
                    a_good_file_has_no_mistakes_and_its_values_are_found);
    g_test_add_func("/base/each_mistake_is_told_with_its_line_and_key", each_mistake_is_told_with_its_line_and_key);
    g_test_add_func("/base/surprises_of_yaml_are_refused", surprises_of_yaml_are_refused);
    g_test_add_func("/base/text_that_is_no_yaml_is_told_with_what_is_usually_the_matter",
                    text_that_is_no_yaml_is_told_with_what_is_usually_the_matter);
    g_test_add_func("/base/a_file_cannot_be_too_deep_or_too_large", a_file_cannot_be_too_deep_or_too_large);
    g_test_add_func("/base/the_reference_comes_from_the_table", the_reference_comes_from_the_table);
    g_test_add_func("/base/durations_need_a_number_and_a_unit", durations_need_a_number_and_a_unit);
    result = g_test_run();
    arena_free(arena);
    return result;
}
