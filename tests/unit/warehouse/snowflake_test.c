#include "warehouse/snowflake_test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

static char *
bio_text(BIO *bio)
{
    char *at;
    long size = BIO_get_mem_data(bio, &at);
    char *text = g_strndup(at, (gsize)size);

    BIO_free(bio);
    return text;
}

SnowflakeKey *
snowflake_test_key_published(const char *path)
{
    EVP_PKEY *pair = EVP_RSA_gen(2048);
    BIO *private = BIO_new(BIO_s_mem()), *public = BIO_new(BIO_s_mem());
    g_autofree char *private_pem = NULL;
    g_autofree char *public_pem = NULL;

    g_assert_cmpint(PEM_write_bio_PKCS8PrivateKey(private, pair, NULL, NULL, 0, NULL, NULL), ==, 1);
    g_assert_cmpint(PEM_write_bio_PUBKEY(public, pair), ==, 1);
    private_pem = bio_text(private);
    public_pem = bio_text(public);
    EVP_PKEY_free(pair);
    if (path != NULL)
        g_assert_true(g_file_set_contents(path, public_pem, -1, NULL));
    return snowflake_key_parse(str_of(private_pem), NULL, NULL);
}

SnowflakeKey *
snowflake_test_key(void)
{
    return snowflake_test_key_published(NULL);
}
