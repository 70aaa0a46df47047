/*
 * Status: how exports stand, table by table, as the database says.
 */
#pragma once

#include "warehouse/table.h"

typedef enum { DELIVERY_CURRENT, DELIVERY_BEHIND, DELIVERY_FAILING } DeliveryState;
const char *delivery_state_name(DeliveryState state);

/* Texts live during the call that gives them. */
typedef struct {
    Str destination, address;
    DeliveryState state;
    int64_t behind;             /* files that are not there yet */
    int64_t files, rows, bytes; /* that are */
    /* TIMESTAMP_NONE: never, or for a failure: not now */
    int64_t delivered_at_us, complete_at_us, failed_at_us;
    Str error;
} DeliveryStatus;

typedef struct {
    const Table *table;
    int64_t watermark;          /* ids (of rollups: runs) up to it are in batches */
    int64_t waiting_late;       /* rows below it that came later and are in none yet */
    int64_t files, rows, bytes; /* written */
    int64_t failed_at_us;       /* TIMESTAMP_NONE: the last file was written */
    Str error;
    int64_t last_id; /* of the newest batch with a file; 0: there is none */
    Str last_key;
    int64_t last_rows, last_bytes, last_at_us;
    const DeliveryStatus *deliveries;
    size_t delivery_count;
} TableStatus;

/* Whether each search and click of before the moment is in a file that some destination holds, from which others may
 * get it; true where nothing was ever exported. */
bool export_has_passed(DbTx *tx, int64_t before_us, bool *ret_passed, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* All tables, in their order. */
bool export_status(DbTx *tx, void (*each)(void *data, const TableStatus *status), void *data,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
