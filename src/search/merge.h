/*
 * Merge: many sources' listings as one set without duplicates. A rule without I/O.
 *
 * Two listings are one when they have source and id in common, or the same position (listings/fingerprint.h), or the same
 * address (listings/address.h), or come from two sources and are the same position in other words (listings/near.h:
 * compared with survivors only, within one answer; a source knows its own listings apart). Of each group the survivor is
 * the one worth most, then the most complete, then by name of source and id; the others' sources are remembered. The
 * result does not depend on the order of arrival.
 */
#pragma once

#include "listings/fingerprint.h"
#include "search/answer.h"

typedef struct Merge Merge;

typedef struct {
    const Listing *listing;
    Money bid;
    int64_t value; /* click_value() of bid */
    Fingerprint id, position, address;
    bool has_position, has_address; /* whether there is such a key */
    StrList also_from;              /* names of other sources, sorted */
} Merged;

/* Keys of all that was merged before: what a later page must not show again. */
typedef struct SeenKeys SeenKeys;
SeenKeys *seen_keys_new(void);
/* The keys themselves stay the original's, which must outlive the copy. */
SeenKeys *seen_keys_copy(const SeenKeys *seen);
void seen_keys_free(SeenKeys *seen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SeenKeys, seen_keys_free)

/* before: what earlier pages have; it must outlive the merge. */
Merge *merge_new(SeenKeys *before);
void merge_free(Merge *merge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Merge, merge_free)
/* listing must outlive the merge. bid: its own, or the default of its source. */
void merge_add(Merge *merge, const Listing *listing, Money bid);
/* How many groups there are so far, by the keys seen: what decides whether enough has come. */
size_t merge_count(const Merge *merge);
/* The survivors, best first by the rule above, without groups of which a member was there before; then all keys are
 * added to `before`. Array and names are in arena. Call once. */
Merged *merge_finish(Merge *merge, Arena *arena, size_t *ret_count);
