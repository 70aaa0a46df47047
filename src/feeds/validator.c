#include "feeds/validator.h"

bool
feed_validator_find(Db *db, Str source, Arena *arena, FeedValidator *ret_validator, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(DbRows) rows = NULL;

    *ret_validator = (FeedValidator){.pull_id = ID_NONE};
    if (tx == NULL ||
        (rows = db_query(tx, SQL("SELECT pull_id, etag, last_modified FROM feed_validator WHERE source = $1"),
                         DB_ARGS(db_text(source)), error)) == NULL)
        return false;
    if (db_next(rows, error))
        *ret_validator = (FeedValidator){db_get_int(rows, 0), arena_str(arena, db_get_text(rows, 1)),
                                         arena_str(arena, db_get_text(rows, 2))};
    return !db_has_failed(rows);
}

bool
feed_validator_set(DbTx *tx, Str source, const FeedValidator *validator, GError **error)
{
    if (str_is_empty(validator->etag) && str_is_empty(validator->last_modified))
        return db_exec(tx, SQL("DELETE FROM feed_validator WHERE source = $1"), DB_ARGS(db_text(source)), NULL, error);
    return db_exec(tx,
                   SQL("INSERT INTO feed_validator (source, pull_id, etag, last_modified) VALUES ($1, $2, $3, $4) "
                       "ON CONFLICT (source) DO UPDATE SET pull_id = excluded.pull_id, etag = excluded.etag, "
                       "last_modified = excluded.last_modified, confirmed_at_us = NULL"),
                   DB_ARGS(db_text(source), db_int(validator->pull_id), db_text(validator->etag),
                           db_text(validator->last_modified)),
                   NULL, error);
}

bool
feed_validator_confirm(DbTx *tx, Str source, Id pull_id, int64_t now_us, GError **error)
{
    return db_exec(tx, SQL("UPDATE feed_validator SET confirmed_at_us = $3 WHERE source = $1 AND pull_id = $2"),
                   DB_ARGS(db_text(source), db_int(pull_id), db_int(now_us)), NULL, error);
}
