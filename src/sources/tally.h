/*
 * MappingTally: what became of the records of an answer, or of many: how often each field had a value, what was lost
 * and why, and a few of the records that lost something, as the partner wrote them.
 *
 * Its size is bounded, whatever the answers hold.
 */
#pragma once

#include "base/arena.h"

/* In the words of a definition. FIELD_RECORD is the answer itself: seen for each answer that is no error, filled when it
 * had a record. */
typedef enum {
    FIELD_RECORD,
    FIELD_TITLE,
    FIELD_URL,
    FIELD_ID,
    FIELD_COMPANY,
    FIELD_LOCATION,
    FIELD_COUNTRY,
    FIELD_LATITUDE,
    FIELD_REMOTE,
    FIELD_EMPLOYMENT_TYPE,
    FIELD_POSTED_AT,
    FIELD_EXPIRES_AT,
    FIELD_SNIPPET,
    FIELD_DESCRIPTION,
    FIELD_CATEGORY,
    FIELD_LANGUAGE,
    FIELD_SALARY_MIN,
    FIELD_SALARY_MAX,
    FIELD_SALARY_CURRENCY,
    FIELD_SALARY_PERIOD,
    FIELD_SALARY_TEXT,
    FIELD_BID,
    FIELD_COUNT,
} ListingField;

/* A set of fields. */
typedef uint32_t ListingFields;
#define FIELD_BIT(field) ((ListingFields)1 << (field))

const char *listing_field_name(ListingField field);

#define TALLY_LOSSES  64
#define TALLY_SAMPLES 20
#define TALLY_ALIKE   3 /* samples of one loss */

/* field and reason live as long as the program. */
typedef struct {
    const char *field, *reason; /* reason: one word */
    bool dropped;               /* the whole record was lost */
    int64_t count;
} MappingLoss;

typedef struct {
    MappingLoss loss; /* count: not used */
    uint64_t row;
    Str text; /* a sentence that names field and value */
    Str raw;  /* the record as written, secrets hidden; may be cut */
} MappingSample;

typedef struct {
    Arena *arena; /* of the samples' texts */
    int64_t seen[FIELD_COUNT], filled[FIELD_COUNT];
    MappingLoss losses[TALLY_LOSSES]; /* further kinds are counted as the last one, "other" */
    size_t loss_count;
    MappingSample samples[TALLY_SAMPLES];
    size_t sample_count;
    int64_t left_out; /* samples that found no room */
} MappingTally;

MappingTally *mapping_tally_new(void);
void mapping_tally_free(MappingTally *tally);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MappingTally, mapping_tally_free)

/* One record, or answer, of which the fields in seen were looked for and those in filled were found. */
void mapping_tally_fill(MappingTally *tally, ListingFields seen, ListingFields filled);
/* Counts a loss. True when a sample of it is wanted. */
bool mapping_tally_lose(MappingTally *tally, const char *field, const char *reason, bool dropped);
/* Keeps a copy of a sample, when there is room. */
void mapping_tally_keep(MappingTally *tally, const MappingSample *sample);
/* Adds all that another tally holds. */
void mapping_tally_add(MappingTally *tally, const MappingTally *other);
bool mapping_tally_is_empty(const MappingTally *tally);
