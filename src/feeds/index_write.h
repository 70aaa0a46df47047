/*
 * Index write: listings into the index and out of it, in the transactions of a pull.
 *
 * SQLite's full text search wants its rows in rising order, or it closes a segment for each: so a batch is collected,
 * and written sorted. There the keys of a minute are given out one after the other, so that they lie together in the
 * file; on PostgreSQL, where several write at once, they are spread.
 */
#pragma once

#include "base/id.h"
#include "feeds/index_terms.h"

typedef struct IndexBatch IndexBatch;

IndexBatch *index_batch_new(void);
void index_batch_free(IndexBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IndexBatch, index_batch_free)

/* Notes a listing that has the row number. fresh: its key if it is in the index already, else 0. posted_us,
 * first_seen_us: as first known, since they do not move. What has expired is not added. Of a number that is put
 * twice, the later counts. */
void index_batch_put(IndexBatch *batch, const Listing *listing, Id number, int64_t fresh, int64_t posted_us,
                     int64_t first_seen_us, int64_t now_us);
/* Writes what was put since the last time, and forgets it. */
bool index_batch_write(IndexBatch *batch, DbTx *tx, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Forgets what was put. */
void index_batch_clear(IndexBatch *batch);

/* Takes out what left the shelf at now_us, and what has expired. */
bool index_sweep(DbTx *tx, Str source, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After a pull: has the engine merge what it put aside for later, which each search would look through. */
bool index_settle(DbTx *tx, GError **error) G_GNUC_WARN_UNUSED_RESULT;
