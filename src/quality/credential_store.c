#include "quality/credential_store.h"

bool
credential_store_note(DbTx *tx, const char *source, bool refused, const char *message, int64_t now_us, GError **error)
{
    if (refused)
        return db_exec(tx,
                       SQL("INSERT INTO source_credential (source, refused, message, changed_at_us) "
                           "VALUES ($1, 1, $2, $3) ON CONFLICT (source) DO UPDATE SET refused = 1, "
                           "message = excluded.message, changed_at_us = excluded.changed_at_us "
                           "WHERE source_credential.refused = 0"),
                       DB_ARGS(db_cstr(source), db_cstr(message), db_int(now_us)), NULL, error);
    return db_exec(
        tx, SQL("UPDATE source_credential SET refused = 0, changed_at_us = $2 WHERE source = $1 AND refused = 1"),
        DB_ARGS(db_cstr(source), db_int(now_us)), NULL, error);
}

bool
credential_store_list(DbTx *tx, void (*each)(void *data, const CredentialRow *row), void *data, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx, SQL("SELECT source, message, refused, changed_at_us FROM source_credential ORDER BY source"),
                 DB_NO_ARGS, error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        CredentialRow row = {.source = db_get_text(rows, 0),
                             .message = db_get_text(rows, 1),
                             .refused = db_get_int(rows, 2) != 0,
                             .changed_at_us = db_get_int(rows, 3)};

        each(data, &row);
    }
    return !db_has_failed(rows);
}
