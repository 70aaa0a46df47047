/*
 * The fields of a listing as a person reads them, each with its name in the language of definitions.
 */
#pragma once

#include "listings/listing.h"

/* Calls fn for each field that is there, in the order of a definition; texts are of the listing or of arena. */
void listing_each_field(const Listing *listing, Arena *arena, void (*fn)(void *data, const char *field, Str text),
                        void *data);
