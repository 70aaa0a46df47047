/*
 * Index terms: what a listing is found by, and what a question looks for. Text in, text out; no I/O.
 *
 * A listing has words (its texts, folded; the engines stem them) and marks: words that no text can hold, since they
 * begin with "_", for whatever is filtered by. A filter so is one more word to look for, and costs less the fewer
 * listings it lets through:
 *
 *     _sNAME source   _cXX country (_c0 unknown)   _r2 remote   _e3 employment   _d1 moment of posting known
 *     _t0x61523 block of keys
 *     _fWORD company   _pWORD place   _y16 salary of a year, 2^16 to 2^17 units   _g1x47x22 cell of the map
 *
 * Cells come in three sizes, so that any circle is covered by a few of them.
 */
#pragma once

#include "sources/source.h"
#include "store/db.h"

/* Newer listings have larger keys: those of one minute share INDEX_KEYS_PER_MINUTE, from this one on. One that does not say
 * when it was posted is taken for UNDATED_AGE_DAYS old when it was seen first; a moment in the future counts as that of
 * seeing. */
#define INDEX_KEYS_PER_MINUTE (INT64_C(1) << 24)
#define UNDATED_AGE_DAYS      30
int64_t index_fresh(int64_t posted_us, int64_t first_seen_us);
/* The smallest key of that moment and later. */
int64_t index_fresh_floor(int64_t us);

/* Keys are cut into blocks: of 512 minutes at level 0, and of four of the level below at each other, up to a year. On
 * PostgreSQL a listing is marked with those it stands in: "_t0x61523". */
#define INDEX_BLOCK_LEVELS    6
#define INDEX_BLOCK_BITS      33 /* of a key, within a block of level 0 */
#define INDEX_BLOCK_MARK_SIZE 32
void index_block_mark(int64_t fresh, int level, char *to);
/* The first key of the block. */
int64_t index_block_begin(int64_t fresh, int level);

Str index_words(const Listing *listing, Arena *arena);
/* Separated by blanks. */
Str index_marks(const Listing *listing, Arena *arena);
/* A circle on the earth. */
typedef struct {
    double latitude, longitude; /* degrees */
    double radius_km;
} Circle;
bool circle_holds(const Circle *circle, double latitude, double longitude);

/* What the engine's full text search is asked for. words is "", and there is no group, when the question demands
 * nothing. */
#define INDEX_GROUPS 8
typedef struct {
    Str words; /* SQLite: an expression of FTS5, marks included. PostgreSQL: folded words, for plainto_tsquery() */
    Str groups[INDEX_GROUPS]; /* PostgreSQL only: tsqueries of marks, each of one thing that is demanded */
    size_t group_count;
} IndexMatch;

/* circle: where the question's place is; NULL when nobody knows, and the place is looked for by name. sources: NULL, or
 * the names to look in; many are not demanded here, since each listing has one. */
#define INDEX_SOURCES_AS_MARKS 8
IndexMatch index_match(const Question *question, const Circle *circle, const char *const *sources, DbEngine engine,
                       Arena *arena);
