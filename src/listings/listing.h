/*
 * Listing: one open position as one source offers it, in the words of schema.org's JobPosting where it has one.
 *
 * A listing is a value: it points into somebody's arena and is never changed in place once handed on. Absent text is
 * STR_NONE, an absent moment TIMESTAMP_NONE, an absent amount has a currency of "" and has_* false.
 */
#pragma once

#include "base/arena.h"
#include "base/money.h"
#include "base/timestamp.h"

/* schema.org employmentType values that Google lists; a set, since a listing may offer several. */
typedef enum {
    EMPLOYMENT_FULL_TIME = 1 << 0,
    EMPLOYMENT_PART_TIME = 1 << 1,
    EMPLOYMENT_CONTRACTOR = 1 << 2,
    EMPLOYMENT_TEMPORARY = 1 << 3,
    EMPLOYMENT_INTERN = 1 << 4,
    EMPLOYMENT_VOLUNTEER = 1 << 5,
    EMPLOYMENT_PER_DIEM = 1 << 6,
    EMPLOYMENT_OTHER = 1 << 7,
} EmploymentType;

typedef enum { REMOTE_UNKNOWN, REMOTE_NO, REMOTE_HYBRID, REMOTE_YES } Remote;

/* schema.org unitText of a salary. */
typedef enum { PERIOD_UNKNOWN, PERIOD_HOUR, PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH, PERIOD_YEAR } Period;

typedef struct {
    bool has_min, has_max;
    int64_t min_micros, max_micros;
    Currency currency;
    Period period;
    bool predicted; /* the partner's estimate, not the employer's word */
    Str text;       /* as the partner wrote it, when it came as text */
} Salary;

typedef struct {
    Str source; /* name of the source */
    Str id;     /* the partner's id, as text; when it has none, a hash of url: never absent */
    Str title;  /* never absent */
    Str company;
    Str location;     /* as text, cleaned */
    Str city, region; /* what location means (listings/place.h); absent when it is not certain */
    Str country;      /* ISO 3166-1 alpha-2, capitals */
    bool has_position;
    double latitude, longitude; /* degrees */
    Remote remote;
    unsigned employment_types; /* set of EmploymentType */
    Salary salary;
    int64_t posted_at_us, expires_at_us;
    int64_t confirmed_at_us; /* when the partner last said all this: its answer's arrival, or its feed's pull */
    Str snippet;             /* plain text, at most SNIPPET_CHARS characters */
    Str description;         /* plain text, for the index and the feed; absent from search answers of most sources */
    Str category;
    Str language; /* BCP 47; as the partner says, or found out where a listing is stored or shown (listings/language.h) */
    Str url;      /* the partner's click URL, opaque: never rewritten but for the sub-id at click time */
    bool has_bid;
    Money bid; /* what a click is said to be worth: an estimate, never booked */
} Listing;

#define SNIPPET_CHARS 300

/* "FULL_TIME", or NULL for an unknown bit. */
const char *employment_type_name(EmploymentType type);
/* Reads "full-time", "Full time", "FULLTIME", "permanent", "CDI", ...; 0 when the words are unknown. Several words
 * ("fulltime, parttime") give several bits. */
unsigned employment_type_parse(Str text);
/* "HOUR" ... ; NULL for PERIOD_UNKNOWN. */
const char *period_name(Period period);
/* Reads "per hour", "annum", "1 YEAR", "Y", ...; PERIOD_UNKNOWN when the words are unknown. */
Period period_parse(Str text);
const char *remote_name(Remote remote); /* "remote", "hybrid", "on_site"; NULL when unknown */
/* Whether a place text says remote in one of its many words ("Remote in USA", "Télétravail", "Anywhere"). */
Remote remote_parse(Str text);

/* The same listing with all its text in another arena. */
Listing listing_copy(Arena *arena, const Listing *listing);
