#include "tracking/key_ring.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>

#define SETTING    "token_keys"
#define FILE_LIMIT 4096
#define HEX_SIZE   (2 * TOKEN_KEY_BYTES + 1)

static bool
secret_parse(Str text, uint8_t to[TOKEN_KEY_BYTES])
{
    size_t size;

    return sodium_hex2bin(to, TOKEN_KEY_BYTES, text.at, text.size, NULL, &size, NULL) == 0 && size == TOKEN_KEY_BYTES;
}

static bool
key_parse(Str line, TokenKey *ret_key)
{
    Str rest = line, id_text = str_cut(&rest, ' '), secret = str_cut(&rest, ' ');
    TokenKey key = {.made_at_us = 0};
    int64_t id, made_s = 0;

    if (!str_to_int64(id_text, &id) || id < 1 || id > UINT8_MAX || !secret_parse(secret, key.key) ||
        (rest.at != NULL && (!str_to_int64(rest, &made_s) || made_s < 0 || made_s > INT64_MAX / US_PER_SECOND)))
        return false;
    key.id = (uint8_t)id;
    key.made_at_us = made_s * US_PER_SECOND;
    *ret_key = key;
    return true;
}

/* "root SECRET"; it stands first. */
static bool
root_parse(Str line, TokenKeyRing *ring)
{
    Str rest = line;

    if (!str_is(str_cut(&rest, ' '), "root") || ring->has_root || ring->count > 0)
        return false;
    ring->has_root = secret_parse(rest, ring->root);
    return ring->has_root;
}

bool
key_ring_parse(Str text, TokenKeyRing *ret_ring, GError **error)
{
    TokenKeyRing ring = {.count = 0};
    int number = 0;

    while (text.size > 0) {
        Str line = str_trim(str_cut(&text, '\n'));

        number++;
        if (line.size == 0 || root_parse(line, &ring))
            continue;
        if (ring.count == G_N_ELEMENTS(ring.keys))
            return weir_fail(error, WEIR_ERROR_INVALID, "line %d: more than %zu keys", number, ring.count);
        if (!key_parse(line, &ring.keys[ring.count]))
            return weir_fail(
                error, WEIR_ERROR_INVALID,
                "line %d: not an id from 1 to 255, 64 hexadecimal digits, and a moment in seconds or nothing", number);
        for (size_t i = 0; i < ring.count; i++)
            if (ring.keys[i].id == ring.keys[ring.count].id)
                return weir_fail(error, WEIR_ERROR_INVALID, "line %d: key %u is there twice", number, ring.keys[i].id);
        ring.count++;
    }
    if (ring.count == 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "no key");
    *ret_ring = ring;
    return true;
}

void
key_ring_format(const TokenKeyRing *ring, GString *to)
{
    char hex[HEX_SIZE];

    if (ring->has_root)
        g_string_append_printf(to, "root %s\n", sodium_bin2hex(hex, sizeof hex, ring->root, TOKEN_KEY_BYTES));
    for (size_t i = 0; i < ring->count; i++) {
        const TokenKey *key = &ring->keys[i];

        g_string_append_printf(to, "%u %s", key->id, sodium_bin2hex(hex, sizeof hex, key->key, TOKEN_KEY_BYTES));
        if (key->made_at_us > 0)
            g_string_append_printf(to, " %" G_GINT64_FORMAT, key->made_at_us / US_PER_SECOND);
        g_string_append_c(to, '\n');
    }
    sodium_memzero(hex, sizeof hex);
}

static bool
ring_select(DbTx *tx, TokenKeyRing *ret_ring, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx, SQL("SELECT value FROM setting WHERE name = $1"), DB_ARGS(db_cstr(SETTING)), error);

    if (rows == NULL)
        return false;
    if (db_next(rows, error))
        return key_ring_parse(db_get_text(rows, 0), ret_ring, error) || weir_fail_within(error, "setting %s", SETTING);
    return !db_has_failed(rows) && weir_fail(error, WEIR_ERROR_NOT_FOUND, "no setting %s", SETTING);
}

