#include "revenue/sweep.h"

#include "base/clock.h"

bool
totals_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more, GError **error)
{
#define UNCOMPARED                                                                                                     \
    "(SELECT id FROM totals_fetch f WHERE fetched_at_us < $1 AND NOT EXISTS (SELECT 1 FROM reconciliation r WHERE "    \
    "r.fetch_id = f.id) ORDER BY id LIMIT $2)"
    const DbArgs args = DB_ARGS(db_int(before_us), db_int(limit));

    if (!db_exec(tx, SQL("DELETE FROM partner_total WHERE fetch_id IN " UNCOMPARED), args, NULL, error) ||
        !db_exec(tx, SQL("DELETE FROM totals_fetch WHERE id IN " UNCOMPARED), args, ret_removed, error))
        return false;
#undef UNCOMPARED
    *ret_more = *ret_removed >= limit;
    return true;
}

bool
sighting_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more, GError **error)
{
    if (!db_exec(tx,
                 SQL("DELETE FROM report_sighting WHERE id IN (SELECT id FROM report_sighting s WHERE seen_at_us < $1 "
                     "AND EXISTS (SELECT 1 FROM report_sighting later WHERE later.report_id = s.report_id AND "
                     "later.origin = s.origin AND later.id > s.id) ORDER BY id LIMIT $2)"),
                 DB_ARGS(db_int(before_us), db_int(limit)), ret_removed, error))
        return false;
    *ret_more = *ret_removed >= limit;
    return true;
}

bool
alert_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more, GError **error)
{
#define RESOLVED                                                                                                       \
    "(SELECT id FROM alert WHERE resolved_at_us IS NOT NULL AND resolved_at_us < $1 ORDER BY resolved_at_us, id "      \
    "LIMIT $2)"
    const DbArgs args = DB_ARGS(db_int(before_us), db_int(limit));

    if (!db_exec(tx, SQL("DELETE FROM alert_notice WHERE alert_id IN " RESOLVED), args, NULL, error) ||
        !db_exec(tx, SQL("DELETE FROM alert WHERE id IN " RESOLVED), args, ret_removed, error))
        return false;
#undef RESOLVED
    *ret_more = *ret_removed >= limit;
    return true;
}

/* ---- events ---- */

/* Moves the floor up to the hour, unless a rollup below it is still to be computed: hours below it are computed no more. */
static bool
raise_floor(DbTx *tx, int64_t hour_us, GError **error)
{
    return db_exec(tx,
                   SQL("UPDATE event_retention SET floor_us = $1 WHERE floor_us < $1 AND NOT EXISTS "
                       "(SELECT 1 FROM rollup_mark WHERE hour_us < $1) AND NOT EXISTS "
                       "(SELECT 1 FROM rollup_due WHERE hour_us < $1)"),
                   DB_ARGS(db_int(hour_us)), NULL, error);
}

typedef struct {
    Sql swept;  /* up to where: a moment */
    Sql next;   /* $1 from, $2 to: when the first one was, or $2 */
    Sql remove; /* $1 from, $2 to */
    Sql note;   /* $1 the moment */
} EventKind;

static const EventKind CLICKS = {
    SQL("SELECT clicks_swept_us FROM event_retention"),
    SQL("SELECT COALESCE(MIN(at_us), $2) FROM click WHERE at_us >= $1 AND at_us < $2"),
    SQL("DELETE FROM click WHERE at_us >= $1 AND at_us < $2 AND NOT EXISTS "
        "(SELECT 1 FROM entry WHERE entry.click_id = click.id)"),
    SQL("UPDATE event_retention SET clicks_swept_us = $1"),
};
static const EventKind SEARCHES = {
    SQL("SELECT searches_swept_us FROM event_retention"),
    SQL("SELECT COALESCE(MIN(at_us), $2) FROM search WHERE at_us >= $1 AND at_us < $2"),
    SQL("DELETE FROM search WHERE at_us >= $1 AND at_us < $2 AND NOT EXISTS "
        "(SELECT 1 FROM click WHERE click.search_id = search.id)"),
    SQL("UPDATE event_retention SET searches_swept_us = $1"),
};

/* Searches that show a page begin within an hour of its making. */
static const EventKind PAGES = {
    SQL("SELECT pages_swept_us FROM event_retention"),
    SQL("SELECT COALESCE(MIN(made_at_us), $2) FROM search_page WHERE made_at_us >= $1 AND made_at_us < $2"),
    SQL("DELETE FROM search_page WHERE made_at_us >= $1 AND made_at_us < $2 AND NOT EXISTS "
        "(SELECT 1 FROM search WHERE search.at_us >= search_page.made_at_us - 3600000000 "
        "AND search.at_us < search_page.made_at_us + 3600000000 AND search.page_id = search_page.id)"),
    SQL("UPDATE event_retention SET pages_swept_us = $1"),
};

/* The first minute in which there is anything, up to the end. What was kept is not looked at again. */
static bool
sweep_minute(DbTx *tx, const EventKind *kind, int64_t end_us, int64_t *removed, bool *more, GError **error)
{
    int64_t swept_us, from_us, to_us, gone;

    if (!db_query_int(tx, kind->swept, DB_NO_ARGS, &swept_us, error))
        return false;
    if (swept_us >= end_us)
        return true;
    if (!db_query_int(tx, kind->next, DB_ARGS(db_int(swept_us), db_int(end_us)), &from_us, error))
        return false;
    to_us = MIN(from_us + US_PER_MINUTE, end_us);
    if (!db_exec(tx, kind->remove, DB_ARGS(db_int(from_us), db_int(to_us)), &gone, error) ||
        !db_exec(tx, kind->note, DB_ARGS(db_int(to_us)), NULL, error))
        return false;
    *removed += gone;
    *more = *more || to_us < end_us;
    return true;
}

bool
event_sweep(DbTx *tx, int64_t before_us, int64_t limit G_GNUC_UNUSED, int64_t *ret_removed, bool *ret_more,
            GError **error)
{
    int64_t removed = 0, pages_removed = 0, floor_us;
    bool more = false;

    if (!raise_floor(tx, before_us - before_us % US_PER_HOUR, error) ||
        !db_query_int(tx, SQL("SELECT floor_us FROM event_retention"), DB_NO_ARGS, &floor_us, error) ||
        !sweep_minute(tx, &CLICKS, floor_us, &removed, &more, error) ||
        !sweep_minute(tx, &SEARCHES, floor_us - SEARCH_SWEEP_LAG_US, &removed, &more, error) ||
        !sweep_minute(tx, &PAGES, floor_us - SEARCH_SWEEP_LAG_US - US_PER_DAY, &pages_removed, &more, error))
        return false;
    *ret_removed = removed;
    *ret_more = more;
    return true;
}
