/* How the answer to a search looks as JSON. */
#pragma once

#include "base/json_writer.h"
#include "search/answer.h"

/* One object. When others get the same listings and sources (answer->rendering), most of it is kept for them, or was. */
void json_search_answer(JsonWriter *json, const SearchAnswer *answer);
