#include "api/key_book.h"

#include <sodium.h>

typedef struct {
    uint8_t hash[API_KEY_HASH_BYTES];
    unsigned scopes;
} HeldKey;

struct KeyBook {
    GRWLock lock;
    GArray *keys; /* of HeldKey; NULL until they were read */
};

const char *
key_verdict_name(KeyVerdict verdict)
{
    static const char *const NAMES[] = {[KEY_TAKEN] = "taken",
                                        [KEY_MISSING] = "missing",
                                        [KEY_UNKNOWN] = "unknown",
                                        [KEY_OTHER_SCOPE] = "scope",
                                        [KEY_UNREAD] = "unread"};

    return NAMES[verdict];
}

KeyBook *
key_book_new(void)
{
    KeyBook *book = g_new0(KeyBook, 1);

    g_rw_lock_init(&book->lock);
    return book;
}

void
key_book_free(KeyBook *book)
{
    if (book == NULL)
        return;
    g_clear_pointer(&book->keys, g_array_unref);
    g_rw_lock_clear(&book->lock);
    g_free(book);
}

static void
hold(void *data, const ApiKeyRow *row)
{
    HeldKey key = {.scopes = row->scopes};

    memcpy(key.hash, row->hash, sizeof key.hash);
    g_array_append_val((GArray *)data, key);
}

bool
key_book_read(KeyBook *book, Db *db, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(HeldKey)), before = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);

    if (tx == NULL || !api_key_list(tx, false, hold, keys, error))
        return false;
    g_rw_lock_writer_lock(&book->lock);
    before = g_steal_pointer(&book->keys);
    book->keys = g_steal_pointer(&keys);
    g_rw_lock_writer_unlock(&book->lock);
    return true;
}

static KeyVerdict
judge(const GArray *keys, const uint8_t hash[API_KEY_HASH_BYTES], ApiScope scope)
{
    KeyVerdict verdict = KEY_UNKNOWN;

    for (guint i = 0; i < keys->len; i++) {
        const HeldKey *key = &g_array_index(keys, HeldKey, i);

        if (sodium_memcmp(key->hash, hash, API_KEY_HASH_BYTES) == 0)
            verdict = (key->scopes & scope) != 0 ? KEY_TAKEN : KEY_OTHER_SCOPE;
    }
    return verdict;
}

KeyVerdict
key_book_judge(KeyBook *book, Str key, ApiScope scope)
{
    uint8_t hash[API_KEY_HASH_BYTES];
    KeyVerdict verdict = KEY_UNREAD;

    if (str_is_empty(key))
        return KEY_MISSING;
    if (!api_key_hash(key, hash))
        return KEY_UNKNOWN;
    g_rw_lock_reader_lock(&book->lock);
    if (book->keys != NULL)
        verdict = judge(book->keys, hash, scope);
    g_rw_lock_reader_unlock(&book->lock);
    return verdict;
}

Str
key_of_headers(Str authorization, Str x_api_key)
{
    Str rest = str_trim(authorization), scheme = str_cut(&rest, ' ');

    return str_equal_ignoring_case(scheme, STR("Bearer")) ? str_trim(rest) : str_trim(x_api_key);
}
