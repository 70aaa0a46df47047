/*
 * Click earnings: what the clicks of each source earned of late, for searches to know whom it is worth to wait for.
 *
 * And what was bid for them, of which a source may pay more or less. A rough figure, in one currency, from the rollups (rollup.h). Nothing of it is booked or shown as money.
 */
#pragma once

#include "search/learned.h"
#include "store/db.h"

/* Of SourceEarnings, their texts owned by the array. since_us: clicks and money of hours from that moment on. */
GArray *click_earnings_read(Db *db, int64_t since_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
