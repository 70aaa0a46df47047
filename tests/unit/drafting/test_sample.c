/* What a document is found to be. */
#include "drafting/sample.h"

static Sample *
read_as(Str bytes, const char *format)
{
    g_autoptr(GError) error = NULL;
    Sample *sample = sample_read(bytes, false, format, &error);

    g_assert_no_error(error);
    return sample;
}

static void
assert_refused(Str bytes, const char *words)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(sample_read(bytes, false, NULL, &error));
    g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, words));
}

static void
assert_described(Str bytes, const char *expected)
{
    g_autoptr(Sample) sample = read_as(bytes, NULL);
    g_autoptr(Arena) arena = arena_new(256);

    g_assert_cmpstr(sample_describe(sample, arena), ==, expected);
}

static void
json_ndjson_and_xml_are_told_apart(void)
{
    assert_described(STR("  {\"a\": [1, 2],\n \"b\": {}}\n"), "JSON");
    assert_described(STR("[{\"a\": \"}\\n\"},\n{\"a\": 2}]"), "JSON");
    assert_described(STR("{\"a\": 1}\n{\"a\": 2}\n"), "NDJSON");
    assert_described(STR("{\"a\": 1}\n"), "JSON");
    assert_described(STR("<?xml version=\"1.0\"?><jobs><job/></jobs>"), "XML");
    assert_described(STR("<!DOCTYPE jobs><jobs><job><url>https://a/1.html</url></job></jobs>"), "XML");
}

static void
tables_tell_their_delimiter_by_columns_that_agree(void)
{
    assert_described(STR("title,url\nCook,https://a/\n"), "CSV with ,");
    assert_described(STR("title;pay\nCook, chef;1,5\nNurse, night;2,5\n"), "CSV with ;");
    assert_described(STR("title\turl\nCook; chef\thttps://a/\n"), "TSV");
    assert_described(STR("title|url\n\"a|b\"|https://a/\n"), "CSV with |");
}

static void
lines_before_a_table_are_skipped(void)
{
    g_autoptr(Sample) sample =
        read_as(STR("Report of positions\n\nid,title,url\n1,Cook,https://a/\n2,Nurse,https://b/\n"), NULL);

    g_assert_cmpuint(sample->csv.skip_lines, ==, 2);
    g_assert_false(sample->csv.no_header);
    g_assert_true(str_is(sample->root->first->first->next->next->name, "title"));
}

static void
a_table_without_names_has_no_header(void)
{
    g_autoptr(Sample) sample = read_as(STR("1,Cook,https://a/\n2,Nurse,https://b/\n"), NULL);

    g_assert_true(sample->csv.no_header);
}

static void
bytes_that_are_no_utf8_are_read_in_the_likeliest_set(void)
{
    assert_described(STR("title,place\nK\xf6"
                         "chin,M\xfcnchen\n"),
                     "CSV with ,, windows-1252");
    assert_described(STR("title,place\n\xcf\xee\xe2\xe0\xf0,\xcc\xee\xf1\xea\xe2\xe0\n"), "CSV with ,, windows-1251");
    assert_described(STR("title,place\nK\xc3\xb6"
                         "chin,Ulm\n"),
                     "CSV with ,");
}

static void
the_format_that_is_told_holds(void)
{
    g_autoptr(Sample) sample = read_as(STR("a\tb\n1\t2\n"), "tsv");
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(sample->format, ==, STREAM_CSV);
    g_assert_cmpint(sample->csv.delimiter, ==, '\t');
    g_assert_null(sample_read(STR("{}"), false, "toml", &error));
    g_assert_nonnull(strstr(error->message, "json, ndjson, xml, csv and tsv are"));
}

static void
what_is_no_data_is_refused_with_what_to_do(void)
{
    assert_refused(STR("<!DOCTYPE html><p>Sorry"), "it is an HTML page");
    assert_refused(STR("b'<?xml version'"), "a text of Python");
    assert_refused(STR("nothing to see"), "--format says what it is");
    assert_refused(STR("  \n"), "there is nothing in it");
    assert_refused(STR("{\"a\": "), "");
}

static void
assert_embedded(const char *page, const char *after, EmbeddedAs as, StreamFormat format)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Sample) sample = sample_read(str_of(page), false, NULL, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(sample->embedded_after, ==, after);
    g_assert_cmpint(sample->embedded_as, ==, as);
    g_assert_cmpint(sample->format, ==, format);
}

