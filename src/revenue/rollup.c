#include "revenue/rollup.h"

#include "revenue/rollup_hour.h"

/* PostgreSQL must delete and read in one statement: a second one would see marks that the first did not. SQLite has
 * one writer at a time. */
static const Sql TAKE_SQL = {
    .sqlite = "INSERT INTO rollup_due (hour_us, run) SELECT DISTINCT hour_us, $1 FROM rollup_mark WHERE true "
              "ON CONFLICT (hour_us) DO UPDATE SET run = excluded.run",
    .postgres = "WITH taken AS (DELETE FROM rollup_mark RETURNING hour_us) "
                "INSERT INTO rollup_due (hour_us, run) SELECT DISTINCT hour_us, CAST($1 AS BIGINT) FROM taken "
                "ON CONFLICT (hour_us) DO UPDATE SET run = excluded.run",
};
static const Sql TAKEN_SQL = {
    .sqlite = "DELETE FROM rollup_mark",
    .postgres = "DELETE FROM rollup_mark WHERE false",
};

bool
rollup_begin(Db *db, RollupRun *ret_run, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    RollupRun run = {0};

    /* The row of the state also makes beginnings wait for each other. */
    if (tx == NULL ||
        !db_query_int(tx, SQL("UPDATE rollup_state SET run = run + 1 RETURNING run"), DB_NO_ARGS, &run.number, error) ||
        !db_exec(tx, SQL("UPDATE rollup_due SET run = $1"), DB_ARGS(db_int(run.number)), NULL, error) ||
        !db_exec(tx, TAKE_SQL, DB_ARGS(db_int(run.number)), NULL, error) ||
        !db_exec(tx, TAKEN_SQL, DB_NO_ARGS, NULL, error) || !db_commit_auto(&tx, error))
        return false;
    *ret_run = run;
    return true;
}

/* One hour on its way. */
typedef struct {
    int64_t hour_us;
    GPtrArray *stored, *computed;
    DbTx *tx;
    int64_t run, now_us, changed;
    GError **error;
} Hour;

static void
hour_clear(Hour *hour)
{
    g_clear_pointer(&hour->stored, g_ptr_array_unref);
    g_clear_pointer(&hour->computed, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Hour, hour_clear)

/* The newest hour first: it is the one that people look at. ret_found: false when none is left. */
static bool
compute(Db *db, Hour *hour, bool *ret_found, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(GError) cause = NULL;

    if (tx == NULL)
        return false;
    if (!db_query_int(tx, SQL("SELECT hour_us FROM rollup_due WHERE run = $1 ORDER BY hour_us DESC LIMIT 1"),
                      DB_ARGS(db_int(hour->run)), &hour->hour_us, &cause)) {
        *ret_found = false;
        if (weir_error_code(cause) == WEIR_ERROR_NOT_FOUND)
            return true;
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
    }
    *ret_found = true;
    hour->stored = rollup_hour_load(tx, hour->hour_us, error);
    if (hour->stored != NULL)
        hour->computed = rollup_hour_compute(tx, hour->hour_us, error);
    return hour->computed != NULL;
}

static const Sql PUT_SQL =
    SQL("INSERT INTO rollup (hour_us, source, currency, impressions, clicks, counted_clicks, attributed_micros, "
        "unattributed_micros, run, changed_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
        "ON CONFLICT (hour_us, source, currency) DO UPDATE SET impressions = excluded.impressions, "
        "clicks = excluded.clicks, counted_clicks = excluded.counted_clicks, "
        "attributed_micros = excluded.attributed_micros, unattributed_micros = excluded.unattributed_micros, "
        "run = excluded.run, changed_at_us = excluded.changed_at_us");

static bool
store_row(void *data, const RollupRow *stored, const RollupRow *computed)
{
    Hour *hour = data;

    hour->changed++;
    if (computed == NULL)
        return db_exec(hour->tx, SQL("DELETE FROM rollup WHERE hour_us = $1 AND source = $2 AND currency = $3"),
                       DB_ARGS(db_int(hour->hour_us), db_cstr(stored->source), db_cstr(stored->currency)), NULL,
                       hour->error);
    return db_exec(hour->tx, PUT_SQL,
                   DB_ARGS(db_int(hour->hour_us), db_cstr(computed->source), db_cstr(computed->currency),
                           db_int(computed->impressions), db_int(computed->clicks), db_int(computed->counted_clicks),
                           db_int(computed->attributed_micros), db_int(computed->unattributed_micros),
                           db_int(hour->run), db_int(hour->now_us)),
                   NULL, hour->error);
}

/* Nothing happens when a later run has taken the hour over: what it computes is newer. The row of the hour is locked
 * until the commit, so that the later run either finds what is stored here or takes the row before. */
static bool
store(Db *db, Hour *hour, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    int64_t own;

    if (tx == NULL || !db_exec(tx, SQL("DELETE FROM rollup_due WHERE hour_us = $1 AND run = $2"),
                               DB_ARGS(db_int(hour->hour_us), db_int(hour->run)), &own, error))
        return false;
    if (own == 0)
        return true;
    hour->tx = tx;
    hour->error = error;
    return rollup_hour_compare(hour->stored, hour->computed, store_row, hour) && db_commit_auto(&tx, error);
}

static bool
complete(Db *db, const RollupRun *run, int64_t now_us, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL &&
           db_exec(tx, SQL("UPDATE rollup_state SET complete_run = run, complete_at_us = $2 WHERE run = $1"),
                   DB_ARGS(db_int(run->number), db_int(now_us)), NULL, error) &&
           db_commit_auto(&tx, error);
}

bool
rollup_step(Db *db, const Clock *clock, RollupRun *run, bool *ret_more, GError **error)
{
    g_auto(Hour) hour = {.run = run->number, .now_us = clock_now_us(clock)};
    bool found;

    if (!compute(db, &hour, &found, error))
        return false;
    if (found ? !store(db, &hour, error) : !complete(db, run, hour.now_us, error))
        return false;
    run->hours += found;
    run->changed += hour.changed;
    *ret_more = found;
    return true;
}

bool
rollup_update(Db *db, const Clock *clock, RollupRun *ret_run, GError **error)
{
    RollupRun run;
    bool more = true;

    if (!rollup_begin(db, &run, error))
        return false;
    while (more)
        if (!rollup_step(db, clock, &run, &more, error))
            return false;
    *ret_run = run;
    return true;
}
