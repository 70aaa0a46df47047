#include "warehouse/snowflake_jwt.h"

#include "base/clock.h"
#include "base/json_writer.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#define KEY_BITS_MIN   2048
#define KEY_PEM_LIMIT  (64 * 1024)
#define SIGNATURE_SIZE 2048 /* an RSA key of 16,384 bits, OpenSSL's largest */
#define HEADER         "{\"alg\":\"RS256\",\"typ\":\"JWT\"}"

struct SnowflakeKey {
    EVP_PKEY *pair;
    char *fingerprint;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

/* The reason of the last failure of OpenSSL on this thread; forgets the others. */
static const char *
openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return reason != NULL ? reason : "unknown reason";
}

/* Gives the passphrase, where OpenSSL would otherwise ask at the terminal. */
static int
passphrase_give(char *to, int size, int writing, void *data)
{
    const char *passphrase = data;
    size_t length = passphrase != NULL ? strlen(passphrase) : 0;

    if (writing != 0 || passphrase == NULL || length > (size_t)size)
        return -1;
    memcpy(to, passphrase, length);
    return (int)length;
}

static char *
fingerprint_of(EVP_PKEY *pair)
{
    unsigned char *der = NULL, digest[EVP_MAX_MD_SIZE];
    int size = i2d_PUBKEY(pair, &der);
    unsigned digest_size = 0;
    g_autofree char *base64 = NULL;

    g_assert(size > 0);
    g_assert(EVP_Digest(der, (size_t)size, digest, &digest_size, EVP_sha256(), NULL) == 1);
    OPENSSL_free(der);
    base64 = g_base64_encode(digest, digest_size);
    return g_strconcat("SHA256:", base64, NULL);
}

SnowflakeKey *
snowflake_key_parse(Str pem, const char *passphrase, GError **error)
{
    g_autoptr(EVP_PKEY) pair = NULL;
    g_autoptr(BIO) source = NULL;
    SnowflakeKey *key;

    if (pem.size > KEY_PEM_LIMIT) {
        weir_fail(error, WEIR_ERROR_INVALID, "a key of %zu bytes is none: at most %d", pem.size, KEY_PEM_LIMIT);
        return NULL;
    }
    source = BIO_new_mem_buf(pem.at != NULL ? pem.at : "", (int)pem.size);
    g_assert(source != NULL);
    pair = PEM_read_bio_PrivateKey(source, NULL, passphrase_give, (void *)passphrase);
    if (pair == NULL) {
        weir_fail(error, WEIR_ERROR_INVALID, "no private key in PEM that can be read%s: %s",
                  passphrase == NULL ? " without passphrase" : " with this passphrase", openssl_reason());
        return NULL;
    }
    if (EVP_PKEY_get_base_id(pair) != EVP_PKEY_RSA || EVP_PKEY_get_bits(pair) < KEY_BITS_MIN) {
        weir_fail(error, WEIR_ERROR_INVALID, "a key for Snowflake is RSA with at least %d bits; this is %s with %d",
                  KEY_BITS_MIN, EVP_PKEY_get0_type_name(pair), EVP_PKEY_get_bits(pair));
        return NULL;
    }
    key = g_new0(SnowflakeKey, 1);
    key->fingerprint = fingerprint_of(pair);
    key->pair = g_steal_pointer(&pair);
    return key;
}

SnowflakeKey *
snowflake_key_load(const char *path, const char *passphrase, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autofree char *pem = NULL;
    SnowflakeKey *key;
    gsize size;

    if (!g_file_get_contents(path, &pem, &size, &cause)) {
        weir_fail(error, WEIR_ERROR_INVALID, "%s", cause->message);
        return NULL;
    }
    key = snowflake_key_parse((Str){pem, size}, passphrase, error);
    OPENSSL_cleanse(pem, size);
    if (key == NULL)
        weir_fail_within(error, "%s", path);
    return key;
}

void
snowflake_key_free(SnowflakeKey *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pair);
    g_free(key->fingerprint);
    g_free(key);
}

const char *
snowflake_key_fingerprint(const SnowflakeKey *key)
{
    return key->fingerprint;
}

char *
snowflake_account_name(const char *account)
{
    Str name = str_of(account);
    bool global = str_find(name, STR(".global")) >= 0;
    ptrdiff_t end = str_find_char(name, global ? '-' : '.');

    if (end > 0)
        name.size = (size_t)end;
    else if (global)
        name.size = (size_t)str_find_char(name, '.');
    return g_ascii_strup(name.at, (gssize)name.size);
}

static void
append_base64url(GString *to, const void *bytes, size_t size)
{
    g_autofree char *base64 = g_base64_encode(bytes, size);

    for (const char *c = base64; *c != '\0' && *c != '='; c++)
        g_string_append_c(to, *c == '+' ? '-' : *c == '/' ? '_' : *c);
}

static void
append_claims(GString *token, const SnowflakeKey *key, const char *account, const char *user, int64_t now_us)
{
    g_autofree char *account_name = snowflake_account_name(account);
    g_autofree char *user_name = g_ascii_strup(user, -1);
    g_autofree char *subject = g_strconcat(account_name, ".", user_name, NULL);
    g_autofree char *issuer = g_strconcat(subject, ".", key->fingerprint, NULL);
    g_autoptr(GString) claims = g_string_new("");
    JsonWriter json = json_writer(claims);

    json_begin_object(&json);
    json_member_text(&json, "iss", str_of(issuer));
    json_member_text(&json, "sub", str_of(subject));
    json_member_int(&json, "iat", now_us / US_PER_SECOND);
    json_member_int(&json, "exp", now_us / US_PER_SECOND + SNOWFLAKE_TOKEN_LIFE_S);
    json_end_object(&json);
    append_base64url(token, claims->str, claims->len);
}

bool
snowflake_token_make(const SnowflakeKey *key, const char *account, const char *user, int64_t now_us, char **ret_token,
                     GError **error)
{
    g_autoptr(EVP_MD_CTX) signing = EVP_MD_CTX_new();
    g_autoptr(GString) token = g_string_new("");
    unsigned char signature[SIGNATURE_SIZE];
    size_t size = sizeof signature;

    append_base64url(token, HEADER, strlen(HEADER));
    g_string_append_c(token, '.');
    append_claims(token, key, account, user, now_us);
    if (EVP_DigestSignInit(signing, NULL, EVP_sha256(), NULL, key->pair) != 1 ||
        EVP_DigestSign(signing, signature, &size, (const unsigned char *)token->str, token->len) != 1)
        return weir_fail(error, WEIR_ERROR_BROKEN, "the token for Snowflake can't be signed: %s", openssl_reason());
    g_string_append_c(token, '.');
    append_base64url(token, signature, size);
    *ret_token = g_string_free(g_steal_pointer(&token), FALSE);
    return true;
}
