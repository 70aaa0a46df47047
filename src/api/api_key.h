/*
 * API key: what a consumer shows to be let in, "weir_" and 64 hexadecimal digits of 256 random bits.
 *
 * The database has its hash alone. A fast one does: what is hashed cannot be guessed, unlike a password.
 */
#pragma once

#include "api/key_limit.h"
#include "base/random.h"
#include "store/db.h"

#define API_KEY_TEXT_SIZE  (5 + 64 + 1)
#define API_KEY_HASH_BYTES 32
#define API_KEYS_LIMIT     1000 /* that hold at a time: each request is compared with all */
#define API_KEY_NAME_BYTES 64

/* Bits, of what a key opens. */
typedef enum { API_SCOPE_NONE = 0, API_SCOPE_SEARCH = 1, API_SCOPE_FEED = 2, API_SCOPE_OPERATIONS = 4 } ApiScope;
#define API_SCOPE_ALL (API_SCOPE_SEARCH | API_SCOPE_FEED | API_SCOPE_OPERATIONS)

/* Of one scope. */
const char *api_scope_name(ApiScope scope);
/* "search", "feed" or "operations"; API_SCOPE_NONE for anything else. */
ApiScope api_scope_parse(Str name);
/* Names with commas. INVALID for an unknown one, or none. */
bool api_scopes_parse(Str names, unsigned *ret_scopes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same names. */
void api_scopes_format(unsigned scopes, GString *to);

void api_key_make(Random *random, char to[API_KEY_TEXT_SIZE]);
/* False when text has not the form of a key. */
bool api_key_hash(Str text, uint8_t to[API_KEY_HASH_BYTES]);

/* 1 to 64 small letters, digits, '.', '_' and '-'. */
bool api_key_name_is_valid(Str name);

typedef struct {
    Str name;
    const uint8_t *hash; /* API_KEY_HASH_BYTES */
    unsigned scopes;
    KeyLimit limit;
    int64_t created_at_us, revoked_at_us; /* TIMESTAMP_NONE: it holds */
} ApiKeyRow;
/* One that holds. INVALID for a name that is none; CONFLICT when there is one of that name, revoked or not; LIMIT when
 * API_KEYS_LIMIT hold, or another is being added for too long. */
bool api_key_add(DbTx *tx, const ApiKeyRow *row, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NOT_FOUND without such a key, CONFLICT when it is revoked. */
bool api_key_revoke(DbTx *tx, const char *name, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool api_key_set_limit(DbTx *tx, const char *name, const KeyLimit *limit, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* By name; what a row points to lives during its call. with_revoked false: those that hold. */
bool api_key_list(DbTx *tx, bool with_revoked, void (*each)(void *data, const ApiKeyRow *row), void *data,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
