#include "search/page_cursor.h"

#include <sodium.h>

#include "base/base64url.h"
#include "tracking/bytes.h"

#define VERSION      1
#define HEAD_BYTES   2
#define NONCE_BYTES  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES    crypto_aead_xchacha20poly1305_ietf_ABYTES
#define LEAST_BYTES  (HEAD_BYTES + NONCE_BYTES + TAG_BYTES)
#define NUMBER_BYTES 40 /* of all numbers, at most */
#define SEALED_BYTES (LEAST_BYTES + NUMBER_BYTES + CURSOR_SHOWN_LIMIT * sizeof(ShownKeys))

G_STATIC_ASSERT(BASE64URL_SIZE(SEALED_BYTES) <= CURSOR_TEXT_LIMIT);

ShownKeys
shown_keys_of(Fingerprint id, const Listing *listing, Arena *arena)
{
    Str company = company_normalise(arena, listing->company);
    Fingerprint position;

    return (ShownKeys){seen_key_part(id),
                       fingerprint_of_position(listing, company, &position) ? seen_key_part(position) : 0};
}

static void
derive_key(const TokenKey *key, uint8_t to[crypto_aead_xchacha20poly1305_ietf_KEYBYTES])
{
    static const char PURPOSE[] = "page cursor";

    crypto_generichash(to, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, (const unsigned char *)PURPOSE, strlen(PURPOSE),
                       key->key, TOKEN_KEY_BYTES);
}

/* What is authenticated and not in the text. */
static Str
associated(const unsigned char *head, Str question, Arena *arena)
{
    const Str parts[] = {{(const char *)head, HEAD_BYTES}, question};

    return arena_join(arena, parts, G_N_ELEMENTS(parts));
}

static void
put_uint32(GString *to, uint32_t value)
{
    value = GUINT32_TO_LE(value);
    g_string_append_len(to, (const char *)&value, sizeof value);
}

static void
write_payload(const PageCursor *cursor, GString *to)
{
    bytes_put_unsigned(to, (uint64_t)cursor->pages);
    bytes_put_unsigned(to, (uint64_t)cursor->page);
    bytes_put_unsigned(to, (uint64_t)(cursor->issued_at_us / US_PER_SECOND));
    for (size_t i = 0; i < cursor->shown_count; i++) {
        put_uint32(to, cursor->shown[i].id);
        put_uint32(to, cursor->shown[i].position);
    }
}

Str
page_cursor_seal(const PageCursor *cursor, Str question, const TokenKeyRing *ring, Random *random, Arena *arena)
{
    unsigned char sealed[SEALED_BYTES] = {VERSION, ring->keys[0].id};
    uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    g_autoptr(GString) payload = NULL;
    unsigned long long size;
    size_t whole;
    char *text;
    Str said;

    if (cursor->shown_count > CURSOR_SHOWN_LIMIT)
        return STR_NONE;
    payload = g_string_sized_new(NUMBER_BYTES + cursor->shown_count * sizeof(ShownKeys));
    write_payload(cursor, payload);
    random_fill(random, sealed + HEAD_BYTES, NONCE_BYTES);
    derive_key(&ring->keys[0], key);
    said = associated(sealed, question, arena);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + HEAD_BYTES + NONCE_BYTES, &size, (const unsigned char *)payload->str, payload->len,
        (const unsigned char *)said.at, said.size, NULL, sealed + HEAD_BYTES, key);
    whole = HEAD_BYTES + NONCE_BYTES + (size_t)size;
    text = arena_alloc(arena, BASE64URL_SIZE(whole));
    base64url_write(text, sealed, whole);
    return (Str){text, BASE64URL_SIZE(whole)};
}

static bool
read_payload(Str payload, Arena *arena, PageCursor *ret_cursor)
{
    BytesReader reader = {.rest = payload};
    uint64_t pages = bytes_get_unsigned(&reader), page = bytes_get_unsigned(&reader),
             issued_s = bytes_get_unsigned(&reader);
    ShownKeys *shown;
    size_t count = reader.rest.size / sizeof *shown;

    if (reader.failed || reader.rest.size % sizeof *shown != 0 || pages > INT64_MAX || page > INT32_MAX ||
        issued_s > INT64_MAX / US_PER_SECOND)
        return false;
    shown = ARENA_ARRAY(arena, ShownKeys, MAX(count, 1));
    for (size_t i = 0; i < count; i++) {
        memcpy(&shown[i], reader.rest.at + i * sizeof *shown, sizeof *shown);
        shown[i] = (ShownKeys){GUINT32_FROM_LE(shown[i].id), GUINT32_FROM_LE(shown[i].position)};
    }
    *ret_cursor = (PageCursor){(Id)pages, (int64_t)page, (int64_t)issued_s * US_PER_SECOND, shown, count};
    return true;
}

static const TokenKey *
find_key(const TokenKeyRing *ring, uint8_t id)
{
    for (size_t i = 0; i < ring->count; i++)
        if (ring->keys[i].id == id)
            return &ring->keys[i];
    return NULL;
}

static bool
open_sealed(const unsigned char *sealed, size_t size, Str question, const TokenKeyRing *ring, Arena *arena,
            Str *ret_payload)
{
    const TokenKey *from = size < LEAST_BYTES || sealed[0] != VERSION ? NULL : find_key(ring, sealed[1]);
    uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
    unsigned char *payload;
    unsigned long long payload_size;
    Str said;

    if (from == NULL)
        return false;
    derive_key(from, key);
    said = associated(sealed, question, arena);
    payload = arena_alloc(arena, size);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(payload, &payload_size, NULL, sealed + HEAD_BYTES + NONCE_BYTES,
                                                   size - HEAD_BYTES - NONCE_BYTES, (const unsigned char *)said.at,
                                                   said.size, sealed + HEAD_BYTES, key) != 0)
        return false;
    *ret_payload = (Str){(const char *)payload, (size_t)payload_size};
    return true;
}

bool
page_cursor_open(Str text, Str question, const TokenKeyRing *ring, int64_t now_us, Arena *arena, PageCursor *ret_cursor,
                 GError **error)
{
    unsigned char sealed[SEALED_BYTES];
    Str payload = STR_NONE;
    PageCursor cursor;
    size_t size;

    if (!base64url_read(text, sealed, sizeof sealed, &size))
        return weir_fail(error, WEIR_ERROR_INVALID, "cursor: is not the text of one");
    if (!open_sealed(sealed, size, question, ring, arena, &payload) || !read_payload(payload, arena, &cursor))
        return weir_fail(
            error, WEIR_ERROR_INVALID,
            "cursor: is not one of ours, or of another question: send it with the parameters of the search "
            "that gave it");
    if (cursor.issued_at_us < now_us - CURSOR_LIFETIME_US)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "cursor: is older than a day: search again without it");
    *ret_cursor = cursor;
    return true;
}
