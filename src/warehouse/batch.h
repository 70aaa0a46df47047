/*
 * Batches: the rows of one table that leave together, in one file.
 *
 *                write           hand over, in order, to each destination (delivery.h)
 *     PREPARED ────────> WRITTEN ────────>
 *
 * Which rows those are is decided once, when a batch is prepared, in one transaction that moves the table's watermark:
 * ids up to it belong to batches, ids above it to none yet. A row that is committed later with an id below the
 * watermark (a node was cut off and ships its events afterwards) is noted by a trigger and leaves in a batch of late
 * rows; it never joins the batch whose range it falls in. So each row is in exactly one batch, and a batch holds the
 * same rows whenever it is written. Each step may be repeated; its outcome is recorded once.
 *
 * Of a table with versions, the watermark follows the version: a row that changes gets a new one and leaves again with
 * it, and whoever reads keeps the newest. A batch that is written late holds fewer rows; the others are in later ones.
 */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "warehouse/table.h"

typedef enum { BATCH_PREPARED, BATCH_WRITTEN } BatchState;

/* after_id and last_id of a batch of late rows */
#define BATCH_LATE ((int64_t)-1)

typedef struct {
    int64_t id; /* from 1 */
    const Table *table;
    int64_t after_id, last_id; /* after_id < id of the base table <= last_id */
    BatchState state;
    int64_t prepared_at_us;
    Str format, key, sha256; /* of the file; absent until WRITTEN, and for ever when there are no rows */
    int64_t bytes, rows, min_id, max_id;
    Str sums; /* {"USD": micros, ...} in order of currency */
} Batch;

/* Makes the next batch of a table: late rows first, then those whose ids are older than before_us. *ret_id is 0 when
 * there is nothing to leave. */
bool batch_prepare(Db *db, const Table *table, int64_t before_us, const Clock *clock, int64_t *ret_id,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The oldest batch of a table without a file. NOT_FOUND when there is none. Texts are in arena. */
bool batch_find_prepared(Db *db, const Table *table, Arena *arena, Batch *ret_batch,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The oldest file of a table among those after_id < id <= until_id of batches. NOT_FOUND when there is none. */
bool batch_find_written(Db *db, const Table *table, int64_t after_id, int64_t until_id, Arena *arena, Batch *ret_batch,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Records what was written for a batch that was as before says. CONFLICT when somebody else was faster. */
bool batch_save_written(Db *db, const Batch *before, const Batch *batch, const Clock *clock,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Its rows, in order of id; columns as in the table's description. end with db_end(). */
DbRows *batch_select(DbTx *tx, const Batch *batch, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same rows, counted by the database: currency (absent without money), rows, sum of micros (0 where only we can
 * read the amounts). */
DbRows *batch_select_totals(DbTx *tx, const Batch *batch, GError **error) G_GNUC_WARN_UNUSED_RESULT;
