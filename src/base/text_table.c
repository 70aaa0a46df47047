#include "base/text_table.h"

#define GAP "  "

struct TextTable {
    size_t column_count;
    bool *right;
    GPtrArray *cells; /* of char *, row by row, the heads first */
};

/* Characters that a terminal obeys, or that turn the order of what stands behind them. */
static bool
is_control(gunichar c)
{
    return g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029 || c == 0x200e || c == 0x200f ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void
text_for_terminal(GString *to, Str text)
{
    g_autofree char *valid = g_utf8_make_valid(text.size > 0 ? text.at : "", (gssize)text.size);

    for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c == '\n' || c == '\t' || c == '\r')
            g_string_append_c(to, ' ');
        else
            g_string_append_unichar(to, is_control(c) ? 0xfffd : c);
    }
}

static size_t
width_of(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);

        width += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
    }
    return width;
}

static TextTable *
table_new(size_t column_count)
{
    TextTable *table = g_new0(TextTable, 1);

    table->column_count = column_count;
    table->right = g_new0(bool, column_count);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    return table;
}

TextTable *
text_table_new(const char *const *heads)
{
    TextTable *table = table_new(g_strv_length((char **)heads));

    for (size_t i = 0; i < table->column_count; i++) {
        table->right[i] = heads[i][0] == '>';
        text_table_add(table, str_of(heads[i] + (table->right[i] ? 1 : 0)));
    }
    return table;
}

TextTable *
text_table_new_of(const char *const *heads, const bool *right, size_t column_count)
{
    TextTable *table = table_new(column_count);

    for (size_t i = 0; i < column_count; i++) {
        table->right[i] = right[i];
        text_table_add(table, str_of(heads[i]));
    }
    return table;
}

void
text_table_free(TextTable *table)
{
    if (table == NULL)
        return;
    g_ptr_array_unref(table->cells);
    g_free(table->right);
    g_free(table);
}

void
text_table_add(TextTable *table, Str text)
{
    GString *cell = g_string_sized_new(text.size);

    text_for_terminal(cell, text);
    g_ptr_array_add(table->cells, g_string_free(cell, FALSE));
}

void
text_table_printf(TextTable *table, const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    text_table_add(table, str_of(text));
}

size_t
text_table_row_count(const TextTable *table)
{
    return table->cells->len / table->column_count - 1;
}

void
text_table_truncate(TextTable *table, size_t row_count)
{
    g_assert(row_count <= text_table_row_count(table));
    g_ptr_array_set_size(table->cells, (gint)((row_count + 1) * table->column_count));
}

static void
append_spaces(GString *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        g_string_append_c(to, ' ');
}

void
text_table_write(const TextTable *table, GString *to)
{
    g_autofree size_t *widths = g_new0(size_t, table->column_count);

    if (table->column_count == 0)
        return;
    g_assert(table->cells->len % table->column_count == 0);
    for (guint i = 0; i < table->cells->len; i++) {
        size_t column = i % table->column_count;

        widths[column] = MAX(widths[column], width_of(g_ptr_array_index(table->cells, i)));
    }
    for (guint i = 0; i < table->cells->len; i++) {
        const char *cell = g_ptr_array_index(table->cells, i);
        size_t column = i % table->column_count, gap = widths[column] - width_of(cell);

        append_spaces(to, table->right[column] ? gap : 0);
        g_string_append(to, cell);
        if (column + 1 < table->column_count) {
            append_spaces(to, table->right[column] ? 0 : gap);
            g_string_append(to, GAP);
            continue;
        }
        while (to->len > 0 && to->str[to->len - 1] == ' ')
            g_string_truncate(to, to->len - 1);
        g_string_append_c(to, '\n');
    }
}
