#include "api/key_book.h"

#include <sodium.h>

struct KeyBook {
    RateLimit fallback;
    const Clock *clock;
    GRWLock lock;
    GArray *keys;    /* of HeldKey; NULL until they were read */
    GArray *buckets; /* of KeyBucket, one for each of keys */
    GMutex counting; /* of what is in the buckets; within the lock */
};

const char *
key_verdict_name(KeyVerdict verdict)
{
    static const char *const NAMES[] = {
        [KEY_TAKEN] = "taken",       [KEY_MISSING] = "missing",  [KEY_UNKNOWN] = "unknown",
        [KEY_OTHER_SCOPE] = "scope", [KEY_OVER_LIMIT] = "limit", [KEY_UNREAD] = "unread"};

    return NAMES[verdict];
}

KeyBook *
key_book_new(RateLimit fallback, const Clock *clock)
{
    KeyBook *book = g_new0(KeyBook, 1);

    book->fallback = fallback;
    book->clock = clock;
    book->buckets = g_array_new(FALSE, TRUE, sizeof(KeyBucket));
    g_rw_lock_init(&book->lock);
    g_mutex_init(&book->counting);
    return book;
}

void
key_book_free(KeyBook *book)
{
    if (book == NULL)
        return;
    g_clear_pointer(&book->keys, g_array_unref);
    g_array_unref(book->buckets);
    g_mutex_clear(&book->counting);
    g_rw_lock_clear(&book->lock);
    g_free(book);
}

/* ---- which keys hold ---- */

static void
hold(void *data, const ApiKeyRow *row)
{
    HeldKey key = {.scopes = row->scopes, .limit = row->limit};

    memcpy(key.hash, row->hash, sizeof key.hash);
    memcpy(key.name, row->name.at, MIN(row->name.size, API_KEY_NAME_BYTES));
    g_array_append_val((GArray *)data, key);
}

static bool
is_same(const HeldKey *a, const HeldKey *b)
{
    return memcmp(a->hash, b->hash, sizeof a->hash) == 0 && strcmp(a->name, b->name) == 0 && a->scopes == b->scopes &&
           key_limit_equal(&a->limit, &b->limit);
}

static bool
are_same(const GArray *a, const GArray *b)
{
    if (a == NULL || a->len != b->len)
        return false;
    for (guint i = 0; i < a->len; i++)
        if (!is_same(&g_array_index(a, HeldKey, i), &g_array_index(b, HeldKey, i)))
            return false;
    return true;
}

/* Within the lock. The bucket of a key that held before with the same limit; else a full one. */
static KeyBucket
bucket_of_before(const KeyBook *book, const HeldKey *key)
{
    for (guint i = 0; book->keys != NULL && i < book->keys->len; i++) {
        const HeldKey *before = &g_array_index(book->keys, HeldKey, i);

        if (memcmp(before->hash, key->hash, sizeof key->hash) == 0 && key_limit_equal(&before->limit, &key->limit))
            return g_array_index(book->buckets, KeyBucket, i);
    }
    return (KeyBucket){0};
}

/* Takes keys. Whether others held before. */
static bool
exchange_keys(KeyBook *book, GArray *keys)
{
    g_autoptr(GArray) buckets = g_array_sized_new(FALSE, TRUE, sizeof(KeyBucket), keys->len);
    GArray *before = keys;
    bool changed;

    g_rw_lock_writer_lock(&book->lock);
    changed = !are_same(book->keys, keys);
    if (changed) {
        for (guint i = 0; i < keys->len; i++) {
            KeyBucket bucket = bucket_of_before(book, &g_array_index(keys, HeldKey, i));

            g_array_append_val(buckets, bucket);
        }
        before = book->keys;
        book->keys = keys;
        g_array_unref(book->buckets);
        book->buckets = g_steal_pointer(&buckets);
    }
    g_rw_lock_writer_unlock(&book->lock);
    if (before != NULL)
        g_array_unref(before);
    return changed;
}

bool
key_book_read(KeyBook *book, Db *db, bool *ret_changed, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(HeldKey));
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);

    if (tx == NULL || !api_key_list(tx, false, hold, keys, error))
        return false;
    *ret_changed = exchange_keys(book, g_steal_pointer(&keys));
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

    if (keys == NULL)
        return false;
    exchange_keys(book, keys);
    return true;
}

/* ---- who asks ---- */

/* The place of the key with that hash; -1: none. */
static int
find(const GArray *keys, const uint8_t hash[API_KEY_HASH_BYTES])
{
    int found = -1;

    for (guint i = 0; i < keys->len; i++)
        if (sodium_memcmp(g_array_index(keys, HeldKey, i).hash, hash, API_KEY_HASH_BYTES) == 0)
            found = (int)i;
    return found;
}

/* Within the lock. Whether the key may ask once more. */
static bool
count(KeyBook *book, int place, const KeyLimit *limit, KeyQuota *ret_quota)
{
    RateLimit rate = limit->kind == KEY_LIMIT_DEFAULT ? book->fallback : limit->rate;
    bool has_one;

    if (rate.count == 0)
        return true;
    g_mutex_lock(&book->counting);
    has_one = key_bucket_take(&g_array_index(book->buckets, KeyBucket, place), rate, clock_monotonic_us(book->clock),
                              ret_quota);
    g_mutex_unlock(&book->counting);
    return has_one;
}

/* Within the lock. */
static KeyVerdict
judge(KeyBook *book, const uint8_t hash[API_KEY_HASH_BYTES], ApiScope scope, KeyBearer *bearer)
{
    const HeldKey *key;
    int place;

    if (book->keys == NULL)
        return KEY_UNREAD;
    place = find(book->keys, hash);
    if (place < 0)
        return KEY_UNKNOWN;
    key = &g_array_index(book->keys, HeldKey, place);
    memcpy(bearer->name, key->name, sizeof bearer->name);
    if ((key->scopes & scope) == 0)
        return KEY_OTHER_SCOPE;
    return count(book, place, &key->limit, &bearer->quota) ? KEY_TAKEN : KEY_OVER_LIMIT;
}

KeyVerdict
key_book_judge(KeyBook *book, Str key, ApiScope scope, KeyBearer *ret_bearer)
{
    uint8_t hash[API_KEY_HASH_BYTES];
    KeyVerdict verdict;

    *ret_bearer = (KeyBearer){0};
    if (str_is_empty(key))
        return KEY_MISSING;
    if (!api_key_hash(key, hash))
        return KEY_UNKNOWN;
    g_rw_lock_reader_lock(&book->lock);
    verdict = judge(book, hash, scope, ret_bearer);
    g_rw_lock_reader_unlock(&book->lock);
    return verdict;
}

Str
key_of_headers(Str authorization, Str x_api_key)
{
    Str rest = str_trim(authorization), scheme = str_cut(&rest, ' ');

    return str_equal_ignoring_case(scheme, STR("Bearer")) ? str_trim(rest) : str_trim(x_api_key);
}
