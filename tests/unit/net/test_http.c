#include "net/http.h"

#include "base/random.h"

static void
assert_query(const char *text, const char *encoded)
{
    g_autoptr(GString) to = g_string_new(NULL);

    http_encode_query(to, str_of(text));
    g_assert_cmpstr(to->str, ==, encoded);
}

static void
assert_decodes(const char *text, bool form, const char *decoded)
{
    g_autoptr(GString) to = g_string_new(NULL);
    bool ok = http_decode(str_of(text), form, to);

    g_assert_cmpint(ok, ==, decoded != NULL);
    if (decoded != NULL)
        g_assert_cmpstr(to->str, ==, decoded);
}

static void
a_query_value_keeps_only_unreserved_characters(void)
{
    assert_query("a b&c=d", "a%20b%26c%3Dd");
    assert_query("AZaz09-._~", "AZaz09-._~");
    assert_query("zürich/+", "z%C3%BCrich%2F%2B");
    assert_query("", "");
}

static void
a_segment_never_holds_a_slash(void)
{
    g_autoptr(GString) to = g_string_new(NULL);

    http_encode_segment(to, STR("a/b?c#d e@f:"));
    g_assert_cmpstr(to->str, ==, "a%2Fb%3Fc%23d%20e@f:");
}

static void
escapes_are_decoded_and_bad_ones_refused(void)
{
    assert_decodes("a%20b%2fC+d", false, "a b/C+d");
    assert_decodes("a+b", true, "a b");
    assert_decodes("", true, "");
    assert_decodes("%", true, NULL);
    assert_decodes("%2", true, NULL);
    assert_decodes("%zz", true, NULL);
    assert_decodes("100%", false, NULL);
}

static void
what_was_encoded_is_decoded_to_the_same_bytes(void)
{
    SeededRandom random;

    seeded_random_init(&random, 42);
    for (int round = 0; round < 2000; round++) {
        char bytes[40];
        Str text = {bytes, random_below(&random.random, sizeof(bytes))};
        g_autoptr(GString) query = g_string_new(NULL), segment = g_string_new(NULL);
        g_autoptr(GString) back = g_string_new(NULL), back_segment = g_string_new(NULL);

        random_fill(&random.random, bytes, sizeof(bytes));
        http_encode_query(query, text);
        http_encode_segment(segment, text);
        g_assert_true(http_decode(str_of_gstring(query), true, back));
        g_assert_true(http_decode(str_of_gstring(segment), false, back_segment));
        g_assert_true(str_equal(str_of_gstring(back), text));
        g_assert_true(str_equal(str_of_gstring(back_segment), text));
    }
}

static void
headers_are_found_whatever_their_case(void)
{
    const HttpHeader items[] = {{STR("Content-Type"), STR("a")}, {STR("content-type"), STR("b")}};
    HttpHeaders headers = {items, 2};

    g_assert_true(str_is(http_header_find(headers, "CONTENT-TYPE"), "a"));
    g_assert_null(http_header_find(headers, "Content").at);
    g_assert_null(http_header_find((HttpHeaders){0}, "Content-Type").at);
}

static void
a_parameter_of_a_header_is_found_with_and_without_quotes(void)
{
    static const struct {
        const char *value, *charset;
    } CASES[] = {
        {"text/csv; charset=utf-8", "utf-8"},      {"text/csv;Charset = \"utf-8\" ; header=present", "utf-8"},
        {"text/csv; header=absent; charset=", ""}, {"text/csv; charset", NULL},
        {"text/csv; charset=\"utf-8", "\"utf-8"},  {"charset=utf-8", NULL},
        {"text/csv; xcharset=a;; charset=b", "b"}, {"", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *found = str_dup(http_header_parameter(str_of(CASES[i].value), "charset"));

        g_assert_cmpstr(found, ==, CASES[i].charset);
    }
    g_assert_null(http_header_parameter(STR_NONE, "charset").at);
}

static void
assert_limit(const char *value, const char *second, int64_t expected_us)
{
    const HttpHeader headers[] = {
        {STR("Date"), STR("no-store")}, {STR("CACHE-control"), str_of(value)}, {STR("Cache-Control"), str_of(second)}};

    g_assert_cmpint(http_keep_limit_us((HttpHeaders){headers, second == NULL ? 2 : 3}), ==, expected_us);
}

static void
cache_control_says_how_long_an_answer_may_be_kept(void)
{
    g_assert_cmpint(http_keep_limit_us((HttpHeaders){NULL, 0}), ==, -1);
    assert_limit("", NULL, -1);
    assert_limit("must-revalidate, no-transform", NULL, -1);
    assert_limit("max-age=60", NULL, US_PER_MINUTE);
    assert_limit("public, Max-Age = \"60\" , must-revalidate", NULL, US_PER_MINUTE);
    assert_limit("max-age=60, s-maxage=5", NULL, 5 * US_PER_SECOND);
    assert_limit("max-age=60", "s-maxage=0", 0);
    assert_limit("max-age=60", "no-store", 0);
    assert_limit("No-Cache=\"Set-Cookie\", max-age=60", NULL, 0);
    assert_limit("private", NULL, 0);
    assert_limit("max-age=99999999999999999999", NULL, 0);
    assert_limit("max-age=-1", NULL, 0);
    assert_limit("max-age", NULL, 0);
    assert_limit("max-age=9999999999", NULL, INT64_C(2147483647) * US_PER_SECOND);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/http/a_query_value_keeps_only_unreserved_characters",
                    a_query_value_keeps_only_unreserved_characters);
    g_test_add_func("/net/http/a_segment_never_holds_a_slash", a_segment_never_holds_a_slash);
    g_test_add_func("/net/http/escapes_are_decoded_and_bad_ones_refused", escapes_are_decoded_and_bad_ones_refused);
    g_test_add_func("/net/http/what_was_encoded_is_decoded_to_the_same_bytes",
                    what_was_encoded_is_decoded_to_the_same_bytes);
    g_test_add_func("/net/http/headers_are_found_whatever_their_case", headers_are_found_whatever_their_case);
    g_test_add_func("/net/http/a_parameter_of_a_header_is_found_with_and_without_quotes",
                    a_parameter_of_a_header_is_found_with_and_without_quotes);
    g_test_add_func("/net/http/cache_control_says_how_long_an_answer_may_be_kept",
                    cache_control_says_how_long_an_answer_may_be_kept);
    return g_test_run();
}
