/*
 * Click earnings: what the clicks of each source earned of late, and what was bid for them, of which a source may pay more
 * or less: for searches to know whom it is worth to wait for, and what to expect of a click.
 *
 * Rough figures, in one currency: earnings from the rollups (rollup.h), bids from the newest clicks. Nothing of it is booked
 * or shown as money.
 */
#pragma once

#include "search/learned.h"
#include "store/db.h"

/* Of SourceEarnings, their texts owned by the array. since_us: clicks and money of hours from that moment on. */
GArray *click_earnings_read(Db *db, int64_t since_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
