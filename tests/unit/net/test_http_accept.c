#include "net/http_accept.h"

static void
a_weight_is_that_of_the_narrowest_range(void)
{
    static const struct {
        const char *list, *name;
        int weight;
    } CASES[] = {
        {"gzip", "gzip", 1000},
        {"gzip", "br", HTTP_WEIGHT_NONE},
        {"", "gzip", HTTP_WEIGHT_NONE},
        {"br, GZip ;q=0.5 , *;q=0.1", "gzip", 500},
        {"*;q=0.1, gzip;q=0.75", "gzip", 750},
        {"*;q=0.1, gzip;q=0", "gzip", 0},
        {"*;q=0.125", "gzip", 125},
        {"gzip;q=1.000", "gzip", 1000},
        {"gzip; Q=0.001", "gzip", 1},
        {"gzip;level=9;q=0.3", "gzip", 300},
        {"text/html, text/*;q=0.5, */*;q=0.1", "text/html", 1000},
        {"text/html, text/*;q=0.5, */*;q=0.1", "text/event-stream", 500},
        {"text/html, text/*;q=0.5, */*;q=0.1", "application/json", 100},
        {"*/*", "application/json", 1000},
        {"application/*", "application/json", 1000},
        {"*", "application/json", HTTP_WEIGHT_NONE},
        {"*/*", "gzip", HTTP_WEIGHT_NONE},
        {"gzip;q=x, *;q=0.5", "gzip", 500},
        {"applicatio/*", "application/json", HTTP_WEIGHT_NONE},
        {"gzip;q=", "gzip", HTTP_WEIGHT_NONE},
        {"gzip;q=2", "gzip", HTTP_WEIGHT_NONE},
        {"gzip;q=1.5", "gzip", HTTP_WEIGHT_NONE},
        {"gzip;q=0.1234", "gzip", HTTP_WEIGHT_NONE},
        {"gzip;q=-1", "gzip", HTTP_WEIGHT_NONE},
        {"gzip;q=0,5", "gzip", 0},
        {"gzip;q=.5", "gzip", HTTP_WEIGHT_NONE},
        {"xgzip, gzipx, gzip-9", "gzip", HTTP_WEIGHT_NONE},
        {",;,;q=1,=,", "gzip", HTTP_WEIGHT_NONE},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
        g_assert_cmpint(http_weight(str_of(CASES[i].list), str_of(CASES[i].name)), ==, CASES[i].weight);
    g_assert_cmpint(http_weight(STR_NONE, STR("gzip")), ==, HTTP_WEIGHT_NONE);
}

static void
gzip_is_sent_to_who_asks_for_it_and_likes_it_no_less_than_plain_bytes(void)
{
    static const char *const TAKES[] = {"gzip",
                                        "gzip, deflate, br, zstd",
                                        "*",
                                        "gzip;q=0.5",
                                        "gzip;q=0.5, identity;q=0.5",
                                        "identity;q=0, *",
                                        "br;q=1.0, gzip;q=0.8, *;q=0.1"};
    static const char *const NOT[] = {
        "", "identity", "br", "gzip;q=0", "gzip;q=0.000", "gzip ;q=0.0, *", "gzip;q=0.5, identity", "*;q=0"};

    for (size_t i = 0; i < G_N_ELEMENTS(TAKES); i++)
        g_assert_true(http_takes_gzip(str_of(TAKES[i])));
    for (size_t i = 0; i < G_N_ELEMENTS(NOT); i++)
        g_assert_false(http_takes_gzip(str_of(NOT[i])));
    g_assert_false(http_takes_gzip(STR_NONE));
}

static void
a_tag_is_found_in_a_list_whether_weak_or_strong(void)
{
    g_assert_true(http_has_tag(STR("\"a\""), STR("\"a\"")));
    g_assert_true(http_has_tag(STR("W/\"a\""), STR("\"a\"")));
    g_assert_true(http_has_tag(STR("\"b\" , \"a\""), STR("W/\"a\"")));
    g_assert_true(http_has_tag(STR(" * "), STR("\"a\"")));
    g_assert_false(http_has_tag(STR("\"ab\""), STR("\"a\"")));
    g_assert_false(http_has_tag(STR("a"), STR("\"a\"")));
    g_assert_false(http_has_tag(STR("\"b\", W/\"c\""), STR("\"a\"")));
    g_assert_false(http_has_tag(STR("\"*\""), STR("\"a\"")));
    g_assert_false(http_has_tag(STR(""), STR("\"a\"")));
    g_assert_false(http_has_tag(STR_NONE, STR("\"a\"")));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/accept/a weight is that of the narrowest range", a_weight_is_that_of_the_narrowest_range);
    g_test_add_func("/net/accept/gzip is sent to who asks for it and likes it no less than plain bytes",
                    gzip_is_sent_to_who_asks_for_it_and_likes_it_no_less_than_plain_bytes);
    g_test_add_func("/net/accept/a tag is found in a list whether weak or strong",
                    a_tag_is_found_in_a_list_whether_weak_or_strong);
    return g_test_run();
}
