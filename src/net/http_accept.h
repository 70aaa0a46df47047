/*
 * What a client takes and what it has already: RFC 9110, sections 12.4.2 (weights), 12.5 and 13.1.2. No I/O.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>

#define HTTP_WEIGHT_NONE (-1)

/* The weight that a list as Accept or Accept-Encoding gives to name, in thousandths: its own, or that of the narrowest
 * range it is in (all of its type, all there is); HTTP_WEIGHT_NONE when there is neither. Ranges whose weight is none are
 * left out. */
int http_weight(Str list, Str name);
/* Whether gzip is welcome: mentioned by Accept-Encoding, and at least as welcome as the plain bytes. */
bool http_takes_gzip(Str accept_encoding);
/* Whether If-None-Match names etag, or "*". Tags are compared weakly, as it asks. */
bool http_has_tag(Str if_none_match, Str etag);
