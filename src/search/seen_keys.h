/*
 * Seen keys: by what listings are known to be the same position: source and id, position (listings/fingerprint.h), and
 * address (listings/address.h).
 *
 * A merge gathers the keys of its listings in one such set; pages keep those of all that they show.
 */
#pragma once

#include "listings/fingerprint.h"

typedef struct {
    Fingerprint fingerprint;
    void *best; /* the merge's, while it gathers them: the best listing that has the key. Else NULL */
} SeenKey;

/* A position and an address are never the same key, so that they share a set. */
typedef enum { SEEN_ID, SEEN_POSITION, SEEN_KINDS } SeenKind;

typedef struct SeenKeys SeenKeys;
SeenKeys *seen_keys_new(void);
/* The keys themselves stay the original's, which must outlive the copy. */
SeenKeys *seen_keys_copy(const SeenKeys *seen);
void seen_keys_free(SeenKeys *seen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SeenKeys, seen_keys_free)

/* NULL when it is not there in full. */
const SeenKey *seen_keys_find(const SeenKeys *seen, SeenKind kind, Fingerprint fingerprint);
/* Whether it, or its part, is there. */
bool seen_keys_have(const SeenKeys *seen, SeenKind kind, Fingerprint fingerprint);
/* A key of which only this part is known: what a cursor has of it (page_cursor.h). */
static inline uint32_t
seen_key_part(Fingerprint fingerprint)
{
    return (uint32_t)fingerprint.high;
}
void seen_keys_add_part(SeenKeys *seen, SeenKind kind, uint32_t part);
/* The key, which is there from now on and does not move. */
SeenKey *seen_keys_add(SeenKeys *seen, SeenKind kind, Fingerprint fingerprint);
/* Moves the keys of more to seen; their best must be NULL. */
void seen_keys_take(SeenKeys *seen, SeenKeys *more);
