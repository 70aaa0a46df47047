/*
 * Scratch: a private SQLite database for work that must not grow in memory: lines of a report while duplicates are
 * sought, the state that an audit builds anew. In memory while that is small, else in a temporary file. It is one
 * transaction that is never committed, and gone when closed.
 */
#pragma once

#include "store/db.h"

typedef struct Scratch Scratch;

/* expected_bytes decides where it lives. schema: statements, NULL-terminated. */
Scratch *scratch_open(uint64_t expected_bytes, const char *const *schema, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void scratch_close(Scratch *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scratch, scratch_close)
DbTx *scratch_tx(Scratch *scratch);
