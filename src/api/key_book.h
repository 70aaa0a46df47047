/*
 * Key book: the keys that hold, in memory, so that no request waits for the database. Safe from any thread.
 */
#pragma once

#include "api/api_key.h"

typedef struct KeyBook KeyBook;

typedef enum {
    KEY_TAKEN,
    KEY_MISSING,     /* none is shown */
    KEY_UNKNOWN,     /* no key, or one that is revoked */
    KEY_OTHER_SCOPE, /* it holds, for something else */
    KEY_UNREAD,      /* the database was not yet there to say which keys hold */
} KeyVerdict;
const char *key_verdict_name(KeyVerdict verdict);

KeyBook *key_book_new(void);
void key_book_free(KeyBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyBook, key_book_free)

/* Takes what holds now; after an error the keys of before hold. */
bool key_book_read(KeyBook *book, Db *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* In a time that does not depend on which key comes near. */
KeyVerdict key_book_judge(KeyBook *book, Str key, ApiScope scope);
/* The key of a request's headers: Authorization: Bearer, else X-API-Key. Absent when there is none. */
Str key_of_headers(Str authorization, Str x_api_key);
