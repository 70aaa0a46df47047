/*
 * CSV, gzipped, for where DuckDB is not: RFC 4180 with a header, \n line ends, every text in quotes, so that "" is an
 * empty text and nothing at all is NULL. Moments are RFC 3339.
 */
#include "warehouse/file.h"
#include "warehouse/writer.h"

#include "base/timestamp.h"

#include <errno.h>
#include <zlib.h>

#define PIECE_SIZE (64 * 1024)
/* A field that is longer was not written by us: no text in a table comes near. */
#define FIELD_LIMIT (16 * 1024 * 1024)

typedef struct {
    Writer writer;
    const Table *table;
    gzFile file;
    char *path;
    GString *row;
} CsvWriter;

static void
csv_free(Writer *writer)
{
    CsvWriter *csv = (CsvWriter *)writer;

    if (csv->file != NULL)
        gzclose(csv->file);
    g_string_free(csv->row, TRUE);
    g_free(csv->path);
    g_free(csv);
}

static bool
csv_write_row(CsvWriter *csv, GError **error)
{
    if (gzwrite(csv->file, csv->row->str, (unsigned)csv->row->len) == (int)csv->row->len)
        return true;
    return file_fail(error, "write", csv->path);
}

/* gzopen() writes no time and no name into the file, so that the same rows make the same bytes. */
static Writer *
csv_open(const Table *table, Duck *duck, const char *path, GError **error)
{
    CsvWriter *csv = g_new0(CsvWriter, 1);

    (void)duck;
    csv->writer.type = &CSV_WRITER;
    csv->table = table;
    csv->path = g_strdup(path);
    csv->row = g_string_new(NULL);
    csv->file = gzopen(path, "wbe6");
    for (size_t i = 0; i < table->column_count; i++)
        g_string_append_printf(csv->row, "%s%s", i > 0 ? "," : "", table->columns[i].name);
    g_string_append_c(csv->row, '\n');
    if (csv->file == NULL ? !file_fail(error, "make", path) : !csv_write_row(csv, error)) {
        csv_free(&csv->writer);
        return NULL;
    }
    return &csv->writer;
}

static void
csv_put_text(GString *row, Str text)
{
    g_string_append_c(row, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] == '"')
            g_string_append_c(row, '"');
        g_string_append_c(row, text.at[i]);
    }
    g_string_append_c(row, '"');
}

static void
csv_put(GString *row, TableType type, const Cell *cell)
{
    char moment[TIMESTAMP_TEXT_SIZE];

    if (cell->is_null)
        return;
    switch (type) {
    case TABLE_TEXT:
        csv_put_text(row, cell->text);
        return;
    case TABLE_TIME:
        g_string_append(row, timestamp_format(cell->number, moment));
        return;
    case TABLE_BOOL:
        g_string_append(row, cell->number != 0 ? "true" : "false");
        return;
    case TABLE_INT:
        g_string_append_printf(row, "%" G_GINT64_FORMAT, cell->number);
        return;
    }
}

static bool
csv_add(Writer *writer, const Cell *cells, GError **error)
{
    CsvWriter *csv = (CsvWriter *)writer;

    g_string_truncate(csv->row, 0);
    for (size_t i = 0; i < csv->table->column_count; i++) {
        if (i > 0)
            g_string_append_c(csv->row, ',');
        csv_put(csv->row, csv->table->columns[i].type, &cells[i]);
    }
    g_string_append_c(csv->row, '\n');
    return csv_write_row(csv, error);
}

static bool
csv_finish(Writer *writer, GError **error)
{
    CsvWriter *csv = (CsvWriter *)writer;
    gzFile file = g_steal_pointer(&csv->file);

    return gzclose(file) == Z_OK || file_fail(error, "write", csv->path);
}

/* ---- reading again ---- */

typedef struct {
    const Table *table;
    Tally *tally;
    GString *field, *money, *currency; /* the one at hand; the row's */
    int column;
    bool quoted, header_seen;
} CsvCount;

static void
count_field(CsvCount *count)
{
    if (count->column == count->table->money)
        g_string_assign(count->money, count->field->str);
    if (count->column == count->table->currency)
        g_string_assign(count->currency, count->field->str);
    g_string_truncate(count->field, 0);
    count->column++;
}

static bool
count_row(CsvCount *count, GError **error)
{
    int64_t micros = 0;

    count_field(count);
    if (count->column != (int)count->table->column_count)
        return weir_fail(error, WEIR_ERROR_BROKEN, "row %" G_GINT64_FORMAT " has %d columns", count->tally->rows + 1,
                         count->column);
    count->column = 0;
    if (!count->header_seen) {
        count->header_seen = true;
        return true;
    }
    count->tally->rows++;
    if (count->table->money < 0)
        return true;
    if (count->money->len > 0 && !str_to_int64(str_of_gstring(count->money), &micros))
        return weir_fail(error, WEIR_ERROR_BROKEN, "row %" G_GINT64_FORMAT " has the amount \"%s\"", count->tally->rows,
                         count->money->str);
    return tally_add(count->tally, str_of_gstring(count->currency), micros, error);
}

/* Quotes only switch: a doubled one switches twice, which is all that counting needs. */
static bool
count_piece(CsvCount *count, const char *piece, int size, GError **error)
{
    for (int i = 0; i < size; i++) {
        char c = piece[i];

        if (c == '"') {
            count->quoted = !count->quoted;
        } else if (!count->quoted && c == ',') {
            count_field(count);
        } else if (!count->quoted && c == '\n') {
            if (!count_row(count, error))
                return false;
        } else {
            g_string_append_c(count->field, c);
        }
    }
    return count->field->len <= FIELD_LIMIT || weir_fail(error, WEIR_ERROR_BROKEN, "a field does not end");
}

static bool
csv_count(const Table *table, Duck *duck, const char *path, Tally *tally, GError **error)
{
    CsvCount count = {table, tally, g_string_new(NULL), g_string_new(NULL), g_string_new(NULL), 0, false, false};
    g_autofree char *piece = g_malloc(PIECE_SIZE);
    gzFile file = gzopen(path, "rbe");
    bool done = file != NULL || file_fail(error, "open", path);
    int size = 0;

    (void)duck;
    while (done && (size = gzread(file, piece, PIECE_SIZE)) > 0)
        done = count_piece(&count, piece, size, error) || weir_fail_within(error, "%s", path);
    /* Whether the stream came to its own end shows when it is closed. */
    if (file != NULL && gzclose(file) != Z_OK && done)
        done = weir_fail(error, WEIR_ERROR_BROKEN, "%s is damaged", path);
    if (done && (size < 0 || count.field->len > 0 || count.column != 0 || count.quoted || !count.header_seen))
        done = weir_fail(error, WEIR_ERROR_BROKEN, "%s ends in the middle", path);
    g_string_free(count.field, TRUE);
    g_string_free(count.money, TRUE);
    g_string_free(count.currency, TRUE);
    return done;
}

const WriterType CSV_WRITER = {
    .format = "csv.gz", .open = csv_open, .add = csv_add, .finish = csv_finish, .count = csv_count, .free = csv_free};
