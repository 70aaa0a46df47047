/*
 * Places that were read before. Partners write the same few places in thousands of listings, and reading one costs more
 * than all else that is found out of a listing's words.
 *
 * Bounded: there is room for so many short texts, and one takes another's slot; long ones are read each time. Nothing
 * goes stale, for what a text means depends on nothing else. Not for sharing between threads.
 */
#pragma once

#include "listings/place.h"

typedef struct PlaceMemo PlaceMemo;

PlaceMemo *place_memo_new(void);
void place_memo_free(PlaceMemo *memo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlaceMemo, place_memo_free)
/* As place_parse(). */
bool place_memo_parse(PlaceMemo *memo, Str text, Str country, Place *ret_place);
