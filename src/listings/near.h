/*
 * Near-duplicates: whether two listings are one position although their words differ ("Java Developer (m/w/d) Berlin" of
 * "Acme GmbH", "Developer Java" of "Acme"). A rule without I/O; docs/normalising.md says how often it is right.
 *
 * The same means: one company (equal, or one name begins the other), places that can be one, no different rank
 * ("Senior", "II"), no other season or year, and either the same words in the title at the same place or most words of the title together with
 * the same beginning of the text. A listing without company or title is like no other.
 */
#pragma once

#include "listings/listing.h"

#define NEAR_TITLE_WORDS 24
#define NEAR_TEXT_WORDS  80

/* What is compared of a listing, made once. */
typedef struct {
    Str company, city, region, country; /* folded company; place as listing_normalise() found it */
    uint64_t title[NEAR_TITLE_WORDS];   /* hashes of the title's words that tell, sorted */
    uint64_t ranks;                     /* set of the ranks that the title names */
    unsigned seasons, years;            /* sets; years from 2020 on */
    uint64_t text[NEAR_TEXT_WORDS];     /* hashes of pairs of words of the text's beginning, in order */
    uint16_t title_count, text_count;
    bool is_remote;
} NearSketch;

/* Texts of the sketch are in arena or belong to the listing. The listing has been normalised. */
NearSketch near_sketch(const Listing *listing, Arena *arena);
bool near_same(const NearSketch *a, const NearSketch *b);
/* Listings that are the same share this key; 0: like no other. It is a hash of the company's first word. */
uint64_t near_bucket(const Listing *listing);
