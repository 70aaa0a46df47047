#include "warehouse/snowflake_jwt.h"

#include "base/clock.h"

#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define NOW_US (INT64_C(1795500000) * US_PER_SECOND)

static EVP_PKEY *pair; /* made once: it takes a moment */

static char *
bio_text(BIO *bio)
{
    char *at;
    long size = BIO_get_mem_data(bio, &at);
    char *text = g_strndup(at, (gsize)size);

    BIO_free(bio);
    return text;
}

static char *
pem_of(EVP_PKEY *key, const char *passphrase)
{
    BIO *bio = BIO_new(BIO_s_mem());

    g_assert_cmpint(PEM_write_bio_PKCS8PrivateKey(bio, key, passphrase != NULL ? EVP_aes_256_cbc() : NULL, passphrase,
                                                  passphrase != NULL ? (int)strlen(passphrase) : 0, NULL, NULL),
                    ==, 1);
    return bio_text(bio);
}

static SnowflakeKey *
key_ok(const char *passphrase)
{
    g_autofree char *pem = pem_of(pair, passphrase);
    g_autoptr(GError) error = NULL;
    SnowflakeKey *key = snowflake_key_parse(str_of(pem), passphrase, &error);

    g_assert_no_error(error);
    return key;
}

static guchar *
base64url(const char *text, gsize *ret_size)
{
    g_autoptr(GString) plain = g_string_new(text);

    g_string_replace(plain, "-", "+", 0);
    g_string_replace(plain, "_", "/", 0);
    while (plain->len % 4 != 0)
        g_string_append_c(plain, '=');
    return g_base64_decode(plain->str, ret_size);
}

static char *
token_ok(const char *account, const char *user, int64_t now_us)
{
    g_autoptr(SnowflakeKey) key = key_ok(NULL);
    g_autoptr(GError) error = NULL;
    char *token;

    g_assert_true(snowflake_token_make(key, account, user, now_us, &token, &error));
    g_assert_no_error(error);
    return token;
}

static void
a_token_is_signed_by_the_private_key_over_header_and_claims(void)
{
    g_autofree char *token = token_ok("acme-weir", "loader", NOW_US);
    g_auto(GStrv) parts = g_strsplit(token, ".", -1);
    g_autofree char *signed_text = g_strjoin(".", parts[0], parts[1], NULL);
    g_autofree guchar *signature = NULL;
    EVP_MD_CTX *check = EVP_MD_CTX_new();
    gsize size;

    g_assert_cmpuint(g_strv_length(parts), ==, 3);
    signature = base64url(parts[2], &size);
    g_assert_cmpint(EVP_DigestVerifyInit(check, NULL, EVP_sha256(), NULL, pair), ==, 1);
    g_assert_cmpint(EVP_DigestVerify(check, signature, size, (guchar *)signed_text, strlen(signed_text)), ==, 1);
    signed_text[3] ^= 1;
    g_assert_cmpint(EVP_DigestVerify(check, signature, size, (guchar *)signed_text, strlen(signed_text)), !=, 1);
    EVP_MD_CTX_free(check);
}

