/*
 * Search query: what a client wants to know, checked and in one normal form.
 *
 * Every parameter is a row of one table (name, type, bounds, help), from which validation, the echo in the answer, the
 * cache key and the reference page all come. Setting is pure: it knows nothing of HTTP.
 */
#pragma once

#include "base/json_writer.h"
#include "sources/source.h"

/* How long a search waits, and for what; see fanout.h. */
typedef enum { SEARCH_FASTEST, SEARCH_BALANCED, SEARCH_WIDEST } SearchMode;
const char *search_mode_name(SearchMode mode);

typedef struct {
    const Str *items;
    size_t count;
} StrList;
bool str_list_has(StrList list, Str item);

typedef struct {
    Str keywords, location, country; /* absent when not given; country in capitals */
    Str company;
    int64_t radius_km; /* 0: not given */
    bool remote;
    int64_t page, per_page; /* page from 1 */
    int64_t mode;           /* a SearchMode */
    int64_t timeout_ms;     /* 0: the default of the mode */
    StrList sources, exclude;
    int64_t posted_within_days; /* 0: any */
    int64_t salary_min_micros;  /* 0: any */
    int64_t employment_types;   /* set of EmploymentType; 0: any */
    int64_t min_results;        /* how many listings are enough; 0: the default of the mode */
    int64_t min_sources;        /* how many sources with listings are; 0: the default of the mode */

    bool explain; /* tell the scores of listings and sources */
    Str cursor;   /* absent, or text of a page_cursor.h: goes before page */

    /* Who asks: set by the caller, not by parameters. */
    Str visitor_ip, visitor_agent, page_url;
    Str client; /* API key name; absent for none */

    Arena *arena; /* of all texts */
} SearchQuery;

typedef enum {
    PARAMETER_TEXT,
    PARAMETER_COUNTRY,
    PARAMETER_INTEGER,
    PARAMETER_BOOLEAN,
    PARAMETER_MODE,
    PARAMETER_NAMES,
    PARAMETER_AMOUNT,
    PARAMETER_EMPLOYMENT,
    PARAMETER_CURSOR, /* text that is not told again */
} ParameterType;

typedef struct {
    const char *name;
    ParameterType type;
    size_t offset;
    int64_t min, max; /* of a number its value; of text its bytes; of names how many */
    int64_t fallback;
} SearchParameter;

/* NULL when there is none of that name. */
const SearchParameter *search_parameter_find(Str name);

/* Defaults for all. arena must outlive the query. */
void search_query_init(SearchQuery *query, Arena *arena);
/* Sets one parameter from text. An empty value leaves the default. INVALID with "name: what is wrong". Naming a
 * parameter twice: the later wins, but names and employment types add up. */
bool search_query_set(SearchQuery *query, Str name, Str value, GError **error) G_GNUC_WARN_UNUSED_RESULT;
SearchQuery search_query_copy(Arena *arena, const SearchQuery *query);

/* The members that were given or have defaults, as one JSON object. */
void search_query_write(const SearchQuery *query, JsonWriter *json);
/* What is asked of the partners, whatever the mode, page, client and choice of sources: equal text, equal question.
 * Words are compared folded, so that "Café " and "cafe" are one. */
Str search_query_key(const SearchQuery *query, Arena *arena);
/* What makes first pages equal: the question, by its search_query_key(), and the choice of sources. */
Str search_query_first_key(const SearchQuery *query, Str query_key, Arena *arena);
/* Whose pages they are: another visitor's page 2 follows another page 1. first_key: the former. */
Str search_query_visitor_key(const SearchQuery *query, Str first_key, Arena *arena);
/* Where the place of the query is, by the table of the world's places (listings/place.h), in degrees. False when it names none
 * that is known for certain, or a region or country. */
bool search_query_position(const SearchQuery *query, double *ret_latitude, double *ret_longitude);
/* The question for a source, with the position of its place; its texts are the query's. */
Question search_query_question(const SearchQuery *query);
/* What narrows it down, but for the page: a set of QuestionWord. */
unsigned search_query_words(const SearchQuery *query);
