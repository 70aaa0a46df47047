#include "listings/address.h"

static bool
same(const char *one, const char *other)
{
    Fingerprint a, b;

    g_assert_true(fingerprint_of_address(str_of(one), &a));
    g_assert_true(fingerprint_of_address(str_of(other), &b));
    return fingerprint_equal(a, b);
}

static void
one_posting_has_one_address(void)
{
    static const char PLAIN[] = "https://boards.example.com/acme/5639641003";

    g_assert_true(same(PLAIN, PLAIN));
    g_assert_true(same(PLAIN, "http://Boards.Example.com/acme/5639641003/"));
    g_assert_true(same(PLAIN, "https://boards.example.com/acme/5639641003/apply"));
    g_assert_true(same(PLAIN, "https://boards.example.com/acme/5639641003/application/?"));
    g_assert_true(same(PLAIN, "https://boards.example.com/acme/5639641003?utm_source=x&UTM_MEDIUM=y&ref=z#apply"));
    g_assert_true(
        same("https://acme.example/careers?id=40213&lang=en", "https://acme.example/careers?lang=en&src=a&id=40213"));
    g_assert_true(same("https://acme.example/7d69cf8a-06fd-4fab-bdab-abcdefabcdef",
                       "https://acme.example/7d69cf8a-06fd-4fab-bdab-abcdefabcdef?lever-source=x"));
}

static void
other_postings_have_others(void)
{
    g_assert_false(same("https://acme.example/careers?gh_jid=5306079", "https://acme.example/careers?gh_jid=5318696"));
    g_assert_false(same("https://a.example/jobs/40213", "https://b.example/jobs/40213"));
    g_assert_false(same("https://a.example/jobs/40213", "https://a.example/Jobs/40213"));
    g_assert_false(same("https://a.example/jobs/40213?ref", "https://a.example/jobs/40213?reference"));
}

static void
a_page_of_many_postings_is_no_key(void)
{
    static const char *const URLS[] = {"https://acme.example/careers",
                                       "https://acme12345.example/careers",
                                       "acme.example/40213",
                                       "https://acme.example/careers?ref=40213",
                                       "https://acme.example/2024/summer",
                                       "",
                                       "://"};
    Fingerprint fingerprint;

    for (size_t i = 0; i < G_N_ELEMENTS(URLS); i++)
        g_assert_false(fingerprint_of_address(str_of(URLS[i]), &fingerprint));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/listings/one_posting_has_one_address", one_posting_has_one_address);
    g_test_add_func("/listings/other_postings_have_others", other_postings_have_others);
    g_test_add_func("/listings/a_page_of_many_postings_is_no_key", a_page_of_many_postings_is_no_key);
    return g_test_run();
}
