/*
 * A batch becomes a file: rows are streamed from the database through a writer, counted on both ends, read again, and
 * moved into place when it is whole and on the disk.
 */
#pragma once

#include "warehouse/batch.h"
#include "warehouse/writer.h"

/* Writes the rows of batch to path, and fills in what is known of the file. A batch without rows makes no file and has
 * no key. */
bool batch_write_file(Db *db, const WriterType *type, Duck *duck, const char *path, Arena *arena, Batch *batch,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
