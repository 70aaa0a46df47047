#include "feeds/listing_batch.h"

#include "listings/normalise.h"

/* Listings a transaction: long enough to pay for its commit, short enough that nobody waits for the lock. */
#define BATCH_LISTINGS 2000
#define BATCH_BYTES    (4 * 1024 * 1024)
/* How often a transaction is tried that met another pull's. */
#define TRIES 5

struct ListingBatch {
    Listing listings[BATCH_LISTINGS]; /* texts in arena */
    size_t count;
    Arena *arena;
    PlaceMemo *places;
    IndexBatch *index; /* what was written of it and the index does not know yet */
};

ListingBatch *
listing_batch_new(void)
{
    ListingBatch *batch = g_new0(ListingBatch, 1);

    batch->arena = arena_new(64 * 1024);
    batch->places = place_memo_new();
    batch->index = index_batch_new();
    return batch;
}

void
listing_batch_free(ListingBatch *batch)
{
    if (batch == NULL)
        return;
    index_batch_free(batch->index);
    place_memo_free(batch->places);
    arena_free(batch->arena);
    g_free(batch);
}

bool
listing_batch_add(ListingBatch *batch, const Listing *listing)
{
    Listing *copy = &batch->listings[batch->count];

    g_assert(batch->count < BATCH_LISTINGS);
    *copy = listing_copy(batch->arena, listing);
    listing_normalise(batch->arena, batch->places, copy);
    batch->count++;
    return batch->count < BATCH_LISTINGS && arena_used_bytes(batch->arena) < BATCH_BYTES;
}

bool
listing_batch_is_empty(const ListingBatch *batch)
{
    return batch->count == 0;
}

void
listing_batch_clear(ListingBatch *batch)
{
    batch->count = 0;
    arena_reset(batch->arena);
}

static void
count_outcome(BatchCounts *counts, StoredOutcome outcome, bool clashed)
{
    int64_t *const counters[] = {[STORED_ADDED] = &counts->added,
                                 [STORED_SAME] = &counts->same,
                                 [STORED_CHANGED] = &counts->changed,
                                 [STORED_REPEATED] = &counts->repeated};

    ++*counters[outcome];
    counts->clashed += clashed && outcome != STORED_REPEATED;
}

static bool
try_once(ListingBatch *batch, Db *db, Id pull_id, IdMint *mint, const Clock *clock, BatchCounts *ret_counts,
         GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    if (tx == NULL)
        return false;
    *ret_counts = (BatchCounts){0};
    index_batch_clear(batch->index);
    for (size_t i = 0; i < batch->count; i++) {
        StoredOutcome outcome;
        bool clashed;

        if (!listing_store_put(tx, &batch->listings[i], pull_id, mint, clock_now_us(clock), batch->index, &outcome,
                               &clashed, error))
            return false;
        count_outcome(ret_counts, outcome, clashed);
    }
    return index_batch_write(batch->index, tx, error) && db_commit_auto(&tx, error);
}

bool
listing_batch_write(ListingBatch *batch, Db *db, Id pull_id, IdMint *mint, const Clock *clock, BatchCounts *ret_counts,
                    GError **error)
{
    GError *failure = NULL;

    for (int i = 0; i < TRIES; i++) {
        g_clear_error(&failure);
        if (try_once(batch, db, pull_id, mint, clock, ret_counts, &failure) ||
            weir_error_code(failure) != WEIR_ERROR_CONFLICT)
            break;
    }
    if (failure != NULL) {
        g_propagate_error(error, failure);
        return false;
    }
    listing_batch_clear(batch);
    return true;
}