static char *
claims_of(const char *token)
{
    g_auto(GStrv) parts = g_strsplit(token, ".", -1);
    g_autofree guchar *header = NULL;
    g_autofree guchar *claims = NULL;
    gsize size;

    header = base64url(parts[0], &size);
    g_assert_true(str_is((Str){(char *)header, size}, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}"));
    claims = base64url(parts[1], &size);
    return g_strndup((char *)claims, size);
}

static void
its_claims_name_account_user_and_key_for_an_hour(void)
{
    g_autofree char *token = token_ok("xy12345.eu-central-1", "loader", NOW_US);
    g_autofree char *claims = claims_of(token);
    g_autoptr(SnowflakeKey) key = key_ok(NULL);
    g_autofree char *expected = g_strdup_printf("{\"iss\":\"XY12345.LOADER.%s\",\"sub\":\"XY12345.LOADER\","
                                                "\"iat\":1795500000,\"exp\":1795503600}",
                                                snowflake_key_fingerprint(key));

    g_assert_cmpstr(claims, ==, expected);
}

/* The openssl program is the judge: what the documentation of Snowflake tells people to run. */
static void
the_fingerprint_is_what_openssl_computes_of_the_public_key(void)
{
    g_autoptr(SnowflakeKey) key = key_ok(NULL);
    g_autofree char *program = g_find_program_in_path("openssl");
    g_autofree char *path = NULL, *pem = pem_of(pair, NULL), *command = NULL, *output = NULL, *expected = NULL;
    g_autoptr(GError) error = NULL;
    int file;

    if (program == NULL) {
        g_test_skip("openssl is not here");
        return;
    }
    file = g_file_open_tmp("weir-key-XXXXXX", &path, &error);
    g_assert_no_error(error);
    g_close(file, NULL);
    g_assert_true(g_file_set_contents(path, pem, -1, NULL));
    command = g_strdup_printf("sh -c 'openssl pkey -in %s -pubout -outform DER | openssl dgst -sha256 -binary | "
                              "openssl enc -base64'",
                              path);
    g_assert_true(g_spawn_command_line_sync(command, &output, NULL, NULL, &error));
    expected = g_strconcat("SHA256:", g_strstrip(output), NULL);
    g_assert_cmpstr(snowflake_key_fingerprint(key), ==, expected);
    g_remove(path);
}

static void
an_account_is_named_without_region_and_in_upper_case(void)
{
    const struct {
        const char *account, *name;
    } rows[] = {
        {"xy12345", "XY12345"},     {"xy12345.eu-central-1", "XY12345"},    {"xy12345.us-east-2.aws", "XY12345"},
        {"acme-weir", "ACME-WEIR"}, {"acme-weir.privatelink", "ACME-WEIR"}, {"acme-x1y2.global", "ACME"},
        {"acme.global", "ACME"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = snowflake_account_name(rows[i].account);

        g_assert_cmpstr(name, ==, rows[i].name);
    }
}

static void
assert_refused(const char *pem, const char *passphrase, const char *says)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(snowflake_key_parse(str_of(pem), passphrase, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, says));
}

static void
an_encrypted_key_needs_its_passphrase(void)
{
    g_autofree char *pem = pem_of(pair, "open sesame");
    g_autoptr(SnowflakeKey) same = key_ok(NULL);
    g_autoptr(SnowflakeKey) key = key_ok("open sesame");

    g_assert_cmpstr(snowflake_key_fingerprint(key), ==, snowflake_key_fingerprint(same));
    assert_refused(pem, NULL, "without passphrase");
    assert_refused(pem, "open barley", "with this passphrase");
}

static void
what_is_no_strong_rsa_key_is_refused(void)
{
    EVP_PKEY *weak = EVP_RSA_gen(1024), *curve = EVP_EC_gen("P-256");
    g_autofree char *weak_pem = pem_of(weak, NULL);
    g_autofree char *curve_pem = pem_of(curve, NULL);
    g_autofree char *long_text = g_strnfill(70000, 'x');
    g_autofree char *cut = pem_of(pair, NULL);

    cut[strlen(cut) / 2] = '\0';
    assert_refused(weak_pem, NULL, "RSA with 1024");
    assert_refused(curve_pem, NULL, "EC with 256");
    assert_refused("", NULL, "no private key");
    assert_refused(cut, NULL, "no private key");
    assert_refused(long_text, NULL, "70000 bytes");
    EVP_PKEY_free(weak);
    EVP_PKEY_free(curve);
}

static void
a_key_file_that_is_missing_is_named(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(snowflake_key_load("/nowhere/key.p8", NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "/nowhere/key.p8"));
}

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    pair = EVP_RSA_gen(2048);
    g_assert_nonnull(pair);
    g_test_add_func("/warehouse/jwt/a_token_is_signed_by_the_private_key_over_header_and_claims",
                    a_token_is_signed_by_the_private_key_over_header_and_claims);
    g_test_add_func("/warehouse/jwt/its_claims_name_account_user_and_key_for_an_hour",
                    its_claims_name_account_user_and_key_for_an_hour);
    g_test_add_func("/warehouse/jwt/the_fingerprint_is_what_openssl_computes_of_the_public_key",
                    the_fingerprint_is_what_openssl_computes_of_the_public_key);
    g_test_add_func("/warehouse/jwt/an_account_is_named_without_region_and_in_upper_case",
                    an_account_is_named_without_region_and_in_upper_case);
    g_test_add_func("/warehouse/jwt/an_encrypted_key_needs_its_passphrase", an_encrypted_key_needs_its_passphrase);
    g_test_add_func("/warehouse/jwt/what_is_no_strong_rsa_key_is_refused", what_is_no_strong_rsa_key_is_refused);
    g_test_add_func("/warehouse/jwt/a_key_file_that_is_missing_is_named", a_key_file_that_is_missing_is_named);
    result = g_test_run();
    EVP_PKEY_free(pair);
    return result;
}
