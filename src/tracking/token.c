#include "tracking/token.h"

#include <sodium.h>

#include "base/base64url.h"
#include "base/error.h"
#include "tracking/bytes.h"

#define VERSION_1     1 /* until confirmed_at_us */
#define VERSION       2
#define VERSION_OFFER 3
#define HEAD_BYTES    2 /* version and key id: not secret, but authenticated */
#define NONCE_BYTES   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES     crypto_aead_xchacha20poly1305_ietf_ABYTES
#define LEAST_BYTES   (HEAD_BYTES + NONCE_BYTES + TAG_BYTES)
/* Numbers, lengths and the currency of a payload never need more than this. */
#define NUMBERS_BYTES 80
#define TOKEN_BYTES   (LEAST_BYTES + NUMBERS_BYTES + TOKEN_URL_LIMIT + 2 * TOKEN_NAME_LIMIT)

G_STATIC_ASSERT(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == TOKEN_KEY_BYTES);
G_STATIC_ASSERT(BASE64URL_SIZE(TOKEN_BYTES) + TOKEN_STAMP_SIZE <= TOKEN_TEXT_LIMIT);

/* A stamp's bytes, in their order. */
#define STAMP_ID_BYTES       8
#define STAMP_ISSUED_BYTES   5
#define STAMP_POSITION_BYTES 4
#define STAMP_SAID_BYTES     (STAMP_ID_BYTES + STAMP_ISSUED_BYTES + STAMP_POSITION_BYTES)
#define STAMP_MAC_BYTES      crypto_shorthash_siphashx24_BYTES
#define STAMP_BYTES          (STAMP_SAID_BYTES + STAMP_MAC_BYTES)
#define STAMP_ISSUED_MAX_S   ((INT64_C(1) << (8 * STAMP_ISSUED_BYTES)) - 1)

G_STATIC_ASSERT(1 + BASE64URL_SIZE(STAMP_BYTES) == TOKEN_STAMP_SIZE);
G_STATIC_ASSERT(sizeof(((TokenOffer *)NULL)->tag) == TAG_BYTES);
G_STATIC_ASSERT(sizeof(((TokenStamper *)NULL)->mac_key) == crypto_shorthash_siphashx24_KEYBYTES);

const TokenKeyRing *
token_key_ring_now(const TokenKeyRing *ring)
{
    const TokenKeyRing *newer;

    while ((newer = __atomic_load_n(&ring->newer, __ATOMIC_ACQUIRE)) != NULL)
        ring = newer;
    return ring;
}

void
token_key_ring_replace(TokenKeyRing *ring, const TokenKeyRing *newer)
{
    TokenKeyRing *copy = g_memdup2(newer, sizeof *newer);

    copy->newer = NULL;
    while (ring->newer != NULL)
        ring = ring->newer;
    __atomic_store_n(&ring->newer, copy, __ATOMIC_RELEASE);
}

/* One after the other: they are as many as rotations. */
void
token_key_ring_clear(TokenKeyRing *ring)
{
    TokenKeyRing *each = g_steal_pointer(&ring->newer);

    while (each != NULL) {
        TokenKeyRing *next = each->newer;

        sodium_memzero(each, sizeof *each);
        g_free(each);
        each = next;
    }
    sodium_memzero(ring, sizeof *ring);
}

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
    bytes_put_signed(to, token->issued_at_us / US_PER_SECOND - token->confirmed_at_us / US_PER_SECOND);
}

static bool
payload_read(uint8_t version, Str payload, ClickToken *ret_token)
{
    BytesReader reader = {.rest = payload};
    ClickToken token = {0};
    uint64_t search_id = bytes_get_unsigned(&reader), position;
    int64_t issued_s = bytes_get_signed(&reader), age_s, confirmed_s;

    position = bytes_get_unsigned(&reader);
    token.source = bytes_get_text(&reader);
    token.listing_id = bytes_get_text(&reader);
    token.url = bytes_get_text(&reader);
    token.bid = bytes_get_money(&reader);
    age_s = version == VERSION_1 ? 0 : bytes_get_signed(&reader);
    if (!bytes_reader_finish(&reader) || search_id > INT64_MAX || position > UINT32_MAX ||
        __builtin_mul_overflow(issued_s, US_PER_SECOND, &token.issued_at_us) ||
        __builtin_sub_overflow(issued_s, age_s, &confirmed_s) ||
        __builtin_mul_overflow(confirmed_s, US_PER_SECOND, &token.confirmed_at_us))
        return false;
    token.search_id = (Id)search_id;
    token.position = (uint32_t)position;
    *ret_token = token;
    return token_fits(&token);
}

