/*
 * CSV through libcsv: rows are the items of a list, columns their members, by name and by number.
 *
 * libcsv is fed line by line, because it counts none. It would hold a field of any size (a quote that is never closed
 * makes one of the whole file), so that the field it is in is cut while it grows.
 */
#include "stream/tokeniser.h"
#include "stream/utf8.h"

#include <csv.h>

static const size_t PIECE_BYTES = 64 * 1024;
static const unsigned COLUMNS_MAX = 10000;
static const size_t PREAMBLE_LINE_BYTES = 64 * 1024;
static const unsigned COLUMNS_TOLD = 10;

/* States of libcsv, whose names its header keeps to itself. */
enum { CSV_ROW_NOT_BEGUN = 0, CSV_FIELD_BEGUN = 2 };

typedef struct {
    char *name; /* trimmed; NULL without a header */
    char number[12];
    bool wants_name, wants_number;
} CsvColumn;

typedef struct {
    Tokeniser tokeniser;
    Extractor *extractor;
    const ReaderLimits *limits;
    struct csv_parser csv;
    GArray *columns; /* of CsvColumn */
    bool has_text, has_header, has_begun, is_in_row, ends_in_cr;
    unsigned skip_lines;
    unsigned field; /* of the row at hand */
    uint64_t line, row_line, field_line;
    uint64_t offset, row_offset; /* of what libcsv is fed, and of the row at hand */
    size_t feeding;              /* bytes */
    bool failed;                 /* extractor or header has a failure to tell */
    GError *failure;
    const char *skip_to; /* NULL: the table has begun */
    GString *sought;     /* the line at hand of the preamble */
} CsvTokeniser;

static uint64_t
csv_position(void *data)
{
    return ((CsvTokeniser *)data)->row_line;
}

static uint64_t
csv_row_begin(void *data)
{
    return ((CsvTokeniser *)data)->row_offset;
}

/* Rows end with a line. */
static uint64_t
csv_row_end(void *data)
{
    return ((CsvTokeniser *)data)->offset + ((CsvTokeniser *)data)->feeding;
}

static void
csv_add_column(CsvTokeniser *csv, char *name)
{
    CsvColumn column = {.name = name};

    g_snprintf(column.number, sizeof(column.number), "%u", csv->columns->len);
    column.wants_name = name != NULL && extractor_wants_column(csv->extractor, str_of(name), false);
    column.wants_number = extractor_wants_column(csv->extractor, str_of(column.number), name != NULL);
    /* A column whose name is its number is one all the same. */
    if (column.wants_number && name != NULL && strcmp(name, column.number) == 0)
        column.wants_name = false;
    g_array_append_val(csv->columns, column);
}

static bool
csv_take_header(CsvTokeniser *csv, Str field)
{
    Str name = str_trim(utf8_cut(field, csv->limits->text_bytes));

    if (csv->columns->len == COLUMNS_MAX)
        return weir_fail(&csv->failure, WEIR_ERROR_LIMIT, "a header of more than %u columns", COLUMNS_MAX);
    csv_add_column(csv, str_dup(name.size > 0 ? name : STR("")));
    return true;
}

/* Columns as a message tells them: the first few, quoted. */
typedef struct {
    GString *text;
    unsigned count;
} ColumnNames;

static void
add_column_name(void *data, Str name)
{
    ColumnNames *names = data;
    g_autofree char *excerpt = utf8_excerpt(name);

    if (names->count++ < COLUMNS_TOLD)
        g_string_append_printf(names->text, "%s\"%s\"", names->count > 1 ? ", " : "", excerpt);
}

static void
end_column_names(const ColumnNames *names)
{
    if (names->count > COLUMNS_TOLD)
        g_string_append_printf(names->text, " and %u more", names->count - COLUMNS_TOLD);
}

/* Some columns may be missing; when all are, this is another file. */
static bool
csv_check_header(CsvTokeniser *csv)
{
    g_autoptr(GString) found_text = g_string_new(NULL), wanted_text = g_string_new(NULL);
    ColumnNames found = {found_text, 0}, wanted = {wanted_text, 0};

    extractor_each_column(csv->extractor, add_column_name, &wanted);
    for (guint i = 0; i < csv->columns->len; i++) {
        const CsvColumn *column = &g_array_index(csv->columns, CsvColumn, i);

        if (column->wants_name || column->wants_number)
            return true;
        add_column_name(&found, str_of(column->name));
    }
    if (wanted.count == 0)
        return true;
    end_column_names(&found);
    end_column_names(&wanted);
    return weir_fail(&csv->failure, WEIR_ERROR_INVALID,
                     "the header has none of the columns that are read: it has %s; they are %s", found_text->str,
                     wanted_text->str);
}

static bool
csv_begin_row(CsvTokeniser *csv)
{
    csv->is_in_row = true;
    csv->field = 0;
    return extractor_open(csv->extractor, STR_NONE, NODE_OBJECT);
}

