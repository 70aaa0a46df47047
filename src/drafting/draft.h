/*
 * Draft: a definition proposed from a sample of a partner's answer.
 *
 *     Sample ──> records (record_find.h) ──> leaves ──> guesses (field_guess.h) ──┐
 *     URL of the list ──> request (draft_request.h) ──────────────────────────────┴──> YAML with the reasons beside it
 *
 * Everything in it is a proposal, and says what it rests on. No I/O: bytes in, text out.
 */
#pragma once

#include "drafting/field_guess.h"
#include "drafting/record_find.h"

typedef struct {
    const char *name;     /* of the source */
    const char *origin;   /* what the sample was, for the first line: a file's name or a URL without its query */
    const char *list_url; /* where it came from, or lists come from; NULL: not known */
} DraftSpec;

/* A proposal for one field. */
typedef struct {
    const char *field;      /* "title", "salary.min" */
    const char *expression; /* as the definition writes it */
    const char *path;       /* of the leaf that it rests on; "" when there is none */
    const char *why;        /* one clause */
    const char *examples;   /* shortened; "" when there are none */
    const char *others;     /* "headline, name"; "" when there are none */
    size_t filled;
} DraftProposal;

/* What the document says beside its records: "total", "next", "total_pages", "cursor". */
typedef struct {
    const char *what, *path, *example;
} DraftHint;

typedef struct {
    Arena *arena;
    const char *format; /* for people */
    const char *records, *columns, *other_records;
    size_t record_count;
    GArray *proposals;   /* of DraftProposal, in the order of a listing */
    GArray *hints;       /* of DraftHint */
    GPtrArray *unmapped; /* of "path: filled of records, example" */
    GPtrArray *notes;    /* what a person must look at first */
    bool is_search;      /* else a feed */
    GString *yaml;
} Draft;

/* INVALID when no records are found, saying what was seen. */
Draft *draft_new(const Sample *sample, const DraftSpec *spec, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void draft_free(Draft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Draft, draft_free)

/* ---- parts of its own ---- */

/* draft_fields.c: fills proposals, unmapped and notes. */
void draft_propose_fields(Draft *draft, const DraftSpec *spec, const Leaves *leaves, const Looks *looks,
                          const Guesses *guesses);
/* draft_hints.c: what the document says beside the records. */
void draft_find_hints(Draft *draft, const Leaves *beside);
/* Its path; NULL when there is none. */
const char *draft_hint(const Draft *draft, const char *what);
/* draft_yaml.c */
void draft_write(Draft *draft, const Sample *sample, const DraftSpec *spec);
/* Values as they are shown: at most three, shortened, no mail addresses. */
const char *draft_examples(const GArray *values, size_t most, Arena *arena);
