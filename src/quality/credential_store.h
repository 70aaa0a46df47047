/*
 * Credential store: which sources refuse our keys, as searches find it, in the database: what opens an alert.
 */
#pragma once

#include "store/db.h"

/* A source refused our key, with its words, or took it. What was so already stays as it is; what was never refused is not
 * written down. */
bool credential_store_note(DbTx *tx, const char *source, bool refused, const char *message, int64_t now_us,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Texts live during the call that gives it. */
typedef struct {
    Str source, message;
    bool refused;
    int64_t changed_at_us;
} CredentialRow;
/* All that were ever refused. */
bool credential_store_list(DbTx *tx, void (*each)(void *data, const CredentialRow *row), void *data,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
