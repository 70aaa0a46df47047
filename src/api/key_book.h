/*
 * Key book: the keys that hold, in memory, so that no request waits for the database. Safe from any thread.
 */
#pragma once

#include "api/key_copy.h"

typedef struct KeyBook KeyBook;

typedef enum {
    KEY_TAKEN,
    KEY_MISSING,     /* none is shown */
    KEY_UNKNOWN,     /* no key, or one that is revoked */
    KEY_OTHER_SCOPE, /* it holds, for something else */
    KEY_UNREAD,      /* neither the database nor a copy has said yet which keys hold */
} KeyVerdict;
const char *key_verdict_name(KeyVerdict verdict);

KeyBook *key_book_new(void);
void key_book_free(KeyBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyBook, key_book_free)

/* Takes what holds now; after an error the keys of before hold. changed: against those. */
bool key_book_read(KeyBook *book, Db *db, bool *ret_changed, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes what was read (it must have been) to a copy (key_copy.h), and takes what held when that was written. */
bool key_book_save(KeyBook *book, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool key_book_load(KeyBook *book, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* In a time that does not depend on which key comes near. */
KeyVerdict key_book_judge(KeyBook *book, Str key, ApiScope scope);
/* The key of a request's headers: Authorization: Bearer, else X-API-Key. Absent when there is none. */
Str key_of_headers(Str authorization, Str x_api_key);
