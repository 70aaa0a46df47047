/*
 * Snowflake's key-pair tokens: a JWT signed with RS256, which names the key by its fingerprint.
 *
 *     {"iss": "ACCOUNT.USER.SHA256:<fingerprint>", "sub": "ACCOUNT.USER", "iat": seconds, "exp": seconds}
 *
 * Rules: Snowflake documentation, "Authenticating to the server: key pair". The fingerprint is the base64, with
 * padding, of the SHA-256 of the public key in DER (SubjectPublicKeyInfo): what DESC USER shows as RSA_PUBLIC_KEY_FP.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

/* Snowflake refuses tokens that live for more than an hour. */
#define SNOWFLAKE_TOKEN_LIFE_S 3600

typedef struct SnowflakeKey SnowflakeKey;

/* Reads a private RSA key in PEM (PKCS#8, or PKCS#1), encrypted or not; passphrase: NULL for none. INVALID: no such
 * key, wrong passphrase, not RSA, or below 2,048 bits. The message never holds the key. */
SnowflakeKey *snowflake_key_parse(Str pem, const char *passphrase, GError **error) G_GNUC_WARN_UNUSED_RESULT;
SnowflakeKey *snowflake_key_load(const char *path, const char *passphrase, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void snowflake_key_free(SnowflakeKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SnowflakeKey, snowflake_key_free)
/* "SHA256:...". Owned by the key. */
const char *snowflake_key_fingerprint(const SnowflakeKey *key);

/* The account as tokens name it: upper case, without region and cloud ("xy12345.eu-central-1" is XY12345, "my-org.x"
 * MY-ORG); of a replicated account ("acme-x1y2.global") what stands before the "-". Freed with g_free(). */
char *snowflake_account_name(const char *account);

/* A token that is good from now_us for SNOWFLAKE_TOKEN_LIFE_S. Freed with g_free(). BROKEN: OpenSSL could not sign. */
bool snowflake_token_make(const SnowflakeKey *key, const char *account, const char *user, int64_t now_us,
                          char **ret_token, GError **error) G_GNUC_WARN_UNUSED_RESULT;
