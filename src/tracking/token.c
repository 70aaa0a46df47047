#include "tracking/token.h"

#include <sodium.h>

#include "base/error.h"
#include "tracking/bytes.h"

#define VERSION     1
#define HEAD_BYTES  2 /* version and key id: not secret, but authenticated */
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define BASE64      sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define LEAST_BYTES (HEAD_BYTES + NONCE_BYTES + TAG_BYTES)
/* Numbers, lengths and the currency of a payload never need more than this. */
#define NUMBERS_BYTES 80
#define TOKEN_BYTES   (LEAST_BYTES + NUMBERS_BYTES + TOKEN_URL_LIMIT + 2 * TOKEN_NAME_LIMIT)

G_STATIC_ASSERT(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == TOKEN_KEY_BYTES);
G_STATIC_ASSERT((TOKEN_BYTES * 4 + 2) / 3 <= TOKEN_TEXT_LIMIT);

bool
token_fits(const ClickToken *token)
{
    return token->url.size <= TOKEN_URL_LIMIT && token->source.size <= TOKEN_NAME_LIMIT &&
           token->listing_id.size <= TOKEN_NAME_LIMIT;
}

static void
payload_write(const ClickToken *token, GString *to)
{
    bytes_put_unsigned(to, (uint64_t)token->search_id);
    bytes_put_signed(to, token->issued_at_us / US_PER_SECOND);
    bytes_put_unsigned(to, token->position);
    bytes_put_text(to, token->source);
    bytes_put_text(to, token->listing_id);
    bytes_put_text(to, token->url);
    bytes_put_money(to, token->bid);
}

static bool
payload_read(Str payload, ClickToken *ret_token)
{
    BytesReader reader = {.rest = payload};
    ClickToken token = {0};
    uint64_t search_id = bytes_get_unsigned(&reader), position;
    int64_t issued_s = bytes_get_signed(&reader);

    position = bytes_get_unsigned(&reader);
    token.source = bytes_get_text(&reader);
    token.listing_id = bytes_get_text(&reader);
    token.url = bytes_get_text(&reader);
    token.bid = bytes_get_money(&reader);
    if (!bytes_reader_finish(&reader) || search_id > INT64_MAX || position > UINT32_MAX ||
        __builtin_mul_overflow(issued_s, US_PER_SECOND, &token.issued_at_us))
        return false;
    token.search_id = (Id)search_id;
    token.position = (uint32_t)position;
    *ret_token = token;
    return token_fits(&token);
}

bool
token_seal(const TokenKeyRing *ring, const ClickToken *token, Random *random, GString *to)
{
    unsigned char sealed[TOKEN_BYTES];
    char text[TOKEN_TEXT_LIMIT + 1];
    unsigned long long size;
    g_autoptr(GString) payload = g_string_sized_new(NUMBERS_BYTES + 512);

    g_assert(ring->count > 0 && token->search_id >= 0);
    if (!token_fits(token))
        return false;
    payload_write(token, payload);
    g_assert(payload->len <= sizeof sealed - LEAST_BYTES);
    sealed[0] = VERSION;
    sealed[1] = ring->keys[0].id;
    random_fill(random, sealed + HEAD_BYTES, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + HEAD_BYTES + NONCE_BYTES, &size,
                                               (const unsigned char *)payload->str, payload->len, sealed, HEAD_BYTES,
                                               NULL, sealed + HEAD_BYTES, ring->keys[0].key);
    sodium_bin2base64(text, sizeof text, sealed, HEAD_BYTES + NONCE_BYTES + (size_t)size, BASE64);
    g_string_append(to, text);
    return true;
}

static const TokenKey *
key_find(const TokenKeyRing *ring, uint8_t id)
{
    for (size_t i = 0; i < ring->count; i++)
        if (ring->keys[i].id == id)
            return &ring->keys[i];
    return NULL;
}

static bool
payload_open(const TokenKeyRing *ring, const unsigned char *sealed, size_t size, Arena *arena, Str *ret_payload,
             GError **error)
{
    const unsigned char *body = sealed + HEAD_BYTES + NONCE_BYTES;
    const TokenKey *key;
    unsigned char *payload;
    unsigned long long payload_size;

    if (sealed[0] != VERSION)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: version %u is not known", sealed[0]);
    key = key_find(ring, sealed[1]);
    if (key == NULL)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: key %u is not known", sealed[1]);
    payload = arena_alloc(arena, size);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(payload, &payload_size, NULL, body, size - HEAD_BYTES - NONCE_BYTES,
                                                   sealed, HEAD_BYTES, sealed + HEAD_BYTES, key->key) != 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: altered or forged");
    *ret_payload = (Str){(const char *)payload, (size_t)payload_size};
    return true;
}

/* libsodium's decoder takes bytes from 128 up for letters: two texts would be one token. */
static bool
is_ascii(Str text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] >= 128)
            return false;
    return true;
}

bool
token_open(const TokenKeyRing *ring, Str text, int64_t now_us, int64_t lifetime_us, Arena *arena, ClickToken *ret_token,
           GError **error)
{
    unsigned char sealed[TOKEN_BYTES];
    size_t size;
    Str payload = STR_NONE;
    ClickToken token;

    if (text.size > TOKEN_TEXT_LIMIT || !is_ascii(text) ||
        sodium_base642bin(sealed, sizeof sealed, text.at, text.size, NULL, &size, NULL, BASE64) != 0 ||
        size < LEAST_BYTES)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: not a token's text");
    if (!payload_open(ring, sealed, size, arena, &payload, error))
        return false;
    if (!payload_read(payload, &token))
        return weir_fail(error, WEIR_ERROR_INVALID, "token: what it seals is not a click");
    if (token.issued_at_us < now_us - lifetime_us)
        return weir_fail(error, WEIR_ERROR_LIMIT, "token: expired");
    *ret_token = token;
    return true;
}
