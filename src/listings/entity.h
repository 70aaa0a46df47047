/* Entities of HTML: one at a time, for text_decode_entities() and the HTML reader. */
#pragma once

#include "base/str.h"

/* When text begins with an entity ("&amp;", "&#38;", "&#x26;"; the named ones of Latin 1 and common punctuation), appends
 * its character and returns how many bytes it took; 0 when it is none. */
size_t entity_decode(Str text, GString *to);
