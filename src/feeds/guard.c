#include "feeds/guard.h"

#include "base/clock.h"
#include "feeds/listing_store.h"

/* Complete pulls from the newest on. */
#define HISTORY_SQL                                                                                                    \
    "SELECT id, status, added + same + changed, started_at_us FROM feed_pull "                                         \
    "WHERE source = $1 AND status IN ('done', 'guarded', 'accepted', 'unchanged') ORDER BY id DESC LIMIT 100"

static bool
agrees(int64_t one, int64_t other)
{
    return 10 * ABS(one - other) <= MAX(one, other);
}

/* How many pulls in a row, with this one, were as short, and since when; or whether one as short is believed already. */
static bool
read_history(DbTx *tx, Str source, int64_t seen, int *ret_pulls, int64_t *since_us, bool *ret_believed, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, SQL(HISTORY_SQL), DB_ARGS(db_text(source)), error);

    *ret_pulls = 1;
    *ret_believed = false;
    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        Str status = db_get_text(rows, 1);
        bool guarded = str_is(status, "guarded");

        if (str_is(status, "unchanged"))
            continue;
        *ret_believed = *ret_pulls == 1 && !guarded && agrees(db_get_int(rows, 2), seen);
        if (!guarded || !agrees(db_get_int(rows, 2), seen))
            break;
        ++*ret_pulls;
        *since_us = db_get_int(rows, 3);
    }
    return !db_has_failed(rows);
}

bool
guard_holds(DbTx *tx, Str source, int64_t seen, int64_t shelf, int64_t now_us, bool *ret_holds, GError **error)
{
    int64_t since_us = now_us;
    bool believed;
    int pulls;

    *ret_holds = 2 * seen < shelf;
    if (!*ret_holds || seen == 0)
        return true;
    if (!read_history(tx, source, seen, &pulls, &since_us, &believed, error))
        return false;
    *ret_holds = !believed && (pulls < GUARD_PULLS || now_us - since_us < GUARD_TIME_US);
    return true;
}

static bool
find_held(DbTx *tx, Str source, Id *ret_pull_id, GError **error)
{
    g_autoptr(DbRows) rows = db_query(tx, SQL(HISTORY_SQL), DB_ARGS(db_text(source)), error);

    if (rows == NULL)
        return false;
    if (db_next(rows, error) && str_is(db_get_text(rows, 1), "guarded")) {
        *ret_pull_id = db_get_int(rows, 0);
        return true;
    }
    return !db_has_failed(rows) && weir_fail(error, WEIR_ERROR_NOT_FOUND,
                                             "the last complete pull of %.*s was not held back", STR_FORMAT(source));
}

bool
guard_accept(Db *db, Str source, int64_t now_us, int64_t *ret_gone, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    Id pull_id = ID_NONE;

    return tx != NULL && find_held(tx, source, &pull_id, error) &&
           listing_store_clear(tx, source, pull_id, now_us, ret_gone, error) &&
           db_exec(tx, SQL("UPDATE feed_pull SET status = 'accepted', gone = $2 WHERE id = $1"),
                   DB_ARGS(db_int(pull_id), db_int(*ret_gone)), NULL, error) &&
           db_commit_auto(&tx, error);
}
