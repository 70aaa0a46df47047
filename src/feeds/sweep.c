#include "feeds/sweep.h"

#include "base/id.h"

static bool
load_gone(DbTx *tx, int64_t before_us, int64_t limit, GArray *numbers, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx,
                                      SQL("SELECT number FROM listing_seen WHERE gone_at_us IS NOT NULL AND gone_at_us "
                                          "< $1 ORDER BY gone_at_us LIMIT $2"),
                                      DB_ARGS(db_int(before_us), db_int(limit)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        int64_t number = db_get_int(rows, 0);

        g_array_append_val(numbers, number);
    }
    return !db_has_failed(rows);
}

/* A pull may have brought it back since it was found: the condition is asked again where it counts. */
static bool
remove_gone(DbTx *tx, int64_t number, int64_t *removed, GError **error)
{
    int64_t gone;

    if (!db_exec(tx, SQL("DELETE FROM listing_seen WHERE number = $1 AND gone_at_us IS NOT NULL"),
                 DB_ARGS(db_int(number)), &gone, error))
        return false;
    *removed += gone;
    return gone == 0 || db_exec(tx, SQL("DELETE FROM listing WHERE number = $1"), DB_ARGS(db_int(number)), NULL, error);
}

bool
gone_listing_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more, GError **error)
{
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t removed = 0;

    if (!load_gone(tx, before_us, limit, numbers, error))
        return false;
    for (guint i = 0; i < numbers->len; i++)
        if (!remove_gone(tx, g_array_index(numbers, int64_t, i), &removed, error))
            return false;
    *ret_removed = removed;
    *ret_more = numbers->len >= limit;
    return true;
}

bool
feed_pull_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more, GError **error)
{
    if (!db_exec(tx,
                 SQL("DELETE FROM feed_pull WHERE id IN (SELECT id FROM feed_pull old WHERE id < $1 AND EXISTS "
                     "(SELECT 1 FROM feed_pull later WHERE later.source = old.source AND later.id > old.id) "
                     "ORDER BY id LIMIT $2)"),
                 DB_ARGS(db_int(id_floor(before_us)), db_int(limit)), ret_removed, error))
        return false;
    *ret_more = *ret_removed >= limit;
    return true;
}
