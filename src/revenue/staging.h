/*
 * Staging: the lines of one report before any of them counts, so that a key that appears twice is seen first.
 *
 *     read part by part ──staging_add──> [scratch] ──staging_next──> in order, each with a verdict
 *
 * One key twice with the same content is one line. With different contents the newest version counts when all of them
 * carry one; otherwise, and always in a report whose lines never change, nobody can tell which is right, and none is
 * believed.
 */
#pragma once

#include "revenue/line_format.h"

typedef enum {
    STAGED_COUNTS,
    STAGED_REPEATED,   /* the same again */
    STAGED_SUPERSEDED, /* a newer version stands in the same report */
    STAGED_DISPUTED,   /* to the quarantine */
} StagedVerdict;

/* A row that was rejected, kept for the quarantine. */
typedef struct {
    int64_t part, row;
    char *field; /* NULL for the whole row */
    char *reason, *text;
} StagedReject;
#define STAGED_REJECTS_KEPT 1000

typedef struct Staging Staging;

/* One part of a report as a stream: gives up to size bytes, 0 at the end, -1 with error. */
typedef struct {
    gssize (*read)(void *data, void *to, size_t size, GError **error);
    void *data;
} PartStream;

Staging *staging_new(uint64_t report_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void staging_free(Staging *staging);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Staging, staging_free)

/* Reads a whole part; parts come in order. INVALID when it is not of its format: nothing of the report may be used. */
bool staging_read(Staging *staging, int64_t part, const LineFormats *formats, const LineContext *context,
                  const PartStream *stream, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Notes a row that is not believed. Only the first STAGED_REJECTS_KEPT are kept, all are counted. */
void staging_reject(Staging *staging, int64_t part, int64_t row, const char *field, const char *reason, Str text);

/* Ends the reading. */
bool staging_resolve(Staging *staging, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The next line in the order of the report; its texts hold until the next call. False at the end or with *error. */
bool staging_next(Staging *staging, Line *ret_line, StagedVerdict *ret_verdict, GError **error);

int64_t staging_rejected(const Staging *staging);
/* Those kept; StagedReject *. */
const GPtrArray *staging_rejects(const Staging *staging);
