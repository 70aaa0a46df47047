/*
 * Field guesses: which leaf of the records each field of a listing stands in, by what the leaf is called (in English,
 * German, French, Spanish and Dutch) and by what its values look like.
 *
 * A guess has a score from 0 to about 110; what scores below GUESS_LEAST is no guess. Names count most; values can
 * confirm a name, take it away, or speak alone where no name does. What looks like a mail address is never guessed.
 */
#pragma once

#include "drafting/look.h"

typedef enum {
    DRAFT_TITLE,
    DRAFT_URL,
    DRAFT_COMPANY,
    DRAFT_POSTED_AT,
    DRAFT_EXPIRES_AT,
    DRAFT_ID,
    DRAFT_COUNTRY,
    DRAFT_LOCATION,
    DRAFT_REGION, /* no field of a listing: the second part of its location */
    DRAFT_LATITUDE,
    DRAFT_LONGITUDE,
    DRAFT_REMOTE,
    DRAFT_EMPLOYMENT_TYPE,
    DRAFT_CATEGORY,
    DRAFT_LANGUAGE,
    DRAFT_SALARY_MIN,
    DRAFT_SALARY_MAX,
    DRAFT_SALARY_CURRENCY,
    DRAFT_SALARY_PERIOD,
    DRAFT_SALARY_TEXT,
    DRAFT_DESCRIPTION,
    DRAFT_SNIPPET,
    DRAFT_BID,
    DRAFT_BID_CURRENCY,
    DRAFT_FIELD_COUNT,
} DraftField;

#define GUESS_LEAST 30.0

typedef struct {
    const Leaf *leaf;
    const Looks *looks;
    double score;
    bool by_name; /* else by its values alone */
} Guess;

/* "salary.min" */
const char *draft_field_name(DraftField field);
/* How much the name of a leaf, with those of what holds it, says that it is the field: 0 to 100. */
double guess_name_score(DraftField field, const char *path, const char *key, const char *parent);

/* Guesses for all fields: best[field] has leaf NULL when there is none. A leaf is given to one field. looks: one for
 * each leaf, in their order. */
typedef struct {
    Guess best[DRAFT_FIELD_COUNT];
    Guess others[DRAFT_FIELD_COUNT][3]; /* what else it could be, the likeliest first */
} Guesses;
void guesses_make(const Leaves *leaves, const Looks *looks, Guesses *ret_guesses);
/* How much records with these guesses look like listings. */
double guesses_listing_score(const Guesses *guesses);
