#include "base/text_table.h"

#define GAP "  "

struct TextTable {
    size_t column_count;
    bool right[TEXT_TABLE_COLUMNS_LIMIT];
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

TextTable *
text_table_new(const char *const *heads)
{
    TextTable *table = g_new0(TextTable, 1);

    table->cells = g_ptr_array_new_with_free_func(g_free);
    while (heads[table->column_count] != NULL) {
        g_assert(table->column_count < TEXT_TABLE_COLUMNS_LIMIT);
        table->right[table->column_count] = heads[table->column_count][0] == '>';
        table->column_count++;
    }
    for (size_t i = 0; i < table->column_count; i++)
        text_table_add(table, str_of(heads[i] + (table->right[i] ? 1 : 0)));
    return table;
}

void
text_table_free(TextTable *table)
{
    if (table == NULL)
        return;
    g_ptr_array_unref(table->cells);
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
    size_t widths[TEXT_TABLE_COLUMNS_LIMIT] = {0};

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
