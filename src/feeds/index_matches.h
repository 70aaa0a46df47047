/*
 * Index matches: what a question's terms find in the index, the newest first, as each engine gives it best.
 *
 * SQLite's full text search walks the listings of a word from the newest on. PostgreSQL's GIN index gives the listings of
 * a word in no order, so that all would have to be read to find the newest of them. Two ways keep that small:
 *
 *   walking   the newest listings are looked at one by one. Good for what many of them have.
 *   blocks    freshness is cut into blocks, the largest of a year, each of four smaller ones, and a listing is marked
 *             with those it stands in (index_terms.h). What is asked for is looked up in the newest small block; a
 *             block that gives little is followed by a larger one, and one that would give much is cut again.
 *
 * Either way the answer is exact: each match is given, and none before a newer one.
 */
#pragma once

#include "feeds/index_terms.h"

/* The columns of a row that is given, in their order. */
enum {
    MATCH_FRESH,
    MATCH_NUMBER,
    MATCH_SOURCE,
    MATCH_EXPIRES_AT_US,
    MATCH_SALARY_YEAR_MICROS,
    MATCH_LATITUDE_MICROS,
    MATCH_LONGITUDE_MICROS,
    MATCH_COLUMNS
};

typedef struct {
    DbTx *tx;
    IndexMatch terms;
    Arena *arena;
    int64_t floor, below; /* keys from, and not including */
    bool exhausted;       /* there is none below */
    /* PostgreSQL: */
    Str marks;       /* all that are demanded, as one query */
    Str lead;        /* those that are looked up in blocks */
    Str checks;      /* those that rows are then checked for */
    bool at_listing; /* the key before below is one */
    bool probed;     /* it is known whether walking is worth it */
    bool in_blocks;  /* it is not, or no longer */
    int level;       /* of the next block; INDEX_BLOCK_LEVELS: all there is */
    int64_t crowd;   /* from here down there are very many, which a block was too large for; -1: nowhere */
} IndexMatches;

/* From the newest of all, or from what stands below a key (0: of all). */
void index_matches_init(IndexMatches *matches, DbTx *tx, const IndexMatch *terms, int64_t floor, int64_t below,
                        Arena *arena);

/* Gives up to limit matches, newest first, until take() returns false. It may give fewer, and none, before all are
 * given: then it is to be called again. */
bool index_matches_take(IndexMatches *matches, size_t limit, bool (*take)(void *data, const DbRows *row), void *data,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
