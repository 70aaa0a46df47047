#include "api/key_book.h"

#include <sodium.h>

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
    memcpy(key.name, row->name.at, MIN(row->name.size, API_KEY_NAME_BYTES));
    g_array_append_val((GArray *)data, key);
}

/* Takes keys; returns those of before. */
static GArray *
exchange_keys(KeyBook *book, GArray *keys)
{
    GArray *before;

    g_rw_lock_writer_lock(&book->lock);
    before = book->keys;
    book->keys = keys;
    g_rw_lock_writer_unlock(&book->lock);
    return before;
}

static bool
are_same(const GArray *a, const GArray *b)
{
    return a != NULL && a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len * sizeof(HeldKey)) == 0);
}

bool
key_book_read(KeyBook *book, Db *db, bool *ret_changed, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(HeldKey)), before = NULL;
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);

    if (tx == NULL || !api_key_list(tx, false, hold, keys, error))
        return false;
    before = exchange_keys(book, g_array_ref(keys));
    *ret_changed = !are_same(before, keys);
    return true;
}

bool
key_book_save(KeyBook *book, const char *path, GError **error)
{
    g_autoptr(GArray) keys = NULL;

    g_rw_lock_reader_lock(&book->lock);
    keys = g_array_ref(book->keys);
    g_rw_lock_reader_unlock(&book->lock);
    return key_copy_write(path, keys, error);
}

bool
key_book_load(KeyBook *book, const char *path, GError **error)
{
    GArray *keys = key_copy_read(path, error);
    g_autoptr(GArray) before = keys == NULL ? NULL : exchange_keys(book, keys);

    return keys != NULL;
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