/* Least byte first. */
static void
number_write(uint8_t *to, size_t size, uint64_t value)
{
    for (size_t i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t
number_read(const uint8_t *from, size_t size)
{
    uint64_t value = 0;

    for (size_t i = size; i-- > 0;)
        value = value << 8 | from[i];
    return value;
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

/* XChaCha20-Poly1305 is ChaCha20-Poly1305 under a key derived from the nonce's first 16 bytes (draft-irtf-cfrg-xchacha).
 * ret_tag may be NULL. */
static bool
seal(TokenSealer *sealer, uint8_t version, const ClickToken *token, GString *to, uint8_t *ret_tag)
{
    unsigned char sealed[TOKEN_BYTES], nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES] = {0};
    uint64_t count = GUINT64_TO_LE(sealer->count);
    unsigned long long size;
    size_t whole;
    g_autoptr(GString) payload = NULL;

    g_assert(token->search_id >= 0);
    if (!token_fits(token))
        return false;
    payload = g_string_sized_new(NUMBERS_BYTES + 512);
    payload_write(token, payload);
    g_assert(payload->len <= sizeof sealed - LEAST_BYTES);
    sealer->count++;
    sealed[0] = version;
    sealed[1] = sealer->key_id;
    memcpy(sealed + HEAD_BYTES, sealer->prefix, sizeof sealer->prefix);
    memcpy(sealed + HEAD_BYTES + sizeof sealer->prefix, &count, sizeof count);
    memcpy(nonce + sizeof nonce - sizeof count, &count, sizeof count);
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed + HEAD_BYTES + NONCE_BYTES, &size,
                                              (const unsigned char *)payload->str, payload->len, sealed, HEAD_BYTES,
                                              NULL, nonce, sealer->subkey);
    whole = HEAD_BYTES + NONCE_BYTES + (size_t)size;
    base64url_append(to, sealed, whole);
    if (ret_tag != NULL)
        memcpy(ret_tag, sealed + whole - TAG_BYTES, TAG_BYTES);
    return true;
}

bool
token_sealer_seal(TokenSealer *sealer, const ClickToken *token, GString *to)
{
    return seal(sealer, VERSION, token, to, NULL);
}

bool
token_sealer_offer(TokenSealer *sealer, const ClickToken *token, GString *to, TokenOffer *ret_offer)
{
    ret_offer->key_id = sealer->key_id;
    return seal(sealer, VERSION_OFFER, token, to, ret_offer->tag);
}

static void
mac_key_derive(const TokenKey *key, uint8_t to[crypto_shorthash_siphashx24_KEYBYTES])
{
    static const char PURPOSE[] = "stamp";

    crypto_generichash(to, crypto_shorthash_siphashx24_KEYBYTES, (const unsigned char *)PURPOSE, strlen(PURPOSE),
                       key->key, TOKEN_KEY_BYTES);
}

static void
stamp_mac(const uint8_t *mac_key, const uint8_t *tag, const uint8_t *said, uint8_t *to)
{
    uint8_t text[TAG_BYTES + STAMP_SAID_BYTES];

    memcpy(text, tag, TAG_BYTES);
    memcpy(text + TAG_BYTES, said, STAMP_SAID_BYTES);
    crypto_shorthash_siphashx24(to, text, sizeof text, mac_key);
}

void
token_stamper_init(TokenStamper *stamper, const TokenKeyRing *ring, Id search_id, int64_t issued_at_us)
{
    g_assert(ring->count > 0);
    stamper->key_id = ring->keys[0].id;
    mac_key_derive(&ring->keys[0], stamper->mac_key);
    token_stamper_turn(stamper, search_id, issued_at_us);
}

void
token_stamper_turn(TokenStamper *stamper, Id search_id, int64_t issued_at_us)
{
    int64_t issued_s = issued_at_us / US_PER_SECOND;

    g_assert(search_id >= 0 && issued_s >= 0 && issued_s <= STAMP_ISSUED_MAX_S);
    number_write(stamper->said, STAMP_ID_BYTES, (uint64_t)search_id);
    number_write(stamper->said + STAMP_ID_BYTES, STAMP_ISSUED_BYTES, (uint64_t)issued_s);
}

bool
token_stamper_is_newest(const TokenStamper *stamper, const TokenKeyRing *ring)
{
    return stamper->key_id == ring->keys[0].id;
}

bool
token_stamper_knows(const TokenStamper *stamper, const TokenOffer *offer)
{
    return stamper->key_id == offer->key_id;
}

void
token_stamp(const TokenStamper *stamper, const TokenOffer *offer, uint32_t position, char *to)
{
    uint8_t stamp[STAMP_BYTES];

    g_assert(token_stamper_knows(stamper, offer));
    memcpy(stamp, stamper->said, sizeof stamper->said);
    number_write(stamp + sizeof stamper->said, STAMP_POSITION_BYTES, position);
    stamp_mac(stamper->mac_key, offer->tag, stamp, stamp + STAMP_SAID_BYTES);
    to[0] = '.';
    base64url_write(to + 1, stamp, sizeof stamp);
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
payload_open(const TokenKey *key, const unsigned char *sealed, size_t size, Arena *arena, Str *ret_payload,
             GError **error)
{
    const unsigned char *body = sealed + HEAD_BYTES + NONCE_BYTES;
    unsigned char *payload = arena_alloc(arena, size);
    unsigned long long payload_size;

    if (crypto_aead_xchacha20poly1305_ietf_decrypt(payload, &payload_size, NULL, body, size - HEAD_BYTES - NONCE_BYTES,
                                                   sealed, HEAD_BYTES, sealed + HEAD_BYTES, key->key) != 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: altered or forged");
    *ret_payload = (Str){(const char *)payload, (size_t)payload_size};
    return true;
}

/* What a stamp says, once it goes with the offer of that tag. */
static bool
stamp_open(const TokenKey *key, const unsigned char *tag, Str text, ClickToken *token, GError **error)
{
    uint8_t stamp[STAMP_BYTES], mac_key[crypto_shorthash_siphashx24_KEYBYTES], mac[STAMP_MAC_BYTES];
    uint64_t search_id;
    size_t size;

    if (!base64url_read(text, stamp, sizeof stamp, &size) || size != sizeof stamp)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: not a token's text");
    mac_key_derive(key, mac_key);
    stamp_mac(mac_key, tag, stamp, mac);
    if (sodium_memcmp(mac, stamp + STAMP_SAID_BYTES, sizeof mac) != 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: altered or forged");
    search_id = number_read(stamp, STAMP_ID_BYTES);
    if (search_id > INT64_MAX)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: what its stamp says is no search");
    token->search_id = (Id)search_id;
    token->issued_at_us = (int64_t)number_read(stamp + STAMP_ID_BYTES, STAMP_ISSUED_BYTES) * US_PER_SECOND;
    token->position = (uint32_t)number_read(stamp + STAMP_ID_BYTES + STAMP_ISSUED_BYTES, STAMP_POSITION_BYTES);
    return true;
}

bool
token_open(const TokenKeyRing *ring, Str text, int64_t now_us, int64_t lifetime_us, Arena *arena, ClickToken *ret_token,
           GError **error)
{
    Str stamp = text, sealed_text = str_cut(&stamp, '.'), payload = STR_NONE;
    bool in_parts = stamp.at != NULL;
    unsigned char sealed[TOKEN_BYTES];
    const TokenKey *key;
    size_t size;
    ClickToken token;

    if (text.size > TOKEN_TEXT_LIMIT || !base64url_read(sealed_text, sealed, sizeof sealed, &size) ||
        size < LEAST_BYTES)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: not a token's text");
    if (in_parts ? sealed[0] != VERSION_OFFER : sealed[0] != VERSION && sealed[0] != VERSION_1)
        return weir_fail(error, WEIR_ERROR_INVALID, "token: version %u is not known, or not of this form", sealed[0]);
    key = key_find(ring, sealed[1]);
    if (key == NULL)
        return weir_fail(error, WEIR_ERROR_NOT_FOUND, "token: key %u is not known", sealed[1]);
    if (!payload_open(key, sealed, size, arena, &payload, error))
        return false;
    if (!payload_read(sealed[0], payload, &token))
        return weir_fail(error, WEIR_ERROR_INVALID, "token: what it seals is not a click");
    if (in_parts && !stamp_open(key, sealed + size - TAG_BYTES, stamp, &token, error))
        return false;
    if (token.issued_at_us < now_us - lifetime_us)
        return weir_fail(error, WEIR_ERROR_LIMIT, "token: expired");
    *ret_token = token;
    return true;
}
