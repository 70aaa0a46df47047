/*
 * Journal: the right to write revenue, and the ids that are given while it is held.
 *
 * One writer at a time, on both engines: so ids have no gaps and rise in the order of commits, and a reader that has
 * seen id N will never find a smaller one later.
 */
#pragma once

#include "store/db.h"

typedef struct {
    DbTx *tx;
    int64_t now_us;
    int64_t report_id, sighting_id, line_id, revision_id, txn_id, entry_id; /* the last ones given */
} Journal;

/* Takes the lock, which ends with tx (DB_WRITE), and reads where the ids stand. */
bool journal_open(DbTx *tx, int64_t now_us, Journal *ret_journal, GError **error) G_GNUC_WARN_UNUSED_RESULT;
