/*
 * Search store: searches as they stand in the database.
 */
#pragma once

#include "store/db.h"
#include "tracking/event.h"

/* Adds a search; one that is there already stays as it is. */
bool search_add(DbTx *tx, const SearchEvent *event, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What searches that name it showed; they may be there already. Adding it twice is no mistake. */
bool search_page_add(DbTx *tx, const PageEvent *event, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    SearchEvent event; /* shown is NULL */
    Str shown;         /* JSON: [{"source", "listing_id", "title", "bid"}, ...] in order of position */
} SearchRecord;

/* NOT_FOUND when there is none: it may still be on its way. Texts are in arena. */
bool search_find(DbTx *tx, Id id, Arena *arena, SearchRecord *ret_search, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Searches from since_us up to, not including, until_us. */
bool search_count(DbTx *tx, int64_t since_us, int64_t until_us, int64_t *ret_count,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
