/*
 * Spool file: the SQLite file behind a spool. Inside this room only; see spool.h.
 *
 *     batch       last_seq, events, bytes                     waiting for the database: the events of one commit, one
 *                                                             after the other, so that many cost little more than one
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
    EventKind kind;
    Id id;
    Str bytes;
} SpoolRow;

/* For counting by kind: what is no kind that we know counts as 0. */
#define SPOOL_KINDS (EVENT_PAGE + 1)
size_t spool_kind_number(EventKind kind);
const char *spool_kind_name(size_t number);

/* Appends the event as batches have it. */
void spool_row_write(const SpoolRow *row, GString *to);
/* last_seq: of the last of the events. */
bool spool_file_add(DbTx *tx, int64_t last_seq, int64_t events, Str bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    SpoolRow *rows;
    size_t count;
    int64_t events;   /* as counted when they were added */
    int64_t last_seq; /* 0 when nothing was found */
} SpoolRead;
/* Batches after after_seq, in order and whole, in arena: until they hold limit events, or SPOOL_READ_BYTES. What can't be
 * read of one is given as one row of kind 0, which nobody knows either. */
#define SPOOL_READ_BYTES (8 * 1024 * 1024)
bool spool_file_read(Db *file, int64_t after_seq, size_t limit, Arena *arena, SpoolRead *ret_read,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Forgets events up to and including seq, the last one of a batch. */
bool spool_file_forget(DbTx *tx, int64_t seq, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Forgets what was quarantined before. */
bool spool_file_forget_quarantined(DbTx *tx, int64_t before_us, int64_t *ret_count,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool spool_file_quarantine(DbTx *tx, const SpoolRow *row, const char *reason, int64_t now_us,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes something that says nothing, to see whether writing works again. */
bool spool_file_try(DbTx *tx, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
