/*
 * Index: the stored listings of bulk feeds, searched as one more supply beside the live partners.
 *
 * The newest matches are found first and the search ends when there are enough, so that a word that a third of all
 * listings have costs no more than one that few have (feeds/index_matches.h). What is examined is bounded: a filter
 * that hardly anything passes, and that is no mark (feeds/index_terms.h), may end a page early; the cursor then goes on
 * behind it.
 *
 * Blocking: it reads the database. Callers on a loop hand it to a thread of their own (search/ does).
 */
#pragma once

#include "sources/source.h"
#include "store/db.h"

/* Fills up to limit listings that match the question, newest first: all its keywords in title, company, category, place
 * or description, whatever their ending; not expired. Where the question has a position, its place is looked for around
 * that, and by name among listings that have none; else by name alone, whatever the radius. A listing without a country
 * may be anywhere.
 *
 * sources: NULL, or names to look in (NULL-terminated). The array and its texts are in arena. ret_cursor: as the
 * question's cursor it asks for the next page; absent when there is none. Without a cursor the question's page counts. */
bool index_search(Db *db, const Question *question, const char *const *sources, size_t limit, int64_t now_us,
                  Arena *arena, Listing **ret_listings, size_t *ret_count, Str *ret_cursor,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One stored listing by its public id (the fingerprint of source and id). NOT_FOUND when it is not stored or gone. */
bool index_find(Db *db, Str public_id, Arena *arena, Listing *ret_listing, GError **error) G_GNUC_WARN_UNUSED_RESULT;
