/*
 * Key copy: the keys that hold, in a file of the data folder, so that a process that starts with the database down still
 * knows them. Of a key there is its hash alone.
 *
 * Text, of mode 0600 and replaced as a whole: one line a key, "HASH SCOPES LIMIT NAME", the hash in 64 hexadecimal
 * digits, the limit as key_limit.h reads it.
 */
#pragma once

#include "api/api_key.h"

/* One that holds, beyond the database. */
typedef struct {
    uint8_t hash[API_KEY_HASH_BYTES];
    char name[API_KEY_NAME_BYTES + 1];
    unsigned scopes;
    KeyLimit limit;
} HeldKey;

/* keys: of HeldKey. BROKEN when the disk takes nothing. */
bool key_copy_write(const char *path, const GArray *keys, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NOT_FOUND without such a file; INVALID with the line that is wrong: then none of it holds. */
GArray *key_copy_read(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
