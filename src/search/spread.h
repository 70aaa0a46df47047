/*
 * Spread: an order in which no source fills the page. A rule without I/O.
 *
 *     points of a listing at a place = its own points - repeat x listings of its source among the places before it
 *     at each place stands the listing with the most points; but of `window` places in a row at most `most` are of one source,
 *     as long as another has listings left
 *
 * The first is a preference: what is much better stands where it is, whose ever it is. The second is a bound.
 */
#pragma once

#include "base/str.h"

typedef struct {
    unsigned window; /* how many places in a row are looked at, the place itself among them; 1: none before it */
    unsigned most;   /* 1 to window */
    int32_t repeat;  /* points, 0 or more */
} SpreadRule;

typedef struct {
    Str source;
    int32_t points;
    int32_t repeats; /* what is taken away at its place, 0 or less */
    size_t from;     /* at which place it was handed in */
} SpreadItem;

/* Puts items[fixed..count) in order; those before have their places already. They come with the most points first, and of
 * equal ones the earlier goes first, so that equal input gives equal order. */
void spread_sort(const SpreadRule *rule, SpreadItem *items, size_t fixed, size_t count);
