#include "stream/read_all.h"

static void
records_begin_at_the_root_element(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "source.job", "id title @ref place[0] place[-1]", "source.publisher");
    Str xml =
        STR("<?xml version=\"1.0\"?>\n<source><publisher>P &amp; Q</publisher>"
            "<job ref='r1'><id>1</id><title><![CDATA[A <b>]]> &lt;x></title><place>a</place><place>b</place></job>\n"
            "<job><id/><place>c</place></job></source>");
    g_autoptr(Reading) reading = read_whole(plan, xml);

    assert_read(plan, xml, "1|A <b> <x>|r1|a|b\n|-|-|c|c\n");
    g_assert_cmpstr(reading->document->str, ==, "P & Q\n");
    g_assert_cmpuint(reading->last_position, ==, 3);
}

static void
the_text_of_an_element_is_its_own_not_that_of_its_children(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r", "a a.b c", NULL);

    assert_read(plan, STR("<r><a>x<b>y</b>z</a><c>\n <d>1</d>\n</c></r>"), "xz|y|-\n");
}

static void
attributes_are_members(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.i", "link@href link[@rel='self'].@href @id", NULL);

    assert_read(plan, STR("<r><i id='7'><link rel='alternate' href='a'/><link rel='self' href='b'/></i></r>"),
                "a,b|b|7\n");
}

static void
names_keep_their_prefix(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "rss.channel.item", "media:content@url content title", NULL);

    assert_read(
        plan,
        STR("<rss xmlns:media='m'><channel><item><media:content url='u'/><title>t</title></item></channel></rss>"),
        "u|-|t\n");
}

static void
case_is_ignored_on_demand_only(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "Source.JOB", "Title Link@HREF", NULL);
    Str xml = STR("<source><job><TITLE>t</TITLE><link href='h'/></job></source>");

    assert_read(plan, xml, "");
    plan->spec.xml_ignore_case = true;
    assert_read(plan, xml, "t|h\n");
}

static void
the_whole_document_may_be_the_record(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, NULL, "r.a r.b.c", NULL);

    assert_read(plan, STR("<r><a>1</a><b><c>2</c><c>3</c></b></r>"), "1|2,3\n");
}

static void
one_item_of_many_may_be_the_record(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.a[1]", ".", NULL);

    assert_read(plan, STR("<r><x/><a>1</a><a>2</a><a>3</a></r>"), "2\n");
}

static void
entities_can_not_be_declared(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r", "a", NULL);

    assert_fails(plan, STR("<!DOCTYPE r [<!ENTITY x 'y'>]><r><a>&x;</a></r>"), WEIR_ERROR_INVALID,
                 "document type declarations are refused, found: <!DOCTYPE r [");
    assert_fails(plan, STR("<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY l2 \"&lol;&lol;\">]><lolz>&l2;</lolz>"),
                 WEIR_ERROR_INVALID, "document type declarations are refused");
    assert_fails(plan, STR("<!DOCTYPE r SYSTEM 'file:///etc/passwd' []><r/>"), WEIR_ERROR_INVALID, "refused");
    assert_read(plan, STR("<!DOCTYPE r><r><a>1</a></r>"), "1\n");
    assert_fails(plan, STR("<r><a>&nbsp;</a></r>"), WEIR_ERROR_INVALID, "undefined entity");
}

static void
errors_name_line_column_and_text(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.a", ".", NULL);
    g_autoptr(Reading) reading = read_whole(plan, STR("<r>\n<a>1</a>\n  <b></c></r>"));

    g_assert_error(reading->error, WEIR_ERROR, WEIR_ERROR_INVALID);
    g_assert_cmpstr(reading->error->message, ==, "XML, line 3, column 8: mismatched tag, found: c></r>");
    g_assert_cmpstr(reading->records->str, ==, "1\n");
    assert_fails(plan, STR("<r><a>1</a>"), WEIR_ERROR_INVALID, "no element found");
    assert_fails(plan, STR(""), WEIR_ERROR_INVALID, "no element found");
    assert_fails(plan, STR("<r/><r/>"), WEIR_ERROR_INVALID, "junk after document element");
    assert_fails(plan, STR("{\"error\":\"no key\"}"), WEIR_ERROR_INVALID,
                 "expected XML, found: {\"error\":\"no key\"}");
    assert_fails(plan, STR("<!doctype HTML><html></html>"), WEIR_ERROR_INVALID,
                 "expected XML, found HTML: <!doctype HTML>");
}

