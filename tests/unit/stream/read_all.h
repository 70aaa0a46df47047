/* Reads a whole text through a reader and writes down what came out, so that two readings can be compared. */
#pragma once

#include "stream/reader.h"

#define FIELDS_MAX 24

typedef struct {
    ReaderSpec spec;
    Path *records, *for_each;
    Path *fields[FIELDS_MAX];
    Path *document[FIELDS_MAX];
    const char *sent_charset; /* as of HTTP's Content-Type; NULL: none */
} Plan;

typedef struct {
    GString *records;  /* a line each: fields by |, matches by comma; - for a missing one, ~ for null */
    GString *rejected; /* with texts, whose excerpts depend on the pieces */
    GString *reasons;  /* number, reason and position */
    GString *document;
    uint64_t record_count, replaced, rejected_count, last_position;
    bool any_truncated;
    uint64_t stop_after; /* 0: never */
    GError *error;
} Reading;

/* fields and document: paths with blanks between, or on lines of their own; records may be NULL. */
Plan *plan_new(StreamFormat format, const char *records, const char *fields, const char *document);
void plan_free(Plan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)

/* piece: bytes a push, 0: all at once; a random size from 1 to -piece when negative. */
Reading *read_in_pieces(const Plan *plan, Str bytes, int piece, uint64_t seed);
Reading *read_whole(const Plan *plan, Str bytes);
void reading_free(Reading *reading);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reading, reading_free)

void assert_read(const Plan *plan, Str bytes, const char *records);
void assert_fails(const Plan *plan, Str bytes, WeirError code, const char *message_part);
/* Whole, byte by byte and in random pieces must give the same. */
void assert_same_in_pieces(const Plan *plan, Str bytes);

/* A file below $WEIR_ROOT/../shared; NULL after g_test_skip() when it is not there. Freed by g_string_free(). */
GString *shared_file(const char *name);
GString *gzip_of(Str bytes);
