#include "warehouse/batch.h"

#include "base/id.h"

static const char *const STATES[] = {"prepared", "written"};

#define EXPORT_COLUMNS                                                                                                 \
    "id, table_name, after_id, last_id, state, prepared_at_us, format, object_key, sha256, bytes, row_count, min_id, " \
    "max_id, sums"

/* ---- preparing ---- */

/* BEGIN IMMEDIATE has locked all of SQLite already. On PostgreSQL: one export prepares at a time; and whoever inserts
 * into the base table has committed before, or will see the new watermark. Tables that are written in the order of
 * their ids need no lock: the watermark never passes a row that is still to be committed. */
static bool
lock_for_prepare(DbTx *tx, const Table *table, GError **error)
{
    g_autofree char *base = g_strdup_printf("LOCK TABLE %s IN SHARE MODE", table->base);

    if (db_tx_engine(tx) == DB_ENGINE_SQLITE)
        return true;
    return db_exec(tx, SQL("LOCK TABLE export IN SHARE ROW EXCLUSIVE MODE"), DB_NO_ARGS, NULL, error) &&
           (!table->late || db_exec(tx, SQL(base), DB_NO_ARGS, NULL, error));
}

static bool
insert_batch(DbTx *tx, int64_t id, const Table *table, int64_t after_id, int64_t last_id, int64_t now_us,
             GError **error)
{
    return db_exec(tx,
                   SQL("INSERT INTO export (id, table_name, after_id, last_id, state, prepared_at_us, changed_at_us, "
                       "bytes, row_count, min_id, max_id, sums) "
                       "VALUES ($1, $2, $3, $4, 'prepared', $5, $5, 0, 0, 0, 0, '{}')"),
                   DB_ARGS(db_int(id), db_cstr(table->name), db_int(after_id), db_int(last_id), db_int(now_us)), NULL,
                   error);
}

static bool
prepare_late(DbTx *tx, int64_t id, const Table *table, int64_t now_us, bool *ret_any, GError **error)
{
    int64_t taken = 0;

    if (table->late && !db_exec(tx,
                                SQL("UPDATE export_late SET export_id = $1 WHERE table_name = $2 AND row_id IN "
                                    "(SELECT row_id FROM export_late WHERE table_name = $2 AND export_id IS NULL "
                                    "ORDER BY row_id LIMIT $3)"),
                                DB_ARGS(db_int(id), db_cstr(table->name), db_int(table->batch_limit)), &taken, error))
        return false;
    if (taken > 0 && !insert_batch(tx, id, table, BATCH_LATE, BATCH_LATE, now_us, error))
        return false;
    *ret_any = taken > 0;
    return true;
}

/* How far the watermark may go: what is younger may still be on its way, or be computed. */
static bool
find_before(DbTx *tx, const Table *table, int64_t before_us, int64_t *ret_before_id, GError **error)
{
    int64_t until;

    if (table->until == NULL) {
        *ret_before_id = table->late ? id_floor(before_us) : INT64_MAX;
        return true;
    }
    if (!db_query_int(tx, SQL(table->until), DB_NO_ARGS, &until, error))
        return false;
    *ret_before_id = until + 1;
    return true;
}

static bool
prepare_range(DbTx *tx, int64_t id, const Table *table, int64_t before_id, int64_t now_us, bool *ret_any,
              GError **error)
{
    const char *column = table_follows(table);
    g_autofree char *text = g_strdup_printf("SELECT COALESCE(MAX(%s), 0) FROM (SELECT %s FROM %s WHERE %s > $1 AND "
                                            "%s < $2 ORDER BY %s LIMIT $3) AS next",
                                            column, column, table->base, column, column, column);
    int64_t after_id, last_id;

    if (!db_query_int(tx, SQL("SELECT last_id FROM export_watermark WHERE table_name = $1"),
                      DB_ARGS(db_cstr(table->name)), &after_id, error) ||
        !db_query_int(tx, SQL(text), DB_ARGS(db_int(after_id), db_int(before_id), db_int(table->batch_limit)), &last_id,
                      error))
        return false;
    *ret_any = last_id > 0;
    return last_id == 0 || (db_exec(tx, SQL("UPDATE export_watermark SET last_id = $1 WHERE table_name = $2"),
                                    DB_ARGS(db_int(last_id), db_cstr(table->name)), NULL, error) &&
                            insert_batch(tx, id, table, after_id, last_id, now_us, error));
}