/* Several nodes may do so at once: the first one's key stays, and all read that. */
static bool
ring_create(DbTx *tx, Random *random, TokenKeyRing *ret_ring, GError **error)
{
    TokenKeyRing first = {.count = 1, .keys = {{.id = 1}}};
    g_autoptr(GString) text = g_string_new(NULL);

    random_fill(random, first.keys[0].key, TOKEN_KEY_BYTES);
    key_ring_format(&first, text);
    return db_exec(tx, SQL("INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"),
                   DB_ARGS(db_cstr(SETTING), db_text(str_of_gstring(text))), NULL, error) &&
           ring_select(tx, ret_ring, error);
}

bool
key_ring_load(Db *db, Random *random, TokenKeyRing *ret_ring, GError **error)
{
    g_autoptr(DbTx) reading = db_begin(db, DB_READ, error), writing = NULL;
    g_autoptr(GError) failure = NULL;
    TokenKeyRing ring;

    if (reading == NULL)
        return false;
    if (ring_select(reading, ret_ring, &failure))
        return true;
    if (!g_error_matches(failure, WEIR_ERROR, WEIR_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    db_rollback(g_steal_pointer(&reading));
    writing = db_begin(db, DB_WRITE, error);
    if (writing == NULL || !ring_create(writing, random, &ring, error) || !db_commit_auto(&writing, error))
        return false;
    *ret_ring = ring;
    return true;
}

static bool
copy_read(const char *path, TokenKeyRing *ret_ring, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = NULL;
    size_t size;

    if (!g_file_get_contents(path, &text, &size, &failure))
        return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%s", failure->message);
    if (size > FILE_LIMIT)
        return weir_fail(error, WEIR_ERROR_INVALID, "%s: too large for a key ring", path);
    return key_ring_parse((Str){text, size}, ret_ring, error) || weir_fail_within(error, "%s", path);
}

bool
key_ring_save(const TokenKeyRing *ring, const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) failure = NULL;

    key_ring_format(ring, text);
    if (!g_file_set_contents_full(path, text->str, (gssize)text->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &failure))
        return weir_fail(error, WEIR_ERROR_BROKEN, "the copy of the token keys can't be kept: %s", failure->message);
    return true;
}

bool
key_ring_open(const char *database_url, const char *copy_path, Random *random, TokenKeyRing *ret_ring, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(Db) db = db_open(database_url, &failure);

    if (db != NULL && key_ring_load(db, random, ret_ring, &failure))
        return key_ring_save(ret_ring, copy_path, error);
    if (!g_error_matches(failure, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (copy_read(copy_path, ret_ring, error))
        return true;
    return weir_fail_within(error, "the database is down (%s), and there is no good copy of the token keys",
                            failure->message);
}

/* ---- rotation ---- */

static bool
has_settled(const TokenKey *key, int64_t now_us)
{
    return key->made_at_us + KEY_RING_SETTLE_US <= now_us;
}

/* The place of the key that seals. When none has settled, the oldest does: it was there before the others. */
static size_t
sealing_place(const TokenKeyRing *ring, int64_t now_us)
{
    for (size_t i = 0; i < ring->count; i++)
        if (has_settled(&ring->keys[i], now_us))
            return i;
    return ring->count - 1;
}

TokenKeyRing
key_ring_at(const TokenKeyRing *ring, int64_t now_us)
{
    size_t place = sealing_place(ring, now_us);
    TokenKeyRing at = *ring;

    at.newer = NULL;
    at.keys[0] = ring->keys[place];
    memcpy(&at.keys[1], ring->keys, place * sizeof *at.keys);
    return at;
}

static const TokenKey *
find(const TokenKeyRing *ring, uint8_t id)
{
    for (size_t i = 0; i < ring->count; i++)
        if (ring->keys[i].id == id)
            return &ring->keys[i];
    return NULL;
}

/* The one after the newest; beyond the last, the first that is free: tokens of the one that had it before are long expired. */
static uint8_t
free_id(const TokenKeyRing *ring)
{
    uint8_t id = ring->keys[0].id;

    do
        id = id == UINT8_MAX ? 1 : (uint8_t)(id + 1);
    while (find(ring, id) != NULL);
    return id;
}

/* Nobody else may have written meanwhile. */
static bool
ring_update(DbTx *tx, const TokenKeyRing *before, const TokenKeyRing *after, GError **error)
{
    g_autoptr(GString) old = g_string_new(NULL), new = g_string_new(NULL);
    int64_t changed;

    key_ring_format(before, old);
    key_ring_format(after, new);
    if (!db_exec(tx, SQL("UPDATE setting SET value = $3 WHERE name = $1 AND value = $2"),
                 DB_ARGS(db_cstr(SETTING), db_text(str_of_gstring(old)), db_text(str_of_gstring(new))), &changed,
                 error))
        return false;
    return changed == 1 ||
           weir_fail(error, WEIR_ERROR_CONFLICT, "setting %s was changed by another meanwhile: do it again", SETTING);
}

bool
key_ring_rotate(DbTx *tx, Random *random, int64_t now_us, uint8_t *ret_id, GError **error)
{
    TokenKeyRing ring, rotated;

    if (!ring_select(tx, &ring, error))
        return false;
    if (ring.count == TOKEN_KEYS)
        return weir_fail(error, WEIR_ERROR_LIMIT, "there are %d keys already: retire one that is spent first",
                         TOKEN_KEYS);
    if (!has_settled(&ring.keys[0], now_us))
        return weir_fail(error, WEIR_ERROR_CONFLICT,
                         "key %u is new, and nodes are still learning of it: wait two minutes", ring.keys[0].id);
    rotated = ring;
    if (!ring.has_root)
        memcpy(rotated.root, ring.keys[0].key, sizeof rotated.root);
    rotated.has_root = true;
    memcpy(&rotated.keys[1], ring.keys, ring.count * sizeof *ring.keys);
    rotated.keys[0] = (TokenKey){.id = free_id(&ring), .made_at_us = now_us};
    random_fill(random, rotated.keys[0].key, TOKEN_KEY_BYTES);
    rotated.count++;
    *ret_id = rotated.keys[0].id;
    return ring_update(tx, &ring, &rotated, error);
}

int64_t
key_ring_spent_us(const TokenKeyRing *ring, uint8_t id, int64_t lifetime_us, int64_t now_us)
{
    size_t sealing = sealing_place(ring, now_us);
    const TokenKey *key = find(ring, id);

    g_assert(key != NULL);
    if (key <= &ring->keys[sealing])
        return INT64_MAX;
    /* It sealed until the next newer one did; a node may learn of that as late as keys settle. */
    return key[-1].made_at_us + 2 * KEY_RING_SETTLE_US + lifetime_us;
}

bool
key_ring_retire(DbTx *tx, uint8_t id, int64_t now_us, GError **error)
{
    TokenKeyRing ring, left;
    const TokenKey *key;
    size_t place;

    if (!ring_select(tx, &ring, error))
        return false;
    if ((key = find(&ring, id)) == NULL)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "there is no key %u", id);
    place = (size_t)(key - ring.keys);
    if (place == sealing_place(&ring, now_us))
        return weir_fail(error, WEIR_ERROR_CONFLICT,
                         "links are made with key %u: rotate first, and wait until the new one seals", id);
    left = ring;
    memmove(&left.keys[place], &left.keys[place + 1], (ring.count - place - 1) * sizeof *left.keys);
    left.count--;
    return ring_update(tx, &ring, &left, error);
}

void
key_ring_secret(const TokenKeyRing *ring, const char *purpose, uint8_t to[KEY_RING_SECRET_BYTES])
{
    g_assert(ring->count > 0);
    crypto_generichash(to, KEY_RING_SECRET_BYTES, (const unsigned char *)purpose, strlen(purpose),
                       ring->has_root ? ring->root : ring->keys[0].key, TOKEN_KEY_BYTES);
}