/* Fields past the header say that a separator or quote is wrong, unless they are empty. */
static void
csv_take_extra(CsvTokeniser *csv, Str field)
{
    g_autofree char *excerpt = NULL, *detail = NULL;

    if (str_is_empty(str_trim(utf8_cut(field, csv->limits->text_bytes))))
        return;
    excerpt = utf8_excerpt(field);
    detail = g_strdup_printf("it has more than the %u columns of the header; the first too many is \"%s\"",
                             csv->columns->len, excerpt);
    extractor_reject(csv->extractor, "columns", detail);
}

static bool
csv_take_field(CsvTokeniser *csv, Str field)
{
    const CsvColumn *column;
    Value value = {VALUE_TEXT, field};

    if (!csv->is_in_row && !csv_begin_row(csv))
        return false;
    if (csv->field >= csv->columns->len && !csv->has_header && csv->field < COLUMNS_MAX)
        csv_add_column(csv, NULL);
    if (csv->field >= csv->columns->len) {
        csv_take_extra(csv, field);
        return true;
    }
    column = &g_array_index(csv->columns, CsvColumn, csv->field++);
    if (column->wants_name && !extractor_scalar(csv->extractor, str_of(column->name), value))
        return false;
    return !column->wants_number || extractor_scalar(csv->extractor, str_of(column->number), value);
}

static void
on_field(void *text, size_t size, void *data)
{
    CsvTokeniser *csv = data;
    Str field = {size > 0 ? text : "", size};

    if (csv->failed)
        return;
    csv->field_line = csv->line;
    if (csv->has_header && !csv->has_begun)
        csv->failed = !csv_take_header(csv, field);
    else
        csv->failed = !csv_take_field(csv, field);
}

static void
on_row(int end G_GNUC_UNUSED, void *data)
{
    CsvTokeniser *csv = data;

    if (csv->failed)
        return;
    if (csv->has_header && !csv->has_begun) {
        csv->has_begun = true;
        csv->failed = !csv_check_header(csv);
    } else if (csv->is_in_row)
        csv->failed = !extractor_close(csv->extractor);
    csv->is_in_row = false;
}

static bool
csv_take_failure(CsvTokeniser *csv, GError **error)
{
    g_propagate_error(error,
                      csv->failure != NULL ? g_steal_pointer(&csv->failure) : extractor_take_failure(csv->extractor));
    return weir_fail_within(error, "CSV, line %" G_GUINT64_FORMAT, csv->row_line);
}

static bool
csv_feed(CsvTokeniser *csv, Str text, GError **error)
{
    size_t limit = csv->limits->text_bytes + 8;

    if (csv->csv.pstate == CSV_ROW_NOT_BEGUN) {
        csv->row_line = csv->line;
        csv->row_offset = csv->offset;
    }
    csv->feeding = text.size;
    if (csv_parse(&csv->csv, text.at, text.size, on_field, on_row, csv) != text.size)
        return weir_fail(error, WEIR_ERROR_INVALID, "CSV, line %" G_GUINT64_FORMAT ": %s", csv->line,
                         csv_strerror(csv_error(&csv->csv)));
    /* Longer than any text that is kept, so that it is seen to be cut. */
    if (csv->csv.entry_pos > limit)
        csv->csv.entry_pos = limit;
    return !csv->failed || csv_take_failure(csv, error);
}

/* The beginning of text up to and with the end of a line, which is LF, CRLF or a CR alone; whole without one. */
static Str
first_line(Str text)
{
    const char *newline = memchr(text.at, '\n', text.size);
    size_t size = newline == NULL ? text.size : (size_t)(newline - text.at) + 1;
    const char *cr = memchr(text.at, '\r', size);

    if (cr != NULL && (size_t)(cr - text.at) + 2 < size + (newline == NULL ? 1 : 0))
        size = (size_t)(cr - text.at) + 1;
    return str_slice(text, 0, size);
}

/* Collects lines of the preamble until one holds the text, with which the table begins. Of a line only the beginning is
 * looked at. */
static bool
csv_seek(CsvTokeniser *csv, Str line, GError **error)
{
    bool ends = line.at[line.size - 1] == '\n' || line.at[line.size - 1] == '\r';
    bool found;

    str_append(csv->sought, line);
    if (csv->sought->len > PREAMBLE_LINE_BYTES)
        return weir_fail(error, WEIR_ERROR_LIMIT,
                         "CSV, line %" G_GUINT64_FORMAT ": longer than %" G_GSIZE_FORMAT
                         " bytes, before the line with \"%s\"",
                         csv->line, PREAMBLE_LINE_BYTES, csv->skip_to);
    found = str_find(str_of_gstring(csv->sought), str_of(csv->skip_to)) >= 0;
    if (!ends)
        return true;
    if (!found) {
        g_string_truncate(csv->sought, 0);
        return true;
    }
    csv->skip_to = NULL;
    return csv_feed(csv, str_of_gstring(csv->sought), error);
}

static bool
csv_take_line(CsvTokeniser *csv, Str line, GError **error)
{
    return csv->skip_to != NULL ? csv_seek(csv, line, error) : csv_feed(csv, line, error);
}

