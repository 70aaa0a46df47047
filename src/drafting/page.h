/*
 * Page: where in an HTML page the JSON stands that its own scripts show.
 *
 * Scripts of data, values that scripts assign, attributes with entities, and schema.org postings are looked at; the largest is
 * taken, since the rest of a page is settings.
 */
#pragma once

#include "drafting/sample.h"

typedef struct {
    char *after; /* the text behind which it stands, freed by g_free(); NULL: none was found */
    EmbeddedAs as;
    bool each;   /* every value behind the text, not only the first */
    size_t size; /* of the JSON, as it stands there */
} PageJson;

PageJson page_find_json(Str page);
/* The JSON at the front, from its bracket to the one that closes it; empty when there is none. */
Str page_json_at(Str text);
