/*
 * Guard: whether absence may count after a complete pull.
 *
 * A feed that brings less than half of what is on the shelf is more often broken than true: then nothing goes. Not for
 * ever, though: after GUARD_PULLS such pulls in a row that agree within a tenth, over GUARD_TIME_US, it is believed. One
 * without any listing never is: a person must say so (weir feed accept).
 */
#pragma once

#include "base/id.h"
#include "store/db.h"

#define GUARD_PULLS   4
#define GUARD_TIME_US (24 * US_PER_HOUR)

/* seen: listings of the pull that ends now; shelf: how many there were when it began. */
bool guard_holds(DbTx *tx, Str source, int64_t seen, int64_t shelf, int64_t now_us, bool *ret_holds,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Believes the last complete pull, which the guard held: what it did not see goes at once. NOT_FOUND when the guard
 * does not hold the source. */
bool guard_accept(Db *db, Str source, int64_t now_us, int64_t *ret_gone, GError **error) G_GNUC_WARN_UNUSED_RESULT;
