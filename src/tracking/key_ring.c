#include "tracking/key_ring.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>

#define SETTING    "token_keys"
#define FILE_LIMIT 4096
#define HEX_SIZE   (2 * TOKEN_KEY_BYTES + 1)

static bool
key_parse(Str line, TokenKey *ret_key)
{
    Str rest = line, id_text = str_cut(&rest, ' ');
    TokenKey key;
    int64_t id;
    size_t size;

    if (!str_to_int64(id_text, &id) || id < 1 || id > UINT8_MAX ||
        sodium_hex2bin(key.key, sizeof key.key, rest.at, rest.size, NULL, &size, NULL) != 0 || size != sizeof key.key)
        return false;
    key.id = (uint8_t)id;
    *ret_key = key;
    return true;
}

bool
key_ring_parse(Str text, TokenKeyRing *ret_ring, GError **error)
{
    TokenKeyRing ring = {.count = 0};
    int number = 0;

    while (text.size > 0) {
        Str line = str_trim(str_cut(&text, '\n'));

        number++;
        if (line.size == 0)
            continue;
        if (ring.count == G_N_ELEMENTS(ring.keys))
            return weir_fail(error, WEIR_ERROR_INVALID, "line %d: more than %zu keys", number, ring.count);
        if (!key_parse(line, &ring.keys[ring.count]))
            return weir_fail(error, WEIR_ERROR_INVALID, "line %d: not an id from 1 to 255 and 64 hexadecimal digits",
                             number);
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

    for (size_t i = 0; i < ring->count; i++)
        g_string_append_printf(to, "%u %s\n", ring->keys[i].id,
                               sodium_bin2hex(hex, sizeof hex, ring->keys[i].key, TOKEN_KEY_BYTES));
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

static bool
copy_write(const char *path, const TokenKeyRing *ring, GError **error)
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
        return copy_write(copy_path, ret_ring, error);
    if (!g_error_matches(failure, WEIR_ERROR, WEIR_ERROR_UNAVAILABLE)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (copy_read(copy_path, ret_ring, error))
        return true;
    return weir_fail_within(error, "the database is down (%s), and there is no good copy of the token keys",
                            failure->message);
}

void
key_ring_secret(const TokenKeyRing *ring, const char *purpose, uint8_t to[KEY_RING_SECRET_BYTES])
{
    g_assert(ring->count > 0);
    crypto_generichash(to, KEY_RING_SECRET_BYTES, (const unsigned char *)purpose, strlen(purpose), ring->keys[0].key,
                       TOKEN_KEY_BYTES);
}
