/*
 * Stored listings: one row each under its public id.
 */
#pragma once

#include "base/id.h"
#include "feeds/index_write.h"

typedef enum { STORED_ADDED, STORED_SAME, STORED_CHANGED, STORED_REPEATED } StoredOutcome;

/* Adds or updates a listing and notes that pull_id saw it. Content decides: equal content is SAME and writes only the
 * note. The first moment of posting stays: one that moves is no fresher listing, and no change. A listing that was gone comes back. What the index must learn is put into
 * index, to be written in the same transaction.
 *
 * The pull has seen the id already: with equal content the row is REPEATED, and nothing is written. With other content
 * (ret_clashed) it is another listing to which the partner gave the same id: the first one keeps it, and this one is
 * stored under "ID~" and a hash of its title, company and place, by which the next pull finds it again. */
bool listing_store_put(DbTx *tx, const Listing *listing, Id pull_id, IdMint *mint, int64_t now_us, IndexBatch *index,
                       StoredOutcome *ret_outcome, bool *ret_clashed, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After a complete pull of a full listing: those of the source that neither pull_id saw nor one that began later miss
 * once more, and go at the second absence (a partner's hiccup must not empty the shelf). ret_gone: how many went now. */
bool listing_store_sweep(DbTx *tx, Str source, Id pull_id, int64_t now_us, int64_t *ret_gone,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same at the first absence. */
bool listing_store_clear(DbTx *tx, Str source, Id pull_id, int64_t now_us, int64_t *ret_gone,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many of a source's listings are on the shelf. */
bool listing_store_count(DbTx *tx, Str source, int64_t *ret_count, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The columns that listing_store_read() expects, in its order, and the tables they are of; l is the listing, s who saw it. */
extern const char LISTING_COLUMNS[], LISTING_TABLES[];
#define LISTING_COLUMN_COUNT 29
/* The current row as a listing, its texts copied to arena. */
Listing listing_store_read(const DbRows *rows, Arena *arena);
