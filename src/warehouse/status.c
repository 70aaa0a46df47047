#include "warehouse/status.h"

#include "base/arena.h"
#include "base/id.h"

static const char *const STATES[] = {"current", "behind", "failing"};

const char *
delivery_state_name(DeliveryState state)
{
    return STATES[state];
}

static bool
load_watermark(DbTx *tx, TableStatus *status, Arena *arena, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT last_id, files, row_count, bytes, failed_at_us, error, (SELECT COUNT(*) FROM export_late "
                     "WHERE table_name = $1 AND export_id IS NULL) FROM export_watermark WHERE table_name = $1"),
                 DB_ARGS(db_cstr(status->table->name)), error);

    if (rows == NULL)
        return false;
    if (!db_next(rows, error))
        return !db_has_failed(rows) &&
               weir_fail(error, WEIR_ERROR_BROKEN, "export_watermark has no row of %s", status->table->name);
    status->watermark = db_get_int(rows, 0);
    status->files = db_get_int(rows, 1);
    status->rows = db_get_int(rows, 2);
    status->bytes = db_get_int(rows, 3);
    status->failed_at_us = db_get_time(rows, 4);
    status->error = arena_str(arena, db_get_text(rows, 5));
    status->waiting_late = db_get_int(rows, 6);
    return true;
}

static bool
load_last(DbTx *tx, TableStatus *status, Arena *arena, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT id, object_key, row_count, bytes, changed_at_us FROM export WHERE table_name = $1 AND "
                     "row_count > 0 ORDER BY id DESC LIMIT 1"),
                 DB_ARGS(db_cstr(status->table->name)), error);

    if (rows == NULL)
        return false;
    if (!db_next(rows, error))
        return !db_has_failed(rows);
    status->last_id = db_get_int(rows, 0);
    status->last_key = arena_str(arena, db_get_text(rows, 1));
    status->last_rows = db_get_int(rows, 2);
    status->last_bytes = db_get_int(rows, 3);
    status->last_at_us = db_get_int(rows, 4);
    return true;
}

static DeliveryStatus
read_delivery(const DbRows *rows, int64_t written, Arena *arena)
{
    DeliveryStatus delivery = {.destination = arena_str(arena, db_get_text(rows, 0)),
                               .address = arena_str(arena, db_get_text(rows, 1)),
                               .files = db_get_int(rows, 2),
                               .rows = db_get_int(rows, 3),
                               .bytes = db_get_int(rows, 4),
                               .delivered_at_us = db_get_time(rows, 5),
                               .complete_at_us = db_get_time(rows, 6),
                               .failed_at_us = db_get_time(rows, 7),
                               .error = arena_str(arena, db_get_text(rows, 8))};

    delivery.behind = MAX(written - delivery.files, 0);
    delivery.state = delivery.failed_at_us != TIMESTAMP_NONE ? DELIVERY_FAILING
                     : delivery.behind > 0                   ? DELIVERY_BEHIND
                                                             : DELIVERY_CURRENT;
    return delivery;
}

static bool
load_deliveries(DbTx *tx, const TableStatus *status, Arena *arena, GArray *deliveries, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT destination, address, files, row_count, bytes, delivered_at_us, complete_at_us, "
                     "failed_at_us, error FROM export_delivery WHERE table_name = $1 ORDER BY destination"),
                 DB_ARGS(db_cstr(status->table->name)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        DeliveryStatus delivery = read_delivery(rows, status->files, arena);

        g_array_append_val(deliveries, delivery);
    }
    return !db_has_failed(rows);
}

bool
export_status(DbTx *tx, void (*each)(void *data, const TableStatus *status), void *data, GError **error)
{
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GArray) deliveries = g_array_new(FALSE, FALSE, sizeof(DeliveryStatus));

    for (size_t i = 0; i < TABLE_COUNT; i++) {
        TableStatus status = {.table = &TABLES[i], .last_at_us = TIMESTAMP_NONE};

        arena_reset(arena);
        g_array_set_size(deliveries, 0);
        if (!load_watermark(tx, &status, arena, error) || !load_last(tx, &status, arena, error) ||
            !load_deliveries(tx, &status, arena, deliveries, error))
            return false;
        status.deliveries = (const DeliveryStatus *)(void *)deliveries->data;
        status.delivery_count = deliveries->len;
        each(data, &status);
    }
    return true;
}

static const Sql WAITING_SQL =
    SQL("SELECT (SELECT COUNT(*) FROM export_watermark w WHERE w.last_id > 0 AND ((w.base = 'search' AND EXISTS "
        "(SELECT 1 FROM search e WHERE e.id > w.last_id AND e.id < $1)) OR (w.base = 'click' AND EXISTS "
        "(SELECT 1 FROM click e WHERE e.id > w.last_id AND e.id < $1)))) + "
        "(SELECT COUNT(*) FROM export WHERE state = 'prepared' AND after_id < $1 AND "
        "table_name IN ('searches', 'impressions', 'clicks')) + "
        "(SELECT COUNT(*) FROM export x WHERE x.row_count > 0 AND x.after_id < $1 AND "
        "x.table_name IN ('searches', 'impressions', 'clicks') AND x.id > "
        "(SELECT COALESCE(MAX(d.export_id), 0) FROM export_delivery d WHERE d.table_name = x.table_name)) + "
        "(SELECT COUNT(*) FROM export_late WHERE export_id IS NULL AND row_id < $1 AND "
        "table_name IN ('searches', 'impressions', 'clicks'))");

bool
export_has_passed(DbTx *tx, int64_t before_us, bool *ret_passed, GError **error)
{
    int64_t waiting;

    if (!db_query_int(tx, WAITING_SQL, DB_ARGS(db_int(id_floor(before_us))), &waiting, error))
        return false;
    *ret_passed = waiting == 0;
    return true;
}
