/*
 * Listing batch: listings that were read wait in memory until there are enough, and are written in one transaction.
 *
 * None is open while the partner is waited for, since a slow one would lock everybody else out.
 */
#pragma once

#include "feeds/listing_store.h"

typedef struct ListingBatch ListingBatch;

ListingBatch *listing_batch_new(void);
void listing_batch_free(ListingBatch *batch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListingBatch, listing_batch_free)
/* Copies and normalises it. False when the batch is full and must be written before another one is added. */
bool listing_batch_add(ListingBatch *batch, const Listing *listing) G_GNUC_WARN_UNUSED_RESULT;
bool listing_batch_is_empty(const ListingBatch *batch);
void listing_batch_clear(ListingBatch *batch);

typedef struct {
    int64_t added, same, changed, repeated;
    int64_t clashed; /* of added, same and changed */
} BatchCounts;

/* Writes and clears it. pull_id: see listing_store_put(). One that met another pull's transaction is tried again; when
 * it fails, nothing of it is written and all of it is still there. */
bool listing_batch_write(ListingBatch *batch, Db *db, Id pull_id, IdMint *mint, const Clock *clock,
                         BatchCounts *ret_counts, GError **error) G_GNUC_WARN_UNUSED_RESULT;
