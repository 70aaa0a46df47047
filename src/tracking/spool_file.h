/*
 * Spool file: the SQLite file behind a spool. Inside this room only; see spool.h.
 *
 *     event       seq (order of arrival), kind, id, bytes     waiting for the database
 *     quarantine  kind, id, bytes, reason, at_us              never shipped: for a person to look at
 */
#pragma once

#include "store/db.h"
#include "tracking/event.h"

/* Takes the file for this process: a descriptor to close at the end. CONFLICT when another process has it. */
bool spool_file_lock(const char *path, int *ret_descriptor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Opens it, with its tables. */
Db *spool_file_open(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    int64_t events, last_seq, quarantined; /* last_seq: 0 without events */
} SpoolCounts;
bool spool_file_count(Db *file, SpoolCounts *ret_counts, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    int64_t seq;
    EventKind kind;
    Id id;
    Str bytes;
} SpoolRow;

bool spool_file_add(DbTx *tx, const SpoolRow *row, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Up to limit events after after_seq, in order, in arena; fewer when they are large (SPOOL_READ_BYTES). */
#define SPOOL_READ_BYTES (8 * 1024 * 1024)
bool spool_file_read(Db *file, int64_t after_seq, size_t limit, Arena *arena, SpoolRow **ret_rows, size_t *ret_count,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Forgets events up to and including seq. */
bool spool_file_forget(DbTx *tx, int64_t seq, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Forgets what was quarantined before. */
bool spool_file_forget_quarantined(DbTx *tx, int64_t before_us, int64_t *ret_count,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool spool_file_quarantine(DbTx *tx, const SpoolRow *row, const char *reason, int64_t now_us,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
