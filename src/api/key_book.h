/*
 * Key book: the keys that hold, in memory, so that no request waits for the database, and how often each has asked of
 * late. Safe from any thread.
 *
 * Each process has a book and counts by itself: behind a balancer a key gets its limit from every process.
 */
#pragma once

#include "api/key_copy.h"
#include "base/clock.h"

typedef struct KeyBook KeyBook;

typedef enum {
    KEY_TAKEN,
    KEY_MISSING,     /* none is shown */
    KEY_UNKNOWN,     /* no key, or one that is revoked */
    KEY_OTHER_SCOPE, /* it holds, for something else */
    KEY_OVER_LIMIT,  /* it holds, and has asked too often */
    KEY_UNREAD,      /* neither the database nor a copy has said yet which keys hold */
} KeyVerdict;
const char *key_verdict_name(KeyVerdict verdict);

/* fallback: the limit of keys without one of their own; count 0: none. clock must outlive the book. */
KeyBook *key_book_new(RateLimit fallback, const Clock *clock);
void key_book_free(KeyBook *book);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyBook, key_book_free)

/* Takes what holds now; after an error the keys of before hold. changed: against those. A key whose limit is another
 * than before begins anew. */
bool key_book_read(KeyBook *book, Db *db, bool *ret_changed, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes what was read (it must have been) to a copy (key_copy.h), and takes what held when that was written. */
bool key_book_save(KeyBook *book, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool key_book_load(KeyBook *book, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Who shows a key. */
typedef struct {
    char name[API_KEY_NAME_BYTES + 1]; /* empty without a key that holds */
    KeyQuota quota;
} KeyBearer;
/* In a time that does not depend on which key comes near. One that is for this is counted. */
KeyVerdict key_book_judge(KeyBook *book, Str key, ApiScope scope, KeyBearer *ret_bearer);
/* The key of a request's headers: Authorization: Bearer, else X-API-Key. Absent when there is none. */
Str key_of_headers(Str authorization, Str x_api_key);