#define JOBS                                                                                                           \
    "[{\"title\": \"Cook of the house\", \"url\": \"https://x.example/1\"}, {\"title\": \"Baker of bread\", \"url\": " \
    "\"https://x.example/2\"}]"
#define CODED                                                                                                          \
    "[{&quot;title&quot;:&quot;Cook of the house&quot;,&quot;url&quot;:&quot;https://x.example/1&quot;},"              \
    "{&quot;title&quot;:&quot;Baker&quot;}]"

static void
json_is_found_in_a_page(void)
{
    assert_embedded("<html><script>var jobs = {};</script><script id=\"__NEXT_DATA__\" type=\"application/json\">" JOBS
                    "</script></html>",
                    "id=\"__NEXT_DATA__\"", EMBEDDED_AS_IT_IS, STREAM_JSON);
    assert_embedded("<!DOCTYPE html><title>jobs [2]</title><script>window.page = {\"a\": 1};\n  window.jobs = " JOBS
                    ";</script>",
                    "window.jobs =", EMBEDDED_AS_IT_IS, STREAM_JSON);
    assert_embedded("<html><p>jobs</p><input type='hidden' id=\"jobs\" value=\"" CODED "\"></html>", "id=\"jobs\"",
                    EMBEDDED_AS_ENTITIES, STREAM_JSON);
    assert_embedded("<html><div class=\"x\" data-list=\"" CODED "\"></div></html>", "data-list", EMBEDDED_AS_ENTITIES,
                    STREAM_JSON);
    assert_embedded(
        "<html><script type=\"application/ld+json\">{\"@type\":\"JobPosting\",\"title\":\"Cook of the house\","
        "\"description\":\"Cooks for the people of the house, every day of the week but one\"}</script></html>",
        "ld+json", EMBEDDED_AS_IT_IS, STREAM_NDJSON);
    assert_embedded("<html><!-- it's --><script id=\"jobs\">" JOBS "</script></html>", "id=\"jobs\"", EMBEDDED_AS_IT_IS,
                    STREAM_JSON);
    assert_embedded("<html><SCRIPT>a = 1</SCRIPT><script id=\"jobs\">" JOBS "</script></html>", "id=\"jobs\"",
                    EMBEDDED_AS_IT_IS, STREAM_JSON);
    assert_embedded("\"[{\\\"title\\\": 1}]\"", "\"", EMBEDDED_AS_STRING, STREAM_JSON);
    g_assert_null(
        sample_read((Str){"<html><p \0=\"" CODED "\">", sizeof "<html><p \0=\"" CODED "\">" - 1}, false, NULL, NULL));
    /* A name that stands before something else as well leads nowhere. */
    assert_refused(STR("<html><script>x = [1]; x = " JOBS "</script></html>"), "no JSON stands in it");
}

static void
a_document_that_breaks_off_gives_what_came(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Sample) sample = sample_read(STR("[{\"a\": 1}, {\"a\": 2}, {\"a"), true, NULL, &error);

    g_assert_no_error(error);
    g_assert_true(sample->is_cut);
    g_assert_cmpint(sample->root->kind, ==, NODE_LIST);
    g_assert_nonnull(sample->root->first->next);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/drafting/json_ndjson_and_xml_are_told_apart", json_ndjson_and_xml_are_told_apart);
    g_test_add_func("/drafting/tables_tell_their_delimiter_by_columns_that_agree",
                    tables_tell_their_delimiter_by_columns_that_agree);
    g_test_add_func("/drafting/lines_before_a_table_are_skipped", lines_before_a_table_are_skipped);
    g_test_add_func("/drafting/a_table_without_names_has_no_header", a_table_without_names_has_no_header);
    g_test_add_func("/drafting/bytes_that_are_no_utf8_are_read_in_the_likeliest_set",
                    bytes_that_are_no_utf8_are_read_in_the_likeliest_set);
    g_test_add_func("/drafting/the_format_that_is_told_holds", the_format_that_is_told_holds);
    g_test_add_func("/drafting/what_is_no_data_is_refused_with_what_to_do", what_is_no_data_is_refused_with_what_to_do);
    g_test_add_func("/drafting/json_is_found_in_a_page", json_is_found_in_a_page);
    g_test_add_func("/drafting/a_document_that_breaks_off_gives_what_came", a_document_that_breaks_off_gives_what_came);
    return g_test_run();
}
