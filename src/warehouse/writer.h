/*
 * Writer: rows of a table into a file. The same rows make the same bytes, and no more of them is in memory than one
 * batch.
 *
 *     open ──> add, add, ... ──> finish ──> (batch_file.c brings it to the disk and reads it again)
 *
 * A format is one file with one const table of functions.
 */
#pragma once

#include "warehouse/duck.h"
#include "warehouse/table.h"

/* One value of a row, as its column's type says. */
typedef struct {
    bool is_null;
    int64_t number; /* TABLE_INT, TABLE_TIME in microseconds, TABLE_BOOL */
    Str text;
} Cell;

/* What a file holds, counted by us on the way in and by the format on the way back. */
typedef struct {
    int64_t rows;
    GTree *sums; /* currency (char *) -> int64_t *: micros */
} Tally;

void tally_init(Tally *tally);
void tally_clear(Tally *tally);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tally, tally_clear)
/* INVALID when the sum does not fit. */
bool tally_add(Tally *tally, Str currency, int64_t micros, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* {"EUR":12,"USD":-3}: currencies in order; "" stands for none. */
void tally_write_sums(const Tally *tally, GString *to);
/* The same back. BROKEN when the text is another. */
bool tally_read_sums(Tally *tally, Str text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* BROKEN, naming both, unless they say the same. */
bool tally_check(const Tally *ours, const Tally *theirs, const char *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct Writer Writer;

typedef struct {
    const char *format; /* "parquet", "csv.gz": also the end of a file's name */
    Writer *(*open)(const Table *table, Duck *duck, const char *path, GError **error);
    bool (*add)(Writer *writer, const Cell *cells, GError **error);
    /* Writes what is left. */
    bool (*finish)(Writer *writer, GError **error);
    /* Reads a file again and counts what is in it. */
    bool (*count)(const Table *table, Duck *duck, const char *path, Tally *tally, GError **error);
    void (*free)(Writer *writer);
} WriterType;

extern const WriterType PARQUET_WRITER; /* needs a Duck */
extern const WriterType CSV_WRITER;     /* needs none */

struct Writer {
    const WriterType *type;
};

static inline void
writer_free(Writer *writer)
{
    if (writer != NULL)
        writer->type->free(writer);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Writer, writer_free)
