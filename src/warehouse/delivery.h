/*
 * Deliveries: how far each table has come in each destination.
 *
 *     files of a table:  1  2  3  4  5  6        export_id = 3, trying_id = 4: the fourth may be there
 *                        ──there── ^ next        or not, and is handed over again
 *
 * Files are handed over in order of their ids, so that one number says what is there. It moves when the destination has
 * said that it holds the file, and by nothing else. A destination at another address begins with the first file.
 *
 * A failure is kept beside it until the next success. One that will not mend itself (see delivery_is_hopeless()) is
 * also an alert, "export:TABLE:DESTINATION", which that success resolves.
 */
#pragma once

#include "revenue/alert.h"
#include "warehouse/batch.h"

typedef struct {
    const Table *table;
    const char *destination; /* "folder", "s3", "snowflake" */
    int64_t export_id;       /* all files up to it are there */
} Delivery;

/* An attempt lasts until its outcome is known: as long as it is not, it is the same one that is repeated. */
typedef struct {
    int64_t number;   /* from 1 */
    bool is_repeated; /* it may have been made before */
} DeliveryAttempt;

/* Where the table stands; recorded as a beginning when the destination, or its address, is new. */
bool delivery_open(Db *db, const Table *table, const char *destination, const char *address, Delivery *ret_delivery,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* To be called before a file is loaded. */
bool delivery_try(Db *db, Delivery *delivery, int64_t export_id, DeliveryAttempt *ret_attempt,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The destination holds the file of batch. CONFLICT when somebody else has recorded it. telling: NULL for no alerts. */
bool delivery_advance(Db *db, Delivery *delivery, const Batch *batch, const AlertTelling *telling, int64_t now_us,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All that the table had recorded up to until_us is in files; so it is in the destination if it has all files. */
bool delivery_note_complete(DbTx *tx, const Table *table, const char *destination, int64_t until_us,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What is recorded of all destinations but these: they are not configured any more. */
bool delivery_forget_others(DbTx *tx, const char *const *destinations, size_t count,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether trying again does not help: the file or the destination does not hold what it should, or refuses it. */
bool delivery_is_hopeless(const GError *failure);
/* What went wrong with a table's file on its way to destination; NULL: it could not be written. A failure that is
 * hopeless ends the attempt: the next one is another. */
bool delivery_note_failure(Db *db, const Table *table, const char *destination, const GError *failure,
                           const AlertTelling *telling, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A table's file was written again after failures. */
bool delivery_note_written(Db *db, const Table *table, const AlertTelling *telling, int64_t now_us,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
