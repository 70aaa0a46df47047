/* Pull store: table feed_pull, which has a row for each pull that was begun. */
#pragma once

#include "feeds/pull.h"

bool pull_store_begin(DbTx *tx, Id id, Str source, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whatever of the source still seems to run has ended with its process. One that somebody runs by hand meanwhile is put
 * right when it ends. */
bool pull_store_end_broken_off(DbTx *tx, Str source, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* failure: why it ended early; NULL when it is complete. */
bool pull_store_end(DbTx *tx, const FeedSummary *summary, const GError *failure, int64_t now_us,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
