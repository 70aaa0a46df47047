/*
 * Fingerprints: which listings are the same position, by exact keys.
 *
 * Two listings are the same when they come from one source with one id, or when title, company and place are equal
 * after normalising (case, accents, punctuation, legal forms such as "Inc", gender marks such as "(m/w/d)"). A listing
 * without company has no position key: too little is known to merge it.
 */
#pragma once

#include "listings/listing.h"

typedef struct {
    uint64_t high, low;
} Fingerprint;

/* Of source and id: what a listing is stored and found under. */
Fingerprint fingerprint_of_id(Str source, Str id);
/* Of a text made to be compared: quicker, and good within a process only, for how it is made may change. */
Fingerprint fingerprint_of_text(Str text);
/* The same of the normalised title and place and of the company, normalised. False when company or title is absent. */
bool fingerprint_of_position(const Listing *listing, Str company, Fingerprint *ret_fingerprint);
/* The company as it is compared: folded, without legal forms ("Acme GmbH & Co. KG" is "acme"). */
Str company_normalise(Arena *arena, Str company);
static inline bool
fingerprint_equal(Fingerprint a, Fingerprint b)
{
    return a.high == b.high && a.low == b.low;
}
/* 26 characters of Crockford base32: the public listing id. to holds FINGERPRINT_TEXT_SIZE. */
#define FINGERPRINT_TEXT_SIZE 27
const char *fingerprint_format(Fingerprint fingerprint, char *to);
bool fingerprint_parse(Str text, Fingerprint *ret_fingerprint);
