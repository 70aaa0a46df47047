/*
 * Store text: what of foreign text any engine will take. PostgreSQL refuses NUL and whatever is not UTF-8; a search for
 * such words still happened and must not be lost for it.
 */
#pragma once

#include "base/arena.h"

/* The text itself when it is good, else a copy in arena with U+FFFD in the bad places. Absent stays absent. */
Str store_text(Str text, Arena *arena);
