/*
 * Explain: how each field of one record came to be, step by step, for a person who writes a definition.
 *
 *     posted_at    created          ["31/02/2026"]
 *                  time('%d/%m/%Y') []              "31/02/2026" is no time as expected
 *
 * The steps are taken once more as the record is mapped, with the same functions; nothing of it costs those who do not ask.
 */
#pragma once

#include "sources/source.h"

typedef struct {
    /* One step of a field. depth: 0 for its own, more for parts of it. what: a path, "= constant", "| transform(...)", "or",
     * "[...]", "{...}". values: what is there after it. mistake: why a value was lost in it; NULL: none was. */
    void (*step)(void *data, const char *field, unsigned depth, Str what, const Str *values, size_t count,
                 const char *mistake);
    /* The record was passed over by a skip_if. May be NULL. */
    void (*skipped)(void *data);
    /* What came of it. is_kept: false when it does not have the words that the partner ignores. May be NULL. */
    void (*mapped)(void *data, const Listing *listing, bool is_kept);
} ExplainEvents;

/* Explains record number (1 is the first) while the answer is read; before its first bytes. Texts are valid during the
 * call. */
void answer_explain(Answer *answer, uint64_t number, const ExplainEvents *events, void *data);
