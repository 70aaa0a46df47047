/* What the tests of sources share: loading definitions, and collecting what an answer gives. */
#pragma once

#include "base/random.h"
#include "sources/source.h"

typedef struct {
    Arena *arena;
    GArray *listings;    /* of Listing, copied */
    GPtrArray *rejected; /* of "field reason dropped|kept: text" */
    GArray *lines;       /* of ReportLine, copied */
    unsigned dropped;
    AnswerStatus status;
    Str message;
    int64_t total;
    bool has_next;
    Question next;
    int64_t seen[FIELD_COUNT], filled[FIELD_COUNT]; /* as MappingTally */
} Collected;

void collected_clear(Collected *collected);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Collected, collected_clear)

/* All secrets have the value "SECRET-" and their name; those whose name ends in _URL, https://secret.example/NAME. */
SourceSet *load_with_secrets(const char *directory, GError **error);
/* Those of sources/, where definitions that ship no instances have the ones of tests/sources/instances.yaml. */
SourceSet *load_project_sources(GError **error);
/* One definition given as text. A broken one ends the test. */
SourceSet *load_text(const char *name, const char *yaml);
/* The same with what spec says of secrets, parameters and instances; its folder does not count. */
SourceSet *load_as(const SourceSetSpec *spec, const char *name, const char *yaml, GError **error);
/* The mistakes of a definition given as text. */
char *mistakes_of(const char *name, const char *yaml);
/* The mistakes of definition "x" must hold the words. */
void assert_mistake(const char *yaml, const char *words);

/* Reads bytes in pieces: random gives their sizes (1 to 4,096), NULL: all at once. */
Collected collect(const Operation *operation, const Question *question, int status, Str bytes, bool complete,
                  SeededRandom *random);
/* Checks what a field expression, a scalar or a map of YAML, makes of one JSON record; expected NULL: absent. The zone is
 * Europe/Paris, the country asked for GB, the parameter board "acme", and now COLLECTED_AT_US. Returns what was rejected,
 * "" when nothing; freed by g_free(). */
char *check_expression(const char *expression, const char *record, const char *expected);
/* Tuesday 2026-11-24T12:34:56Z: when answers are read. */
#define COLLECTED_AT_US (INT64_C(1795523696) * US_PER_SECOND)
/* The same at a moment, with headers. */
Collected collect_at(const Operation *operation, const Question *question, int64_t now_us, int status,
                     HttpHeaders headers, Str bytes, bool complete, SeededRandom *random);
/* One of its listings; the test ends when there are not so many. */
const Listing *listing_at(const Collected *collected, guint i);
/* expected NULL: absent. */
void assert_text(Str actual, const char *expected);
/* The contents of a file under WEIR_ROOT; NULL when it is not there. */
char *read_project_file(const char *path, gsize *ret_size);
#define QUESTION_NONE ((Question){.since_us = TIMESTAMP_NONE, .until_us = TIMESTAMP_NONE, .page = 1, .part = 1})
