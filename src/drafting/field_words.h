/* What partners call the fields of a listing. */
#pragma once

#include "drafting/field_guess.h"

typedef struct {
    const char *word; /* as name_fold() writes it; with that of the parent before it where both are needed */
    int score;        /* 1 to 100 */
} FieldWord;

typedef struct {
    const char *name;
    const FieldWord *words;   /* word NULL ends them */
    const char *const *avoid; /* parts of a path that make it another thing; NULL ends them */
} FieldWords;

extern const FieldWords FIELD_WORDS[DRAFT_FIELD_COUNT];
