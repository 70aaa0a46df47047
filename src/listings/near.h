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

/* What is compared of a listing. What most comparisons don't come to, title and text, is made when one does. */
typedef struct {
    const Listing *listing;
    Arena *arena;
    Str company;     /* normalised */
    uint64_t bucket; /* listings that are the same share it: a hash of the company's first word; 0: like no other */
    struct NearTitle *title;
    struct NearText *text;
} NearSketch;

/* The listing has been normalised; it, its normalised company and arena must outlive the sketch. */
NearSketch near_sketch(const Listing *listing, Str company, Arena *arena);
bool near_same(NearSketch *a, NearSketch *b);