bool
batch_prepare(Db *db, const Table *table, int64_t before_us, const Clock *clock, int64_t *ret_id, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    int64_t now_us = clock_now_us(clock), id, before_id;
    bool any = false;

    if (tx == NULL || !lock_for_prepare(tx, table, error) ||
        !db_query_int(tx, SQL("SELECT COALESCE(MAX(id), 0) + 1 FROM export"), DB_NO_ARGS, &id, error) ||
        !prepare_late(tx, id, table, now_us, &any, error) || !find_before(tx, table, before_us, &before_id, error))
        return false;
    if (!any && !prepare_range(tx, id, table, before_id, now_us, &any, error))
        return false;
    if (!any) {
        *ret_id = 0;
        return true;
    }
    if (!db_commit_auto(&tx, error))
        return false;
    *ret_id = id;
    return true;
}

/* ---- the record ---- */

static bool
state_parse(Str text, BatchState *ret_state)
{
    for (size_t i = 0; i < G_N_ELEMENTS(STATES); i++) {
        if (str_is(text, STATES[i])) {
            *ret_state = (BatchState)i;
            return true;
        }
    }
    return false;
}

static bool
batch_get(const DbRows *rows, Arena *arena, Batch *ret_batch, GError **error)
{
    Str name = db_get_text(rows, 1), state = db_get_text(rows, 4);
    Batch batch = {
        .id = db_get_int(rows, 0),
        .table = table_find(name),
        .after_id = db_get_int(rows, 2),
        .last_id = db_get_int(rows, 3),
        .prepared_at_us = db_get_int(rows, 5),
        .format = arena_str(arena, db_get_text(rows, 6)),
        .key = arena_str(arena, db_get_text(rows, 7)),
        .sha256 = arena_str(arena, db_get_text(rows, 8)),
        .bytes = db_get_int(rows, 9),
        .rows = db_get_int(rows, 10),
        .min_id = db_get_int(rows, 11),
        .max_id = db_get_int(rows, 12),
        .sums = arena_str(arena, db_get_text(rows, 13)),
    };

    if (batch.table == NULL)
        return weir_fail(error, WEIR_ERROR_BROKEN,
                         "export %" G_GINT64_FORMAT " is of table \"%.*s\", which this program does not know", batch.id,
                         STR_FORMAT(name));
    if (!state_parse(state, &batch.state))
        return weir_fail(error, WEIR_ERROR_BROKEN, "export %" G_GINT64_FORMAT " has the state \"%.*s\"", batch.id,
                         STR_FORMAT(state));
    *ret_batch = batch;
    return true;
}

/* The first row of what is asked. */
static bool
find_batch(Db *db, Sql sql, DbArgs args, Arena *arena, Batch *ret_batch, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(DbRows) rows = NULL;

    if (tx == NULL || (rows = db_query(tx, sql, args, error)) == NULL)
        return false;
    if (db_next(rows, error))
        return batch_get(rows, arena, ret_batch, error);
    return !db_has_failed(rows) && weir_fail(error, WEIR_ERROR_NOT_FOUND, "no export is waiting");
}

bool
batch_find_prepared(Db *db, const Table *table, Arena *arena, Batch *ret_batch, GError **error)
{
    return find_batch(db,
                      SQL("SELECT " EXPORT_COLUMNS " FROM export WHERE table_name = $1 AND state = 'prepared' "
                          "ORDER BY id LIMIT 1"),
                      DB_ARGS(db_cstr(table->name)), arena, ret_batch, error);
}

bool
batch_find_written(Db *db, const Table *table, int64_t after_id, int64_t until_id, Arena *arena, Batch *ret_batch,
                   GError **error)
{
    return find_batch(db,
                      SQL("SELECT " EXPORT_COLUMNS " FROM export WHERE table_name = $1 AND id > $2 AND id <= $3 AND "
                          "state = 'written' AND row_count > 0 ORDER BY id LIMIT 1"),
                      DB_ARGS(db_cstr(table->name), db_int(after_id), db_int(until_id)), arena, ret_batch, error);
}

