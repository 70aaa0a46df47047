/* How the answer to a search looks as JSON. */
#pragma once

#include "base/json_writer.h"
#include "search/answer.h"

/* One object. When others get the same listings and sources (answer->rendering), most of it is kept for them, or was. */
void json_search_answer(JsonWriter *json, const SearchAnswer *answer);

/* Its members, for whoever tells of them one after the other: search_id, query, place and mode; */
void json_search_question(JsonWriter *json, Id search_id, const SearchQuery *query);
/* what became of the search; */
void json_search_outcome(JsonWriter *json, const SearchAnswer *answer);
/* sources. */
void json_search_sources(JsonWriter *json, const SearchAnswer *answer);
/* The members of one listing, and of one source. */
void json_search_listing(JsonWriter *json, const AnsweredListing *answered, bool explain);
void json_search_source(JsonWriter *json, const AnsweredSource *source, bool explain);
