/*
 * RowMerger: several rows of one id, one for each place, become one listing.
 *
 *     row ──> is its id among those at hand? ── yes ──> its place is added
 *                  └── no ──> the oldest is given when there are too many, or too many bytes ──> it waits for others
 *
 * So a feed of any length needs little memory. Rows of one id that stand further apart than the window are two listings.
 */
#pragma once

#include "listings/listing.h"

/* What listings at hand may hold together. */
#define ROW_MERGER_BYTES (4 * 1024 * 1024)
/* Places beyond are left out of the text. */
#define ROW_MERGER_PLACES_BYTES 500

typedef struct RowMerger RowMerger;

/* window: ids at hand at once; 1: only rows that follow each other. given: false stops; texts live during the call. */
RowMerger *row_merger_new(unsigned window, bool (*given)(void *data, const Listing *listing), void *data);
void row_merger_free(RowMerger *merger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RowMerger, row_merger_free)
/* Both false when given() stopped. */
bool row_merger_add(RowMerger *merger, const Listing *row);
/* No more rows come: gives all that are at hand. */
bool row_merger_finish(RowMerger *merger);
