/*
 * Computed values: what a definition's `values` make of the question, the parameters and the secrets: a currency by country,
 * a signature. They are used like parameters, by name; see docs/sources.md, "Values".
 */
#pragma once

#include "sources/variable.h"

typedef struct Template Template;

typedef enum { COMPUTED_PLAIN, COMPUTED_HASH, COMPUTED_HMAC } ComputedKind;
typedef enum { COMPUTED_HEX, COMPUTED_HEX_UPPER, COMPUTED_BASE64, COMPUTED_BASE64URL } ComputedForm;
typedef enum { PAIRS_NONE, PAIRS_QUERY, PAIRS_FORM } ComputedPairs;

struct Computed {
    int variable; /* its own: pairs that name it, or a later one, are not signed */
    const Template *text;
    ComputedKind kind;
    GChecksumType checksum;
    const Template *key; /* of an HMAC */
    ComputedForm form;
    ComputedPairs pairs; /* whose {pairs} stand in text, in order of their names */
    Str between, join;   /* name and value; two pairs */
    bool encoded;        /* the pairs are signed as they are sent, percent-encoded */
};

/* Absent when every placeholder of its text is empty. */
Str computed_text(const Computed *computed, const Ask *ask, Arena *arena);
