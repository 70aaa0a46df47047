/*
 * Accept (RFC 9110, 12.5.1): which of the types that there are a client would rather have. Does no I/O.
 */
#pragma once

#include "base/str.h"

/* Index of the type that has the greatest weight, of several the first; all are taken alike when the header says nothing.
 * A type has the weight of the most specific range that it is in. Ranges that can't be read are left out.
 * SIZE_MAX when none is acceptable. */
size_t accept_choose(Str header, const char *const *types, size_t count);
