/*
 * Click tokens: everything a redirect needs, encrypted and authenticated, in the URL itself, so that any node answers
 * a click, with the database down as well.
 *
 * Text: base64url without padding of  version(1) key id(1) nonce(24) ciphertext(...) tag(16),  XChaCha20-Poly1305 (libsodium),
 * with version and key id as associated data. Version 1 did not say when its bid was confirmed: opened, it says that it was
 * as old as the token, which is how version 1 was read. A token that was altered, is of an unknown key or too old never opens.
 */
#pragma once

#include "base/arena.h"
#include "base/id.h"
#include "base/money.h"
#include "base/random.h"

#define TOKEN_KEY_BYTES 32

typedef struct {
    uint8_t id; /* 1 to 255 */
    uint8_t key[TOKEN_KEY_BYTES];
    int64_t made_at_us; /* 0: before that was noted */
} TokenKey;

#define TOKEN_KEYS 8

/* Keys by which tokens are opened; the first one seals. A ring is never changed: a newer one takes its place. */
typedef struct TokenKeyRing TokenKeyRing;
struct TokenKeyRing {
    TokenKey keys[TOKEN_KEYS];
    size_t count;
    bool has_root;
    uint8_t root[TOKEN_KEY_BYTES]; /* what other secrets come from (key_ring.h); without it: the first key */
    TokenKeyRing *newer;           /* atomic; of the first ring of a process, and those after it; owned */
};

/* The ring that holds now, given any that came before it. It lives as long as that one; from any thread. Take it once for what
 * must agree: a sealer and a stamper of one answer. */
const TokenKeyRing *token_key_ring_now(const TokenKeyRing *ring);
/* From now on the copy of newer holds. By one thread at a time. */
void token_key_ring_replace(TokenKeyRing *ring, const TokenKeyRing *newer);
/* Frees those that came after it. */
void token_key_ring_clear(TokenKeyRing *ring);

/* What a token says. */
typedef struct {
    Id search_id;
    int64_t issued_at_us;    /* to the second */
    int64_t confirmed_at_us; /* when the partner last stood by the listing and its bid; to the second */
    uint32_t position;       /* from 1 */
    Str source, listing_id, url;
    Money bid; /* currency "" when none */
} ClickToken;

#define TOKEN_URL_LIMIT  4096
#define TOKEN_NAME_LIMIT 256  /* of source, and of listing_id */
#define TOKEN_TEXT_LIMIT 6400 /* characters of the longest token */

/* Whether its texts keep to the limits: a listing that does not can't be linked by a token. */
bool token_fits(const ClickToken *token);
/* Seals the tokens of one answer or feed: they share one draw of chance, the first 16 bytes of their nonces, and the work of
 * deriving a key from it; the last 8 count. Nonces never repeat as long as those 16 don't. */
typedef struct {
    uint8_t key_id, subkey[TOKEN_KEY_BYTES], prefix[16];
    uint64_t count;
} TokenSealer;
void token_sealer_init(TokenSealer *sealer, const TokenKeyRing *ring, Random *random);
/* Appends the text of a token. False, and nothing is appended, when it does not fit. */
bool token_sealer_seal(TokenSealer *sealer, const ClickToken *token, GString *to) G_GNUC_WARN_UNUSED_RESULT;
/* A token in two parts, for a listing that is shown to one visitor after another: the offer says what is shown and where
 * it leads, and is sealed once; the stamp says which search showed it, when and where, and is new each time.
 *
 * Text: the offer as above, with another version, then "." and in base64url  search id(8) issued at, in s(5) position(4)
 * mac(16),  least byte first; the mac is SipHash-2-4 with 128 bits over those and the offer's tag, under a key derived from the
 * ring's, so that neither part goes with another's. What a stamp says is no secret: whoever has the link has the answer. */
typedef struct {
    uint8_t key_id, tag[16];
} TokenOffer;
#define TOKEN_STAMP_SIZE 45 /* characters, with the point */

/* Appends the text of an offer; search and position of the token don't matter. False, and nothing is appended, when it does
 * not fit. */
bool token_sealer_offer(TokenSealer *sealer, const ClickToken *token, GString *to,
                        TokenOffer *ret_offer) G_GNUC_WARN_UNUSED_RESULT;

/* Stamps the offers of one answer. */
typedef struct {
    uint8_t key_id, mac_key[16];
    uint8_t said[13]; /* the first bytes of each stamp */
} TokenStamper;
void token_stamper_init(TokenStamper *stamper, const TokenKeyRing *ring, Id search_id, int64_t issued_at_us);
/* The same for another search, by one that was made under the key that seals: deriving its own takes longer than stamping. */
void token_stamper_turn(TokenStamper *stamper, Id search_id, int64_t issued_at_us);
/* Whether it was made under the key that seals now, and the offer too: otherwise new ones are due. */
bool token_stamper_is_newest(const TokenStamper *stamper, const TokenKeyRing *ring);
bool token_stamper_knows(const TokenStamper *stamper, const TokenOffer *offer);
/* Writes what follows the offer's text: TOKEN_STAMP_SIZE characters and no NUL. */
void token_stamp(const TokenStamper *stamper, const TokenOffer *offer, uint32_t position, char *to);

/* INVALID: altered or forged. NOT_FOUND: of a key that the ring does not have. LIMIT: older than lifetime_us. Texts are in arena. */
bool token_open(const TokenKeyRing *ring, Str text, int64_t now_us, int64_t lifetime_us, Arena *arena,
                ClickToken *ret_token, GError **error) G_GNUC_WARN_UNUSED_RESULT;
