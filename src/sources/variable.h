/*
 * Variables: the words of a question, and a source's parameters, as text: what {keywords} or {board} stands for.
 */
#pragma once

#include "sources/source.h"
#include "sources/transform.h"

typedef enum {
    VARIABLE_KEYWORDS,
    VARIABLE_LOCATION,
    VARIABLE_COUNTRY,
    VARIABLE_RADIUS_KM,
    VARIABLE_RADIUS_MILES,
    VARIABLE_LATITUDE,
    VARIABLE_LONGITUDE,
    VARIABLE_REMOTE,
    VARIABLE_POSTED_WITHIN_DAYS,
    VARIABLE_POSTED_SINCE,
    VARIABLE_SALARY_MIN,
    VARIABLE_EMPLOYMENT_TYPE,
    VARIABLE_EMPLOYMENT_TYPES,
    VARIABLE_PAGE,
    VARIABLE_PAGE0,
    VARIABLE_OFFSET,
    VARIABLE_OFFSET_END,
    VARIABLE_PER_PAGE,
    VARIABLE_PART,
    VARIABLE_CURSOR,
    VARIABLE_SINCE,
    VARIABLE_UNTIL,
    VARIABLE_NOW,
    VARIABLE_USER_IP,
    VARIABLE_USER_AGENT,
    VARIABLE_PAGE_URL,
    VARIABLE_SOURCE,
    VARIABLE_PAIRS,
    VARIABLE_TOKEN,
    VARIABLE_CLICK_ID,
    VARIABLE_ITEM_ID,
    VARIABLE_ITEM_TITLE,
    VARIABLE_ITEM_URL,
    VARIABLE_TICKET,
    VARIABLE_RESULT,
    VARIABLE_COUNT,
    VARIABLE_PARAMETER = VARIABLE_COUNT, /* and up: parameter i is VARIABLE_PARAMETER + i */
} Variable;

typedef struct Computed Computed;

/* A parameter of one source with the value it has (the configuration's, the instance's, or the default); or one of its
 * computed values, which follow the parameters. */
typedef struct {
    const char *name;
    const char *value;         /* NULL: none */
    const char *const *one_of; /* NULL-terminated; empty: anything */
    bool secret;               /* it came from where secrets stand, and must not be shown */
    const Computed *computed;  /* NULL: a parameter */
} Parameter;

typedef struct {
    const Parameter *items;
    size_t count;
} Parameters;

typedef enum { PAGES_NONE, PAGES_PAGE, PAGES_OFFSET, PAGES_CURSOR, PAGES_NEXT_LINK, PAGES_PART } PageKind;

/* How an operation goes on to the next page. */
typedef struct {
    PageKind by;
    int64_t first;                          /* the partner's number of the first page, offset or part */
    int64_t size;                           /* the most that a page holds; 0: not said */
    int64_t limit;                          /* the most pages; 0: no bound */
    int64_t max_offset;                     /* what the partner refuses beyond; 0: no bound */
    int64_t window_us;                      /* the most time that is asked for at once; 0: no bound */
    ptrdiff_t complete, total_pages;        /* document paths; -1: none */
    const char *next_header, *total_header; /* NULL: in the document */
} Pages;

typedef struct Constants Constants;

/* Where values come from. */
typedef struct {
    const Question *question;
    const char *source;
    Parameters parameters;
    Pages pages;
    GTimeZone *zone;            /* of dates in the request and the answer; NULL: UTC */
    int64_t now_us;             /* the same wherever it stands, so that a signature fits its header */
    const Operation *operation; /* whose pairs are signed; NULL: none */
    Str pairs;                  /* what {pairs} stands for */
    Str token;                  /* of the session */
    Constants *constants;       /* of an answer's expressions; NULL: they are not kept */
    Str click_id;               /* the sub-id */
} Ask;

/* The variable of a name; false when there is none. */
bool variable_find(Str name, Parameters parameters, int *ret_variable);
/* The name of a variable, for messages. */
const char *variable_name(int variable, Parameters parameters);
/* Its value, absent when the question does not give it. Moments come in RFC 3339, lists with commas. */
Str variable_value(const Ask *ask, int variable, Arena *arena);
/* Whether it is a moment, which a filter may move and write; and which one. */
bool variable_is_moment(int variable);
int64_t variable_moment_us(const Ask *ask, int variable);
/* Whether it may have several values; and which. */
bool variable_is_list(int variable);
Texts variable_list(const Ask *ask, int variable, Arena *arena);
/* Whether the partner gave it and it may be a whole URL. */
bool variable_is_given(int variable);
/* Since when (or until when) is asked: the question's moments, or the window of them that it is at. */
int64_t ask_window_us(const Ask *ask, bool until);
/* How many listings the page that is asked for holds: what the question wants, at most the partner's size; 0: unknown. */
int64_t ask_page_size(const Ask *ask);
/* The variable whose name is most similar, for messages; NULL when none is near. */
const char *variable_nearest(Str name, Parameters parameters);
/* The parameter that is also a word of the question (country, ...), NULL when there is none. */
const Parameter *parameter_find(Parameters parameters, const char *name);