static void
blanks_before_the_declaration_do_no_harm(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.a", ".", NULL);

    assert_read(plan, STR("\r\n  <?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><r><a>\xe9</a></r>"), "\xc3\xa9\n");
}

static GString *
nested(unsigned depth)
{
    GString *xml = g_string_new("<r><a><i>1</i>");

    for (unsigned i = 0; i < depth; i++)
        g_string_append(xml, "<x>");
    for (unsigned i = 0; i < depth; i++)
        g_string_append(xml, "</x>");
    g_string_append(xml, "</a><a><i>2</i></a></r>");
    return xml;
}

static void
nesting_is_bounded(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.a", "i", NULL);
    g_autoptr(Plan) outside = plan_new(STREAM_XML, "q", "i", NULL);
    g_autoptr(GString) deep = nested(100), hopeless = nested(100000);

    assert_read(plan, str_of_gstring(deep), "2\n");
    assert_fails(outside, str_of_gstring(deep), WEIR_ERROR_LIMIT, "nested deeper than 64 levels");
    assert_fails(plan, str_of_gstring(hopeless), WEIR_ERROR_LIMIT, "nested deeper than 4096 levels");
}

static void
attributes_of_an_element_are_bounded(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r", "@a1", NULL);
    g_autoptr(GString) xml = g_string_new("<r");

    for (int i = 0; i < 1001; i++)
        g_string_append_printf(xml, " a%d='%d'", i, i);
    g_string_append(xml, "/>");
    assert_fails(plan, str_of_gstring(xml), WEIR_ERROR_LIMIT, "an element with more than 1000 attributes");
}

static void
a_long_text_is_cut_and_marked(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.a", "b", NULL);
    g_autoptr(GString) xml = g_string_new("<r><a><b>");
    g_autoptr(Reading) reading = NULL;

    plan->spec.limits.text_bytes = 5;
    for (int i = 0; i < 100000; i++)
        g_string_append(xml, "\xc3\xa9");
    g_string_append(xml, "</b></a><a><b>abcde</b></a></r>");
    assert_read(plan, str_of_gstring(xml), "\xc3\xa9\xc3\xa9\nabcde\n");
    reading = read_whole(plan, str_of_gstring(xml));
    g_assert_true(reading->any_truncated);
}

static void
a_tag_or_comment_without_end_is_a_limit(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.a", "b", NULL);
    g_autofree char *filler = g_strnfill(3000000, 'x');
    g_autofree char *comment = g_strdup_printf("<r><!-- %s", filler);
    g_autofree char *attribute = g_strdup_printf("<r a='%s", filler);

    assert_fails(plan, str_of(comment), WEIR_ERROR_LIMIT, "a tag or comment of more than 1114112 bytes");
    assert_fails(plan, str_of(attribute), WEIR_ERROR_LIMIT, "a tag or comment of more than 1114112 bytes");
}

static void
a_record_that_holds_too_much_is_rejected(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.a", "b", NULL);
    g_autoptr(GString) xml = g_string_new("<r><a>");
    g_autoptr(Reading) reading = NULL;

    plan->spec.limits.record_bytes = 10000;
    for (int i = 0; i < 1000; i++)
        g_string_append(xml, "<b>0123456789</b>");
    g_string_append(xml, "</a><a><b>2</b></a></r>");
    assert_read(plan, str_of_gstring(xml), "2\n");
    reading = read_whole(plan, str_of_gstring(xml));
    g_assert_true(
        g_str_has_prefix(reading->rejected->str, "1 too_large: record 1 at line 1: it holds more than 10000"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/stream/xml/" #test, test)
    ADD(records_begin_at_the_root_element);
    ADD(the_text_of_an_element_is_its_own_not_that_of_its_children);
    ADD(attributes_are_members);
    ADD(names_keep_their_prefix);
    ADD(case_is_ignored_on_demand_only);
    ADD(the_whole_document_may_be_the_record);
    ADD(one_item_of_many_may_be_the_record);
    ADD(entities_can_not_be_declared);
    ADD(errors_name_line_column_and_text);
    ADD(blanks_before_the_declaration_do_no_harm);
    ADD(nesting_is_bounded);
    ADD(attributes_of_an_element_are_bounded);
    ADD(a_long_text_is_cut_and_marked);
    ADD(a_tag_or_comment_without_end_is_a_limit);
    ADD(a_record_that_holds_too_much_is_rejected);
    return g_test_run();
}
