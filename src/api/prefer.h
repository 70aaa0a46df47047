/*
 * Prefer: wait=N (RFC 7240, 4.3): how long a client would wait, in seconds. Does no I/O.
 */
#pragma once

#include "base/str.h"

/* The first `wait` of the header, in seconds; -1 when there is none, or none that is a number above 0. */
int64_t prefer_wait_s(Str header);
