/*
 * Merge: many sources' listings as one set without duplicates, kept while they arrive. A rule without I/O.
 *
 * Two listings are one when they have source and id in common, or the same position (listings/fingerprint.h), or the same
 * address (listings/address.h), or come from two sources and are the same position in other words (listings/near.h:
 * compared with survivors only, within one answer; a source knows its own listings apart). Of each group the survivor is
 * the one worth most, then the most complete, then by name of source and id; the others' sources are remembered. The
 * result does not depend on the order of arrival:
 *
 *     go through all, best first; each joins the group of the best one with the same id, else with the same position,
 *     else with the same address, else of the survivor that it is nearly the same as; else it is a survivor itself
 *
 * That need not be done at the end: a key knows the best listing that has it, so that what a listing joins is known at
 * once, and only listings of one company have to be gone through again when one more comes.
 */
#pragma once

#include "search/answer.h"
#include "search/seen_keys.h"

typedef struct Merge Merge;

typedef struct {
    const Listing *listing;
    Money bid;
    int64_t value; /* what a click is expected to earn (value.h) */
    Fingerprint id;
    StrList also_from;  /* names of other sources, sorted */
    ListingScore score; /* rank.h's */
} Merged;

/* before: keys of what earlier pages have, which is not to be shown again; it must outlive the merge. */
Merge *merge_new(SeenKeys *before);
void merge_free(Merge *merge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Merge, merge_free)
/* listing must outlive the merge. bid: its own, or the default of its source; value: what a click is expected to earn. */
void merge_add(Merge *merge, const Listing *listing, Money bid, int64_t value);
/* How many groups there are so far, by the keys seen: what decides whether enough has come. */
size_t merge_count(const Merge *merge);
/* Compares what has come since the last time, while there is time for it: to be called after each piece of an answer. */
void merge_settle(Merge *merge);
/* The survivors of what has come, best first by the rule above, without groups of which a member was there before. Array
 * and names are in arena. */
Merged *merge_so_far(Merge *merge, Arena *arena, size_t *ret_count);
/* After merge_so_far(): the survivor of the listing with that id; NULL when none has come. */
const Merged *merge_survivor_of(const Merge *merge, Fingerprint id);
/* What merge_so_far() gives, when nothing more will come: all keys are added to `before`. Call once, and then only merge_free(). */
Merged *merge_finish(Merge *merge, Arena *arena, size_t *ret_count);
