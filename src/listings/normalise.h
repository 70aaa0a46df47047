/*
 * What a listing's own words imply, made explicit: city, region, country and position of its place text, amounts of its
 * salary text. What the partner said is never overwritten.
 */
#pragma once

#include "listings/listing.h"
#include "listings/place_memo.h"

/* What is added lives in the arena or as long as the program. places: read before; NULL: each is read. */
void listing_normalise(Arena *arena, PlaceMemo *places, Listing *listing);
