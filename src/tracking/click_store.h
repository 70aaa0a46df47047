/*
 * Click store: clicks as they stand in the database, found by what comes back with the money.
 */
#pragma once

#include "store/db.h"
#include "tracking/event.h"

/* Adds a click; one that is there already stays as it is. INVALID without a source. */
bool click_add(DbTx *tx, const ClickEvent *event, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* NOT_FOUND when there is none: it may still be on its way. Texts are in arena. */
bool click_find(DbTx *tx, Id id, Arena *arena, ClickEvent *ret_click, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The click whose sub-id a partner reports, also when it changed the case of a base32 id. NOT_FOUND; CONFLICT when
 * several clicks of the source carry it (short sub-ids): nobody can say which one earned. */
bool click_find_by_sub_id(DbTx *tx, Str source, Str sub_id, Arena *arena, ClickEvent *ret_click,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Calls each for the clicks of a search, in order of time; texts live during the call. each returns false to stop. */
bool clicks_of_search(DbTx *tx, Id search_id, bool (*each)(void *data, const ClickEvent *click), void *data,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