/* What the table has in files, with this one. What was written before is replaced. */
static bool
count_written(DbTx *tx, const Batch *before, const Batch *batch, GError **error)
{
    int64_t files = (batch->rows > 0) - (before->rows > 0);

    return db_exec(tx,
                   SQL("UPDATE export_watermark SET files = files + $1, row_count = row_count + $2, "
                       "bytes = bytes + $3 WHERE table_name = $4"),
                   DB_ARGS(db_int(files), db_int(batch->rows - before->rows), db_int(batch->bytes - before->bytes),
                           db_cstr(batch->table->name)),
                   NULL, error);
}

bool
batch_save_written(Db *db, const Batch *before, const Batch *batch, const Clock *clock, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    int64_t changed;

    if (tx == NULL ||
        !db_exec(tx,
                 SQL("UPDATE export SET state = 'written', changed_at_us = $1, format = $2, object_key = $3, "
                     "sha256 = $4, bytes = $5, row_count = $6, min_id = $7, max_id = $8, sums = $9 "
                     "WHERE id = $10 AND state = $11 AND COALESCE(sha256, '') = $12"),
                 DB_ARGS(db_int(clock_now_us(clock)), db_text(batch->format), db_text(batch->key),
                         db_text(batch->sha256), db_int(batch->bytes), db_int(batch->rows), db_int(batch->min_id),
                         db_int(batch->max_id), db_text(batch->sums), db_int(batch->id), db_cstr(STATES[before->state]),
                         db_text(before->sha256.at == NULL ? STR("") : before->sha256)),
                 &changed, error))
        return false;
    if (changed == 0)
        return weir_fail(error, WEIR_ERROR_CONFLICT, "export %" G_GINT64_FORMAT " was moved on by somebody else",
                         batch->id);
    return count_written(tx, before, batch, error) && db_commit_auto(&tx, error);
}

/* ---- its rows ---- */

static DbRows *
query_rows(DbTx *tx, const Batch *batch, GString *select, const char *tail, GError **error)
{
    bool late = batch->last_id == BATCH_LATE;

    if (late)
        g_string_append(select, " WHERE t.id IN (SELECT x.row_id FROM export_late x WHERE x.table_name = $1 AND "
                                "x.export_id = $2)");
    else if (batch->table->late)
        g_string_append(select, " WHERE t.id > $2 AND t.id <= $3 AND NOT EXISTS (SELECT 1 FROM export_late x WHERE "
                                "x.table_name = $1 AND x.row_id = t.id)");
    else
        g_string_append_printf(select, " WHERE t.%1$s > $1 AND t.%1$s <= $2", table_follows(batch->table));
    g_string_append(select, tail);
    if (late)
        return db_query(tx, SQL(select->str), DB_ARGS(db_cstr(batch->table->name), db_int(batch->id)), error);
    if (!batch->table->late)
        return db_query(tx, SQL(select->str), DB_ARGS(db_int(batch->after_id), db_int(batch->last_id)), error);
    return db_query(tx, SQL(select->str),
                    DB_ARGS(db_cstr(batch->table->name), db_int(batch->after_id), db_int(batch->last_id)), error);
}

DbRows *
batch_select(DbTx *tx, const Batch *batch, GError **error)
{
    g_autoptr(GString) select = g_string_new(NULL);
    g_autofree char *order = g_strdup_printf(" ORDER BY t.%s%s", table_follows(batch->table), batch->table->order);

    table_write_select(batch->table, db_tx_engine(tx), select);
    return query_rows(tx, batch, select, order, error);
}

DbRows *
batch_select_totals(DbTx *tx, const Batch *batch, GError **error)
{
    const Table *table = batch->table;
    bool sqlite = db_tx_engine(tx) == DB_ENGINE_SQLITE;
    bool summed = table->money >= 0 && !table->columns[table->money].decimal;
    g_autoptr(GString) select = g_string_new("SELECT ");

    if (summed)
        g_string_append_printf(select, "%s, COUNT(*), CAST(SUM(%s) AS BIGINT)",
                               table->columns[table->currency].expression.sqlite,
                               table->columns[table->money].expression.sqlite);
    else
        g_string_append(select, "CAST(NULL AS TEXT), COUNT(*), 0");
    g_string_append_printf(select, " FROM %s", sqlite ? table->from.sqlite : table->from.postgres);
    return query_rows(tx, batch, select, summed ? " GROUP BY 1" : "", error);
}
