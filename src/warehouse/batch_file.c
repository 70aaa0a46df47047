#include "warehouse/batch_file.h"

#include "base/money.h"
#include "base/timestamp.h"
#include "warehouse/file.h"

#include <unistd.h>

/* A column of the row as a cell. */
static bool
read_cell(const DbRows *rows, const Table *table, size_t i, Cell *ret_cell, GError **error)
{
    const TableColumn *column = &table->columns[i];

    *ret_cell = (Cell){.is_null = db_is_null(rows, (int)i)};
    if (ret_cell->is_null)
        return true;
    if (column->type == TABLE_TEXT) {
        ret_cell->text = db_get_text(rows, (int)i);
        return true;
    }
    if (!column->decimal) {
        ret_cell->number = db_get_int(rows, (int)i);
        return true;
    }
    return money_parse(db_get_text(rows, (int)i), NUMBER_STYLE_PLAIN, &ret_cell->number, error) ||
           weir_fail_within(error, "%s.%s of the row with id %" G_GINT64_FORMAT, table->name, column->name,
                            db_get_int(rows, 0));
}

/* What the watermark follows is the first column of every table. */
static bool
write_rows(DbTx *tx, Writer *writer, Tally *tally, Batch *batch, GError **error)
{
    const Table *table = batch->table;
    g_autofree Cell *cells = g_new0(Cell, table->column_count);
    g_autoptr(DbRows) rows = batch_select(tx, batch, error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        for (size_t i = 0; i < table->column_count; i++)
            if (!read_cell(rows, table, i, &cells[i], error))
                return false;
        if (!writer->type->add(writer, cells, error))
            return false;
        if (tally->rows++ == 0)
            batch->min_id = cells[0].number;
        batch->max_id = cells[0].number;
        if (table->money >= 0 && !tally_add(tally, cells[table->currency].text, cells[table->money].number, error))
            return false;
    }
    return !db_has_failed(rows);
}

/* Where amounts are text in the database, it can only count; sums are then taken from ours. */
static bool
check_database(DbTx *tx, const Batch *batch, const Tally *ours, GError **error)
{
    const Table *table = batch->table;
    bool decimal = table->money >= 0 && table->columns[table->money].decimal;
    g_auto(Tally) theirs;
    g_autoptr(DbRows) rows = NULL;

    tally_init(&theirs);
    if (decimal) {
        g_tree_unref(theirs.sums);
        theirs.sums = g_tree_ref(ours->sums);
    }
    rows = batch_select_totals(tx, batch, error);
    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        theirs.rows += db_get_int(rows, 1);
        if (table->money >= 0 && !decimal && !tally_add(&theirs, db_get_text(rows, 0), db_get_int(rows, 2), error))
            return false;
    }
    return !db_has_failed(rows) && tally_check(ours, &theirs, "the database", error);
}

/* In one snapshot: what is written is what the database counts. */
static bool
write_and_compare(Db *db, const WriterType *type, Duck *duck, const char *path, Tally *tally, Batch *batch,
                  GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(Writer) writer = tx == NULL ? NULL : type->open(batch->table, duck, path, error);

    return writer != NULL && write_rows(tx, writer, tally, batch, error) && check_database(tx, batch, tally, error) &&
           type->finish(writer, error);
}

static bool
read_again(const WriterType *type, Duck *duck, const char *path, const Batch *batch, const Tally *ours, GError **error)
{
    g_auto(Tally) theirs;

    tally_init(&theirs);
    return type->count(batch->table, duck, path, &theirs, error) && tally_check(ours, &theirs, path, error);
}

/* "v1/entries/day=2026-11-24/FIRST-LAST-SHA.parquet" */
static Str
file_key(const Batch *batch, const char *sha256, const char *format, Arena *arena)
{
    char day[11];

    return arena_printf(arena, "v1/%s/day=%s/%019" G_GINT64_MODIFIER "d-%019" G_GINT64_MODIFIER "d-%.16s.%s",
                        batch->table->name, timestamp_format_day(batch->prepared_at_us, NULL, day), batch->min_id,
                        batch->max_id, sha256, format);
}

bool
batch_write_file(Db *db, const WriterType *type, Duck *duck, const char *path, Arena *arena, Batch *batch,
                 GError **error)
{
    g_autofree char *part = g_strdup_printf("%s.part", path);
    g_autoptr(GString) sums = g_string_new(NULL);
    g_auto(Tally) tally;
    char sha256[SHA256_TEXT_SIZE];
    Batch written = *batch;

    tally_init(&tally);
    if (!write_and_compare(db, type, duck, part, &tally, &written, error))
        return false;
    tally_write_sums(&tally, sums);
    written.rows = tally.rows;
    written.sums = arena_str(arena, str_of_gstring(sums));
    if (tally.rows == 0) {
        unlink(part);
        *batch = written;
        return true;
    }
    if (!file_sync(part, error) || !read_again(type, duck, part, batch, &tally, error) ||
        !file_sha256(part, sha256, &written.bytes, error) || !file_move(part, path, error))
        return false;
    written.format = str_of(type->format);
    written.sha256 = arena_str(arena, str_of(sha256));
    written.key = file_key(&written, sha256, type->format, arena);
    *batch = written;
    return true;
}
