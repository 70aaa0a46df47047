/* JSON that stands in a page. */
#include "stream/read_all.h"

static Plan *
page_plan(StreamFormat format, const char *after, EmbeddedAs as)
{
    Plan *plan = plan_new(format, format == STREAM_JSON ? "jobs[*]" : NULL, "t", NULL);

    plan->spec.embedded_after = after;
    plan->spec.embedded_as = as;
    return plan;
}

static void
assert_page(StreamFormat format, const char *after, EmbeddedAs as, const char *page, const char *records)
{
    g_autoptr(Plan) plan = page_plan(format, after, as);

    assert_read(plan, str_of(page), records);
    assert_same_in_pieces(plan, str_of(page));
}

static void
json_is_read_from_the_bracket_behind_the_marker_to_the_one_that_closes_it(void)
{
    assert_page(
        STREAM_JSON, "__NEXT_DATA__", EMBEDDED_AS_IT_IS,
        "<html>{no}<script id=\"__NEXT_DATA__\" type=\"application/json\">{\"jobs\":[{\"t\":\"a }]\\\" b\"},{\"t\":"
        "\"<\\/script>\"}]}</script>{\"jobs\":[{\"t\":\"later\"}]}</html>",
        "a }]\" b\n</script>\n");
}

static void
a_call_around_json_is_passed_over(void)
{
    assert_page(STREAM_JSON, "callback(", EMBEDDED_AS_IT_IS, "/**/callback({\"jobs\": [{\"t\": 1}]});", "1\n");
    assert_page(STREAM_JSON, "jobs =", EMBEDDED_AS_IT_IS, "var jobs =\n {\"jobs\":[{\"t\":1}]};\nvar x = {};", "1\n");
    assert_page(STREAM_JSON, ")]}'", EMBEDDED_AS_IT_IS, ")]}'\n{\"jobs\":[{\"t\":1}]}\n", "1\n");
}

static void
a_marker_that_begins_twice_is_found(void)
{
    assert_page(STREAM_JSON, "aab", EMBEDDED_AS_IT_IS, "aaab {\"jobs\":[{\"t\":1}]}", "1\n");
}

static void
entities_of_an_attribute_are_decoded(void)
{
    assert_page(
        STREAM_JSON, "id=\"jobs\"", EMBEDDED_AS_ENTITIES,
        "<input id=\"jobs\" value=\"{&quot;jobs&quot;:[{&#34;t&#34;:&#x22;R&amp;D &amp;amp; Caf\u00e9 &#233; & &x; "
        "&notathing; &lt;&quot;}]}\">",
        "R&D &amp; Caf\u00e9 \u00e9 & &x; &notathing; <\n");
}

static void
a_text_of_a_script_is_unescaped(void)
{
    assert_page(
        STREAM_JSON, "JSON.parse(", EMBEDDED_AS_STRING,
        "x = JSON.parse(\"{\\\"jobs\\\":[{\\\"t\\\":\\\"a\\\\\\\"b \\u00e9\\x41 \\\\n \\ud83d\\ude00\\/\\\"}]}\");",
        "a\"b \u00e9A \n \U0001F600/\n");
    assert_page(STREAM_JSON, "d='", EMBEDDED_AS_STRING, "d='{\\u0022jobs\\u0022:\\n[{\\u0022t\\u0022:2}]}'", "2\n");
}

static void
each_script_of_a_page_is_a_line(void)
{
    assert_page(STREAM_NDJSON, "ld+json\">", EMBEDDED_AS_IT_IS,
                "<script type=\"ld+json\">\n{\n\"t\":\n\"a\"}\n</script><p>{</p><script type=\"ld+json\">[]</script>"
                "<script type=\"ld+json\">{\"t\": \"b\"}</script>",
                "a\n-\nb\n");
}

static void
a_page_without_the_marker_is_told(void)
{
    g_autoptr(Plan) plan = page_plan(STREAM_JSON, "jobs=", EMBEDDED_AS_IT_IS);

    assert_fails(plan, STR("<html>jobs</html>"), WEIR_ERROR_INVALID,
                 "the answer is without jobs=, behind which its JSON should stand");
    assert_fails(plan, STR("<html>jobs=none</html>"), WEIR_ERROR_INVALID, "no JSON stands behind jobs=");
    assert_fails(plan, STR("jobs={\"jobs\":[{\"t\":1},"), WEIR_ERROR_INVALID, "JSON");
    assert_fails(plan, STR("jobs=[}"), WEIR_ERROR_INVALID, "JSON");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/stream/json_is_read_from_the_bracket_behind_the_marker_to_the_one_that_closes_it",
                    json_is_read_from_the_bracket_behind_the_marker_to_the_one_that_closes_it);
    g_test_add_func("/stream/a_call_around_json_is_passed_over", a_call_around_json_is_passed_over);
    g_test_add_func("/stream/a_marker_that_begins_twice_is_found", a_marker_that_begins_twice_is_found);
    g_test_add_func("/stream/entities_of_an_attribute_are_decoded", entities_of_an_attribute_are_decoded);
    g_test_add_func("/stream/a_text_of_a_script_is_unescaped", a_text_of_a_script_is_unescaped);
    g_test_add_func("/stream/each_script_of_a_page_is_a_line", each_script_of_a_page_is_a_line);
    g_test_add_func("/stream/a_page_without_the_marker_is_told", a_page_without_the_marker_is_told);
    return g_test_run();
}
