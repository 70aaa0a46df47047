#include "search/seen_keys.h"

#define BLOCK_BYTES 4096

struct SeenKeys {
    Arena *arena;
    GHashTable *sets[SEEN_KINDS];  /* of SeenKey */
    GHashTable *parts[SEEN_KINDS]; /* of seen_key_part(), as pointers; NULL: none */
};

static guint
key_hash(gconstpointer key)
{
    return (guint)((const SeenKey *)key)->fingerprint.low;
}

static gboolean
key_same(gconstpointer a, gconstpointer b)
{
    return fingerprint_equal(((const SeenKey *)a)->fingerprint, ((const SeenKey *)b)->fingerprint);
}

SeenKeys *
seen_keys_new(void)
{
    SeenKeys *seen = g_new0(SeenKeys, 1);

    seen->arena = arena_new(BLOCK_BYTES);
    for (size_t i = 0; i < SEEN_KINDS; i++)
        seen->sets[i] = g_hash_table_new(key_hash, key_same);
    return seen;
}

SeenKeys *
seen_keys_copy(const SeenKeys *seen)
{
    SeenKeys *copy = seen_keys_new();
    GHashTableIter iter;
    gpointer key;

    for (size_t i = 0; i < SEEN_KINDS; i++) {
        g_hash_table_iter_init(&iter, seen->sets[i]);
        while (g_hash_table_iter_next(&iter, &key, NULL))
            g_hash_table_add(copy->sets[i], key);
        if (seen->parts[i] != NULL)
            copy->parts[i] = g_hash_table_ref(seen->parts[i]);
    }
    return copy;
}

void
seen_keys_free(SeenKeys *seen)
{
    if (seen == NULL)
        return;
    for (size_t i = 0; i < SEEN_KINDS; i++)
        g_hash_table_unref(seen->sets[i]);
    for (size_t i = 0; i < SEEN_KINDS; i++)
        g_clear_pointer(&seen->parts[i], g_hash_table_unref);
    arena_free(seen->arena);
    g_free(seen);
}

const SeenKey *
seen_keys_find(const SeenKeys *seen, SeenKind kind, Fingerprint fingerprint)
{
    return g_hash_table_lookup(seen->sets[kind], &(SeenKey){.fingerprint = fingerprint});
}

bool
seen_keys_have(const SeenKeys *seen, SeenKind kind, Fingerprint fingerprint)
{
    return seen_keys_find(seen, kind, fingerprint) != NULL ||
           (seen->parts[kind] != NULL &&
            g_hash_table_contains(seen->parts[kind], GUINT_TO_POINTER(seen_key_part(fingerprint))));
}

void
seen_keys_add_part(SeenKeys *seen, SeenKind kind, uint32_t part)
{
    if (seen->parts[kind] == NULL)
        seen->parts[kind] = g_hash_table_new(NULL, NULL);
    g_hash_table_add(seen->parts[kind], GUINT_TO_POINTER(part));
}

SeenKey *
seen_keys_add(SeenKeys *seen, SeenKind kind, Fingerprint fingerprint)
{
    SeenKey *key = (SeenKey *)seen_keys_find(seen, kind, fingerprint);

    if (key != NULL)
        return key;
    key = ARENA_NEW(seen->arena, SeenKey);
    key->fingerprint = fingerprint;
    g_hash_table_add(seen->sets[kind], key);
    return key;
}

void
seen_keys_take(SeenKeys *seen, SeenKeys *more)
{
    GHashTableIter iter;
    gpointer key;

    /* Every listing has an id: there are none at all. */
    if (g_hash_table_size(seen->sets[SEEN_ID]) == 0 && seen->parts[SEEN_ID] == NULL) {
        SeenKeys none = *seen;

        *seen = *more;
        *more = none;
        return;
    }
    for (size_t i = 0; i < SEEN_KINDS; i++) {
        g_hash_table_iter_init(&iter, more->sets[i]);
        while (g_hash_table_iter_next(&iter, &key, NULL))
            seen_keys_add(seen, (SeenKind)i, ((const SeenKey *)key)->fingerprint);
    }
}
