/*
 * Language: in which language a listing is written, as BCP 47 has it ("en", "pt-BR", "zh-Hant").
 */
#pragma once

#include "listings/listing.h"

/* Reads a code, "FR", "fr_CA", "zh-hant-TW", and writes it as BCP 47 does; absent when it is none. */
Str language_parse(Str text, Arena *arena);
/* The language of title and text; country (ISO 3166-1, may be absent) decides between alike ones. Absent when it is not
 * certain: of a few words, of mixed texts. Looks at the first LANGUAGE_TEXT_BYTES, some 5 to 10 microseconds. The result
 * lives as long as the program. */
#define LANGUAGE_TEXT_BYTES 240
Str language_detect(Str title, Str text, Str country);
/* What the partner says, else what its texts are found to be in. */
Str listing_language(const Listing *listing);
