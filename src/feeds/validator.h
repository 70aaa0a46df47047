/*
 * Validators: what a partner said of the state of its feed that was read last, so that it can be asked for news only.
 */
#pragma once

#include "base/arena.h"
#include "base/id.h"
#include "store/db.h"

typedef struct {
    Id pull_id;              /* that read this state in full; ID_NONE: none did */
    Str etag, last_modified; /* absent when the partner gave none */
} FeedValidator;

bool feed_validator_find(Db *db, Str source, Arena *arena, FeedValidator *ret_validator,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Without etag and last_modified, nothing is known from now on. */
bool feed_validator_set(DbTx *tx, Str source, const FeedValidator *validator, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The partner says that the state which pull_id read is still how things stand at now_us. Nothing when another was read. */
bool feed_validator_confirm(DbTx *tx, Str source, Id pull_id, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
