/*
 * Page cursor: the text by which whoever asked a search asks for its next page: which pages these are, which page is next,
 * and what was shown so far.
 *
 *     the pages are there, as they were shown:  the page follows on that, as it stands
 *     they are not (another process has them or went on with them, or they were kept for too long):  they are made anew,
 *         of what sources give now, without what was shown
 *
 * Text: base64url without padding of  version(1) key id(1) nonce(24) ciphertext(...) tag(16),  XChaCha20-Poly1305 (libsodium)
 * under a key derived from the ring's; version, key id and the question are the associated data, so that a cursor goes with
 * the question of its answer only.
 */
#pragma once

#include "base/id.h"
#include "search/seen_keys.h"
#include "tracking/token.h"

/* A listing that was shown, by parts of its keys (seen_keys.h): 4000 listings that are new are taken for one of 500 shown
 * with a chance below one in two thousand. */
typedef struct {
    uint32_t id;
    uint32_t position; /* 0: it has none */
} ShownKeys;

/* No cursor is made for what follows so many: its text is to fit in a URL. */
#define CURSOR_SHOWN_LIMIT 500
#define CURSOR_TEXT_LIMIT  6000
#define CURSOR_LIFETIME_US (24 * US_PER_HOUR)

typedef struct {
    Id pages;             /* of the search that began them */
    int64_t page;         /* that is asked for */
    int64_t issued_at_us; /* to the second */
    const ShownKeys *shown;
    size_t shown_count;
} PageCursor;

/* arena: for what is compared. */
ShownKeys shown_keys_of(Fingerprint id, const Listing *listing, Arena *arena);
/* In arena; absent when more was shown than fits. */
Str page_cursor_seal(const PageCursor *cursor, Str question, const TokenKeyRing *ring, Random *random, Arena *arena);
/* INVALID with "cursor: ...": altered, of an unknown key, or of another question. NOT_FOUND: too old. */
bool page_cursor_open(Str text, Str question, const TokenKeyRing *ring, int64_t now_us, Arena *arena,
                      PageCursor *ret_cursor, GError **error) G_GNUC_WARN_UNUSED_RESULT;
