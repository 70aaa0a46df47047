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

/* libsodium's encoder takes ten times as long, so that its time tells nothing of a secret; this text is public. */
static void
append_base64(GString *to, const unsigned char *bytes, size_t size)
{
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t at = to->len, i = 0;
    char *text;

    g_string_set_size(to, at + (size * 4 + 2) / 3);
    text = to->str + at;
    for (; i + 3 <= size; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];

        *text++ = LETTERS[three >> 18];
        *text++ = LETTERS[three >> 12 & 63];
        *text++ = LETTERS[three >> 6 & 63];
        *text++ = LETTERS[three & 63];
    }
    if (i < size) {
        uint32_t rest = (uint32_t)bytes[i] << 16 | (i + 1 < size ? (uint32_t)bytes[i + 1] << 8 : 0);

        *text++ = LETTERS[rest >> 18];
        *text++ = LETTERS[rest >> 12 & 63];
        if (i + 1 < size)
            *text = LETTERS[rest >> 6 & 63];
    }
}

void
token_sealer_init(TokenSealer *sealer, const TokenKeyRing *ring, Random *random)
{
    g_assert(ring->count > 0);
    sealer->key_id = ring->keys[0].id;
    sealer->count = 0;
    random_fill(random, sealer->prefix, sizeof sealer->prefix);
    crypto_core_hchacha20(sealer->subkey, sealer->prefix, ring->keys[0].key, NULL);
}

/* XChaCha20-Poly1305 is ChaCha20-Poly1305 under a key derived from the nonce's first 16 bytes (draft-irtf-cfrg-xchacha). */
bool
token_sealer_seal(TokenSealer *sealer, const ClickToken *token, GString *to)
{
    unsigned char sealed[TOKEN_BYTES], nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = {0};
    uint64_t count = GUINT64_TO_LE(sealer->count);
    unsigned long long size;
    g_autoptr(GString) payload = NULL;

    g_assert(token->search_id >= 0);
    if (!token_fits(token))
        return false;
    payload = g_string_sized_new(NUMBERS_BYTES + 512);
    payload_write(token, payload);
    g_assert(payload->len <= sizeof sealed - LEAST_BYTES);
    sealer->count++;
    sealed[0] = VERSION;
    sealed[1] = sealer->key_id;
    memcpy(sealed + HEAD_BYTES, sealer->prefix, sizeof sealer->prefix);
    memcpy(sealed + HEAD_BYTES + sizeof sealer->prefix, &count, sizeof count);
    memcpy(nonce + sizeof nonce - sizeof count, &count, sizeof count);
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed + HEAD_BYTES + NONCE_BYTES, &size,
                                              (const unsigned char *)payload->str, payload->len, sealed, HEAD_BYTES,
                                              NULL, nonce, sealer->subkey);
    append_base64(to, sealed, HEAD_BYTES + NONCE_BYTES + (size_t)size);
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
