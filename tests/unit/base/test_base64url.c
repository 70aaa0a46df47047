/* Bytes as text of a URL, and back. */
#include "base/base64url.h"

#include "base/random.h"

static bool
is_read(const char *text)
{
    uint8_t bytes[16];
    size_t size;

    return base64url_read(str_of(text), bytes, sizeof bytes, &size);
}

static void
any_bytes_come_back_from_their_text_which_is_as_glib_writes_it(void)
{
    SeededRandom random;
    uint8_t bytes[200], read[200];

    seeded_random_init(&random, 1);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        g_autoptr(GString) text = g_string_new(NULL);
        g_autofree char *padded = NULL;
        size_t read_size;

        random_fill(&random.random, bytes, sizeof bytes);
        base64url_append(text, bytes, size);
        padded = g_base64_encode(bytes, size);
        g_strdelimit(padded, "+", '-');
        g_strdelimit(padded, "/", '_');
        g_strdelimit(padded, "=", '\0');
        g_assert_cmpstr(text->str, ==, padded);
        g_assert_cmpuint(text->len, ==, BASE64URL_SIZE(size));
        g_assert_true(base64url_read(str_of_gstring(text), read, size, &read_size));
        g_assert_true(str_equal((Str){(char *)read, read_size}, (Str){(char *)bytes, size}));
        g_assert_true(size == 0 || !base64url_read(str_of_gstring(text), read, size - 1, &read_size));
    }
}

static void
what_is_no_base64url_is_not_read(void)
{
    g_assert_true(is_read("QUJD"));
    g_assert_true(is_read("QQ"));
    g_assert_false(is_read("Q"));
    g_assert_false(is_read("QUJDQ"));
    g_assert_false(is_read("QQ=="));
    g_assert_false(is_read("QU D"));
    g_assert_false(is_read("QU+D"));
    g_assert_false(is_read("QU/D"));
    g_assert_false(is_read("QUJ\xc1"));
    g_assert_false(is_read("QR")); /* bits that no byte has */
    g_assert_false(is_read("QUJDQUJDQUJDQUJDQUJDQUJD"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base64url/any_bytes_come_back_from_their_text_which_is_as_glib_writes_it",
                    any_bytes_come_back_from_their_text_which_is_as_glib_writes_it);
    g_test_add_func("/base64url/what_is_no_base64url_is_not_read", what_is_no_base64url_is_not_read);
    return g_test_run();
}