static bool
csv_push_line(CsvTokeniser *csv, Str line, GError **error)
{
    char last = line.at[line.size - 1];
    bool is_rest_of_crlf = csv->ends_in_cr && line.at[0] == '\n';

    if (csv->ends_in_cr && !is_rest_of_crlf) {
        csv->line++;
        csv->skip_lines -= csv->skip_lines > 0;
    }
    if (csv->skip_lines == 0 && !csv_take_line(csv, line, error))
        return false;
    csv->offset += line.size;
    csv->feeding = 0;
    csv->ends_in_cr = last == '\r';
    if (last == '\n') {
        csv->line++;
        csv->skip_lines -= csv->skip_lines > 0;
    }
    return true;
}

static bool
csv_begin(CsvTokeniser *csv, GError **error)
{
    csv->line = 1;
    if (extractor_open(csv->extractor, STR_NONE, NODE_LIST))
        return true;
    return csv_take_failure(csv, error);
}

static bool
csv_push(Tokeniser *tokeniser, Str text, GError **error)
{
    CsvTokeniser *csv = (CsvTokeniser *)tokeniser;

    if (csv->line == 0 && !csv_begin(csv, error))
        return false;
    csv->has_text |= text.size > 0;
    while (text.size > 0) {
        Str line = first_line(str_slice(text, 0, PIECE_BYTES));

        if (!csv_push_line(csv, line, error))
            return false;
        text = str_slice(text, line.size, text.size);
    }
    return true;
}

/* A last line without an end may be the header of an empty table. */
static bool
csv_seek_last(CsvTokeniser *csv, GError **error)
{
    if (csv->sought->len > 0 && !csv_seek(csv, STR("\n"), error))
        return false;
    return csv->skip_to == NULL ||
           weir_fail(error, WEIR_ERROR_INVALID, "CSV: no line has \"%s\", with which the table begins", csv->skip_to);
}

static bool
csv_finish(Tokeniser *tokeniser, GError **error)
{
    CsvTokeniser *csv = (CsvTokeniser *)tokeniser;

    if (csv->line == 0 && !csv_begin(csv, error))
        return false;
    if (csv->skip_to != NULL && csv->has_text && !csv_seek_last(csv, error))
        return false;
    if (csv->csv.pstate == CSV_FIELD_BEGUN && csv->csv.quoted)
        return weir_fail(error, WEIR_ERROR_INVALID,
                         "CSV, line %" G_GUINT64_FORMAT ": a quote in the row that begins here is never closed",
                         csv->row_line);
    if (csv_fini(&csv->csv, on_field, on_row, csv) != 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "CSV, line %" G_GUINT64_FORMAT ": %s", csv->line,
                         csv_strerror(csv_error(&csv->csv)));
    if (csv->failed || !extractor_close(csv->extractor))
        return csv_take_failure(csv, error);
    if (csv->has_header && !csv->has_begun && csv->has_text)
        return weir_fail(error, WEIR_ERROR_INVALID, "CSV: it ends before the header");
    return true;
}

static int
is_no_space(unsigned char c G_GNUC_UNUSED)
{
    return 0;
}

static void
csv_tokeniser_free(Tokeniser *tokeniser)
{
    CsvTokeniser *csv = (CsvTokeniser *)tokeniser;

    csv_free(&csv->csv);
    g_string_free(csv->sought, TRUE);
    for (guint i = 0; i < csv->columns->len; i++)
        g_free(g_array_index(csv->columns, CsvColumn, i).name);
    g_array_unref(csv->columns);
    g_clear_error(&csv->failure);
    g_free(csv);
}

Tokeniser *
csv_tokeniser_new(Extractor *extractor, const ReaderLimits *limits, const CsvDialect *dialect)
{
    CsvTokeniser *csv = g_new0(CsvTokeniser, 1);

    csv->tokeniser = (Tokeniser){csv_push, csv_finish, csv_tokeniser_free};
    csv->extractor = extractor;
    csv->limits = limits;
    csv->columns = g_array_new(FALSE, FALSE, sizeof(CsvColumn));
    csv->has_header = !dialect->no_header;
    csv->skip_lines = dialect->skip_lines;
    csv->skip_to = dialect->skip_to;
    csv->sought = g_string_new(NULL);
    if (csv_init(&csv->csv, 0) != 0)
        g_error("csv: libcsv can't start");
    csv_set_delim(&csv->csv, dialect->delimiter != '\0' ? (unsigned char)dialect->delimiter : CSV_COMMA);
    csv_set_quote(&csv->csv, dialect->quote != '\0' ? (unsigned char)dialect->quote : CSV_QUOTE);
    csv_set_space_func(&csv->csv, is_no_space); /* blanks are part of a field; mappings trim */
    extractor_set_position(extractor, csv_position, csv);
    extractor_set_span(extractor, csv_row_begin, csv_row_end, csv);
    return &csv->tokeniser;
}
