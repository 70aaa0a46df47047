/*
 * Mapping store: what became of partners' records, in the database.
 */
#pragma once

#include "base/id.h"
#include "ops/metrics.h"
#include "sources/source.h"
#include "store/db.h"

/* Records that are kept of each source, and how long anything is. */
#define MAPPING_QUARANTINE_RECORDS 200
#define MAPPING_KEPT_US            (35 * US_PER_DAY)

/* Adds a tally of a source's operation to the hour of now_us. */
bool mapping_store_add(DbTx *tx, const char *source, const char *operation, const MappingTally *tally, IdMint *mint,
                       int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Counts a tally's losses in the metrics. */
void mapping_count(Metrics *metrics, const char *source, const MappingTally *tally);
/* Forgets what is older than MAPPING_KEPT_US. */
bool mapping_store_sweep(DbTx *tx, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Texts live during the call that gives it. */
typedef struct {
    Str operation, field, reason;
    bool dropped;
    int64_t lost, last_hour_us;
} LossRow;

typedef struct {
    Id id;
    Str operation, field, reason;
    bool dropped;
    int64_t row, recorded_at_us;
    Str text, raw;
} QuarantineRow;

/* A source's losses since a moment, the most frequent first. */
bool mapping_losses(DbTx *tx, Str source, int64_t since_us, void (*each)(void *data, const LossRow *row), void *data,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A source's quarantine, the newest first. */
bool mapping_quarantine(DbTx *tx, Str source, int64_t limit, void (*each)(void *data, const QuarantineRow *row),
                        void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
