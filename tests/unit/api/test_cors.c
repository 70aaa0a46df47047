#include "api/cors.h"

static void
an_origin_has_a_scheme_and_a_host_and_nothing_behind(void)
{
    static const char *const RIGHT[] = {"*", "https://a.example", "http://localhost:3000", "http://[::1]:80"};
    static const char *const WRONG[] = {"",
                                        "a.example",
                                        "https://",
                                        "https://a.example/",
                                        "ftp://a",
                                        "https://*.example",
                                        "https://A.example",
                                        "null",
                                        "https://a b",
                                        "https://a\r\nX: y",
                                        "**"};

    for (size_t i = 0; i < G_N_ELEMENTS(RIGHT); i++)
        g_assert_true(cors_origin_is_valid(str_of(RIGHT[i])));
    for (size_t i = 0; i < G_N_ELEMENTS(WRONG); i++)
        g_assert_false(cors_origin_is_valid(str_of(WRONG[i])));
    g_assert_false(cors_origin_is_valid((Str){"https://a\0b", 11}));
    g_assert_false(cors_origin_is_valid(STR_NONE));
}

static void
only_origins_that_are_named_are_allowed(void)
{
    static const char *const NAMED[] = {"https://a.example", "http://localhost:3000", NULL};
    static const char *const ANY[] = {"*", NULL};

    g_assert_true(cors_allows(NAMED, STR("http://localhost:3000")));
    g_assert_false(cors_allows(NAMED, STR("http://a.example")));
    g_assert_false(cors_allows(NAMED, STR("https://a.example.evil.example")));
    g_assert_false(cors_allows(NAMED, STR("null")));
    g_assert_false(cors_allows(NAMED, STR_NONE));
    g_assert_false(cors_allows(NULL, STR("https://a.example")));
    g_assert_true(cors_allows(ANY, STR("https://whoever.example")));
    g_assert_false(cors_allows(ANY, STR_NONE));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/api/an origin has a scheme and a host and nothing behind",
                    an_origin_has_a_scheme_and_a_host_and_nothing_behind);
    g_test_add_func("/api/only origins that are named are allowed", only_origins_that_are_named_are_allowed);
    return g_test_run();
}
