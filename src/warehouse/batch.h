/*
 * Batches: the rows of one table that leave together, in one file.
 *
 *                write           put            load
 *     PREPARED ────────> WRITTEN ────> STORED ────────> LOADED
 *
 * Which rows those are is decided once, when a batch is prepared, in one transaction that moves the table's watermark:
 * ids up to it belong to batches, ids above it to none yet. A row that is committed later with an id below the
 * watermark (a node was cut off and ships its events afterwards) is noted by a trigger and leaves in a batch of late
 * rows; it never joins the batch whose range it falls in. So each row is in exactly one batch, and a batch holds the
 * same rows whenever it is written. Each step may be repeated; its outcome is recorded once.
 */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "warehouse/table.h"

typedef enum { BATCH_PREPARED, BATCH_WRITTEN, BATCH_STORED, BATCH_LOADED } BatchState;
const char *batch_state_name(BatchState state);

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

/* The oldest batch that is not yet as far as goal. NOT_FOUND when all are. Texts are in arena. */
bool batch_find_pending(Db *db, BatchState goal, Arena *arena, Batch *ret_batch,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Records the batch as it is given, if it still stands at from. CONFLICT when somebody else was faster. */
bool batch_save(Db *db, const Batch *batch, BatchState from, const Clock *clock,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Its rows, in order of id; columns as in the table's description. end with db_end(). */
DbRows *batch_select(DbTx *tx, const Batch *batch, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same rows, counted by the database: currency (absent without money), rows, sum of micros (0 where only we can
 * read the amounts). */
DbRows *batch_select_totals(DbTx *tx, const Batch *batch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The latest batches, newest first, up to limit. */
bool batch_list(DbTx *tx, int64_t limit, void (*each)(void *data, const Batch *batch), void *data,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
