#include "base/text_table.h"

static void
assert_written(const TextTable *table, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);

    text_table_write(table, text);
    g_assert_cmpstr(text->str, ==, expected);
}

static void
columns_are_as_wide_as_their_widest_cell(void)
{
    const char *const heads[] = {"NAME", ">N", "WHAT", NULL};
    g_autoptr(TextTable) table = text_table_new(heads);

    assert_written(table, "NAME  N  WHAT\n");
    g_assert_cmpuint(text_table_row_count(table), ==, 0);
    text_table_add(table, STR("a longer one"));
    text_table_printf(table, "%d", 7);
    text_table_add(table, STR("x"));
    text_table_add(table, STR_NONE);
    text_table_printf(table, "%d", 1234);
    text_table_add(table, STR(""));
    g_assert_cmpuint(text_table_row_count(table), ==, 2);
    assert_written(table, "NAME             N  WHAT\n"
                          "a longer one     7  x\n"
                          "              1234\n");
    text_table_truncate(table, 0);
    assert_written(table, "NAME  N  WHAT\n");
}

static void
letters_of_any_script_keep_the_columns(void)
{
    const char *const heads[] = {"A", "B", NULL};
    g_autoptr(TextTable) table = text_table_new(heads);

    text_table_add(table, STR("Währung"));
    text_table_add(table, STR("1"));
    text_table_add(table, STR("看護師"));
    text_table_add(table, STR("2"));
    text_table_add(table, STR("e\xcc\x81t\xc3\xa9"));
    text_table_add(table, STR("3"));
    assert_written(table, "A        B\n"
                          "Währung  1\n"
                          "看護師   2\n"
                          "e\xcc\x81t\xc3\xa9      3\n");
}

static void
what_others_sent_cannot_move_the_cursor(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    text_for_terminal(text, STR("\x1b[2J\x1b]0;title\x07line\r\nnext\ttab \xff\x7f"));
    g_assert_cmpstr(text->str, ==, "\uFFFD[2J\uFFFD]0;title\uFFFDline  next tab \uFFFD\uFFFD");
    g_string_truncate(text, 0);
    text_for_terminal(text, STR("\xe2\x80\xaeltr\xe2\x81\xa6 \xc2\x9b"));
    g_assert_cmpstr(text->str, ==, "\uFFFDltr\uFFFD \uFFFD");
    g_string_truncate(text, 0);
    text_for_terminal(text, (Str){"a\0b", 3});
    g_assert_cmpstr(text->str, ==, "a\uFFFDb");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/columns are as wide as their widest cell", columns_are_as_wide_as_their_widest_cell);
    g_test_add_func("/base/letters of any script keep the columns", letters_of_any_script_keep_the_columns);
    g_test_add_func("/base/what others sent cannot move the cursor", what_others_sent_cannot_move_the_cursor);
    return g_test_run();
}
