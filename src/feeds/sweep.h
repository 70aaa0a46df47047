/*
 * Sweep: what of feeds is forgotten after a time: listings that have long been gone, and how old pulls went.
 *
 * Each call removes up to limit in the caller's transaction. ret_more: there may be more.
 */
#pragma once

#include "store/db.h"

/* Listings that went off the shelf before. One that comes back later is a new listing. */
bool gone_listing_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Pulls that began before, except the last one of each source. */
bool feed_pull_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
