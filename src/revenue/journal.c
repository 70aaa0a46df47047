#include "revenue/journal.h"

/* BEGIN IMMEDIATE has locked all of SQLite already. The mode conflicts with itself and not with readers. */
static const Sql LOCK_SQL = {
    .sqlite = "SELECT 1",
    .postgres = "LOCK TABLE txn IN SHARE ROW EXCLUSIVE MODE",
};

bool
journal_open(DbTx *tx, int64_t now_us, Journal *ret_journal, GError **error)
{
    g_autoptr(DbRows) rows = NULL;
    Journal journal = {.tx = tx, .now_us = now_us};

    if (!db_exec(tx, LOCK_SQL, DB_NO_ARGS, NULL, error))
        return false;
    rows = db_query(tx,
                    SQL("SELECT (SELECT COALESCE(MAX(id), 0) FROM report), "
                        "(SELECT COALESCE(MAX(id), 0) FROM report_sighting), "
                        "(SELECT COALESCE(MAX(id), 0) FROM line), (SELECT COALESCE(MAX(id), 0) FROM revision), "
                        "(SELECT COALESCE(MAX(id), 0) FROM txn), (SELECT COALESCE(MAX(id), 0) FROM entry)"),
                    DB_NO_ARGS, error);
    if (rows == NULL || !db_next(rows, error))
        return false;
    journal.report_id = db_get_int(rows, 0);
    journal.sighting_id = db_get_int(rows, 1);
    journal.line_id = db_get_int(rows, 2);
    journal.revision_id = db_get_int(rows, 3);
    journal.txn_id = db_get_int(rows, 4);
    journal.entry_id = db_get_int(rows, 5);
    *ret_journal = journal;
    return true;
}
