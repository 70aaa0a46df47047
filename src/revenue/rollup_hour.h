/*
 * Rollup hour: what was shown, clicked and earned by each source in one hour, as the records say and as it is stored.
 */
#pragma once

#include "store/db.h"

/* More sources and currencies in one hour than anybody has. */
#define ROLLUP_HOUR_LIMIT 100000

/* Counts stand in the row of currency "", money in those of its currencies. */
typedef struct {
    char *source, *currency;
    int64_t impressions, clicks, counted_clicks;
    int64_t attributed_micros, unattributed_micros;
} RollupRow;

/* From searches, clicks and entries of [hour_us, hour_us + 1 h): RollupRow *, freed with the array. NULL on failure. */
GPtrArray *rollup_hour_compute(DbTx *tx, int64_t hour_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* From the table of rollups. */
GPtrArray *rollup_hour_load(DbTx *tx, int64_t hour_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Calls differs for each row in which they differ; NULL where one does not have it. False from it ends and is returned. */
bool rollup_hour_compare(GPtrArray *stored, GPtrArray *computed,
                         bool (*differs)(void *data, const RollupRow *stored, const RollupRow *computed), void *data);
