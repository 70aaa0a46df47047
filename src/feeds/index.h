/*
 * Index: the stored listings of bulk feeds, searched as one more supply beside the live partners.
 *
 * Blocking: it reads the database. Callers on a loop hand it to a thread of their own (search/ does).
 */
#pragma once

#include "sources/source.h"
#include "store/db.h"

/* Fills up to limit listings that match the question: all its keywords in title, company, category or description; its place
 * in the location text; its country; not expired; newest first. sources: NULL, or names to look in (NULL-terminated). The array and its texts
 * are in arena. ret_total: how many match in all, counted up to 1,000. */
bool index_search(Db *db, const Question *question, const char *const *sources, size_t limit, int64_t now_us,
                  Arena *arena, Listing **ret_listings, size_t *ret_count, int64_t *ret_total,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One stored listing by its public id (the fingerprint of source and id). NOT_FOUND when it is not stored or gone. */
bool index_find(Db *db, Str public_id, Arena *arena, Listing *ret_listing, GError **error) G_GNUC_WARN_UNUSED_RESULT;
