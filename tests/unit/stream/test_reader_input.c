/* What happens to bytes before they are text: compression, character sets, limits of size. */
#include "stream/read_all.h"

static Str
json_text(void)
{
    return STR("[{\"a\":\"one\"},{\"a\":\"two\"}]");
}

static void
gzip_is_recognised_by_its_magic(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", "a", NULL);
    g_autoptr(GString) gzip = gzip_of(json_text());

    assert_read(plan, str_of_gstring(gzip), "one\ntwo\n");
    plan->spec.compression = STREAM_COMPRESSION_GZIP;
    assert_read(plan, str_of_gstring(gzip), "one\ntwo\n");
    assert_fails(plan, json_text(), WEIR_ERROR_INVALID, "expected gzip, found: [{\"a");
    assert_fails(plan, STR(""), WEIR_ERROR_INVALID, "expected gzip, found: nothing");
    plan->spec.compression = STREAM_COMPRESSION_NONE;
    assert_fails(plan, str_of_gstring(gzip), WEIR_ERROR_INVALID, "expected JSON, found");
}

static void
members_of_gzip_are_one_stream_and_zeros_behind_them_padding(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", "a", NULL);
    g_autoptr(GString) first = gzip_of(str_slice(json_text(), 0, 9));
    g_autoptr(GString) second = gzip_of(str_slice(json_text(), 9, json_text().size));

    str_append(first, str_of_gstring(second));
    assert_read(plan, str_of_gstring(first), "one\ntwo\n");
    g_string_append_len(first, "\0\0\0\0", 4);
    assert_read(plan, str_of_gstring(first), "one\ntwo\n");
    g_string_append_len(first, "x", 1);
    assert_fails(plan, str_of_gstring(first), WEIR_ERROR_INVALID, "garbage behind the end");
}

static void
gzip_that_ends_early_or_is_damaged_is_an_error(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", "a", NULL);
    g_autoptr(GString) gzip = gzip_of(json_text());

    for (size_t size = 2; size < gzip->len; size++)
        assert_fails(plan, str_slice(str_of_gstring(gzip), 0, size), WEIR_ERROR_INVALID, "");
    assert_fails(plan, str_slice(str_of_gstring(gzip), 0, gzip->len - 1), WEIR_ERROR_INVALID, "ends before its time");
    gzip->str[gzip->len - 6] ^= 1;
    assert_fails(plan, str_of_gstring(gzip), WEIR_ERROR_INVALID, "gzip, byte");
}

static void
what_stands_before_damage_in_gzip_is_read_however_it_is_cut(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_CSV, NULL, "a", NULL);
    g_autoptr(GString) csv = g_string_new("a\n"), gzip = NULL;
    g_autoptr(Reading) reading = NULL;

    for (unsigned i = 0; i < 2000; i++)
        g_string_append_printf(csv, "%u\n", i * 2654435761u);
    gzip = gzip_of(str_of_gstring(csv));
    for (size_t i = gzip->len / 2; i < gzip->len / 2 + 20; i++)
        gzip->str[i] = (char)0xff;
    assert_fails(plan, str_of_gstring(gzip), WEIR_ERROR_INVALID, "gzip, byte");
    assert_same_in_pieces(plan, str_of_gstring(gzip));
    reading = read_whole(plan, str_of_gstring(gzip));
    g_assert_cmpuint(reading->record_count, >, 500);
}

static void
a_gzip_bomb_is_refused_long_before_it_is_inflated(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", "a", NULL);
    g_autofree char *blanks = g_strnfill(50 * 1024 * 1024, ' ');
    g_autoptr(GString) bomb = gzip_of(str_of(blanks));

    assert_fails(plan, str_of_gstring(bomb), WEIR_ERROR_LIMIT, "inflates more than 200 times");
}

static void
sizes_are_bounded_before_and_after_inflating(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", "a", NULL);
    g_autoptr(GString) gzip = gzip_of(json_text());

    plan->spec.limits.input_bytes = json_text().size;
    assert_read(plan, json_text(), "one\ntwo\n");
    plan->spec.limits.input_bytes--;
    assert_fails(plan, json_text(), WEIR_ERROR_LIMIT, "more than 24 bytes");
    plan->spec.limits = (ReaderLimits){.inflated_bytes = 24};
    assert_fails(plan, str_of_gstring(gzip), WEIR_ERROR_LIMIT, "more than 24 bytes after inflating");
}

static void
bytes_that_are_not_utf8_become_replacements_and_are_counted(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", ".", NULL);
    Str json = STR("[\"a\xff"
                   "b\", \"\xc3\", \"\xe2\x82\", \"\xed\xa0\x80\", \"\xf0\x9f\x98\x80\", \"\xc0\xaf\"]");
    g_autoptr(Reading) reading = read_whole(plan, json);

    assert_read(plan, json,
                "a\xef\xbf\xbd"
                "b\n\xef\xbf\xbd\n\xef\xbf\xbd\n\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\n"
                "\xf0\x9f\x98\x80\n\xef\xbf\xbd\xef\xbf\xbd\n");
    g_assert_cmpuint(reading->replaced, ==, 1 + 1 + 2 + 3 + 2);
}

static void
a_character_that_is_cut_off_at_the_end_is_replaced(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_CSV, NULL, "a", NULL);

    assert_read(plan, STR("a\nx\xe2\x82"), "x\xef\xbf\xbd\n");
}

static void
charsets_are_told_declared_or_marked(void)
{
    g_autoptr(Plan) csv = plan_new(STREAM_CSV, NULL, "a", NULL);
    g_autoptr(Plan) xml = plan_new(STREAM_XML, "r.a", ".", NULL);

    csv->spec.charset = "windows-1251";
    assert_read(csv, STR("a\n\xc8\xd2\n"), "\xd0\x98\xd0\xa2\n");
    csv->spec.charset = "ISO-8859-1";
    assert_read(csv, STR("a\n\x80\xe9\n"), "\xe2\x82\xac\xc3\xa9\n");
    assert_read(csv,
                STR("\xef\xbb\xbf"
                    "a\n\xc3\xa9\n"),
                "\xc3\xa9\n");
    csv->spec.charset = "shift_jis";
    assert_read(csv, STR("a\n\x93\xfa\x96{\n"), "\xe6\x97\xa5\xe6\x9c\xac\n");
    csv->spec.charset = "no-such-set";
    assert_fails(csv, STR("a\n1\n"), WEIR_ERROR_INVALID, "charset \"no-such-set\" is not known");

    assert_read(xml, STR("<?xml version='1.0' encoding = 'windows-1250'?><r><a>\x9a</a></r>"), "\xc5\xa1\n");
    assert_read(xml, STR("<?xml version='1.0' encoding='utf-16'?><r><a>\xc3\xa9</a></r>"), "\xc3\xa9\n");
    assert_read(xml, STR("<?xml version='1.0'?><r><a>\xc3\xa9</a></r>"), "\xc3\xa9\n");
    xml->spec.charset = "iso-8859-15";
    assert_read(xml, STR("<?xml version='1.0' encoding='utf-8'?><r><a>\xa4</a></r>"), "\xe2\x82\xac\n");
}

static void
bytes_that_are_not_of_a_foreign_set_are_replaced_too(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_CSV, NULL, "a", NULL);
    g_autoptr(Reading) reading = NULL;

    plan->spec.charset = "windows-1252";
    assert_read(plan, STR("a\nx\x81y\n"), "x\xef\xbf\xbdy\n");
    reading = read_whole(plan, STR("a\nx\x81y\n"));
    g_assert_cmpuint(reading->replaced, ==, 1);
}

static GString *
utf16_of(const char *text, const char *charset)
{
    gsize size;
    g_autofree char *converted = g_convert(text, -1, charset, "UTF-8", NULL, &size, NULL);

    return g_string_new_len(converted, (gssize)size);
}

static void
utf16_is_read_with_and_without_mark(void)
{
    static const char *const TEXT = "<?xml version='1.0' encoding='utf-16'?><r><a>\xc3\xa9\xf0\x9f\x98\x80</a></r>";
    static const char *const MARKED =
        "\xef\xbb\xbf<?xml version='1.0' encoding='utf-16'?><r><a>\xc3\xa9\xf0\x9f\x98\x80</a></r>";
    static const char *const SETS[] = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"};
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.a", ".", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(SETS); i++) {
        g_autoptr(GString) plain = utf16_of(TEXT, SETS[i]), marked = utf16_of(MARKED, SETS[i]);

        assert_read(plan, str_of_gstring(marked), "\xc3\xa9\xf0\x9f\x98\x80\n");
        if (i < 2)
            assert_read(plan, str_of_gstring(plain), "\xc3\xa9\xf0\x9f\x98\x80\n");
        if (i < 2) {
            assert_fails(plan, str_slice(str_of_gstring(marked), 0, marked->len - 1), WEIR_ERROR_INVALID,
                         "XML, line 1");
            assert_same_in_pieces(plan, str_slice(str_of_gstring(marked), 0, marked->len - 1));
        }
    }
}

static void
a_lone_surrogate_of_utf16_is_replaced(void)
{
    g_autoptr(Plan) plan = plan_new(STREAM_JSON, "[*]", ".", NULL);
    Str json = STR("[\0\"\0x\0\x00\xd8y\0\"\0]\0");
    g_autoptr(Reading) reading = read_whole(plan, json);

    assert_read(plan, json, "x\xef\xbf\xbdy\n");
    g_assert_cmpuint(reading->replaced, ==, 2);
}

static void
truncated_documents_are_errors(void)
{
    static const char *const XML = "<?xml version=\"1.0\"?><r><a b='c'>x&amp;<![CDATA[y]]></a><!-- z --></r>";
    g_autoptr(Plan) json = plan_new(STREAM_JSON, "[*]", "a", NULL);
    g_autoptr(Plan) xml = plan_new(STREAM_XML, "r.a", ".", NULL);

    for (size_t size = 0; size < json_text().size; size++)
        assert_fails(json, str_slice(json_text(), 0, size), WEIR_ERROR_INVALID, "");
    for (size_t size = 0; size < strlen(XML); size++)
        assert_fails(xml, str_slice(str_of(XML), 0, size), WEIR_ERROR_INVALID, "");
}

static void
zeros_are_no_text_of_json_and_xml(void)
{
    g_autoptr(Plan) json = plan_new(STREAM_JSON, "[*]", "a", NULL);
    g_autoptr(Plan) xml = plan_new(STREAM_XML, "r.a", ".", NULL);

    assert_fails(json, STR("[\"a\0b\"]"), WEIR_ERROR_INVALID, "JSON, byte");
    assert_fails(json, STR("[]\0"), WEIR_ERROR_INVALID, "JSON, byte");
    assert_fails(json, STR("\0\0\0\0\0\0"), WEIR_ERROR_INVALID, "expected JSON");
    assert_fails(xml, STR("<r>\0</r>"), WEIR_ERROR_INVALID, "XML, line 1");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/stream/input/" #test, test)
    ADD(gzip_is_recognised_by_its_magic);
    ADD(members_of_gzip_are_one_stream_and_zeros_behind_them_padding);
    ADD(gzip_that_ends_early_or_is_damaged_is_an_error);
    ADD(what_stands_before_damage_in_gzip_is_read_however_it_is_cut);
    ADD(a_gzip_bomb_is_refused_long_before_it_is_inflated);
    ADD(sizes_are_bounded_before_and_after_inflating);
    ADD(bytes_that_are_not_utf8_become_replacements_and_are_counted);
    ADD(a_character_that_is_cut_off_at_the_end_is_replaced);
    ADD(charsets_are_told_declared_or_marked);
    ADD(bytes_that_are_not_of_a_foreign_set_are_replaced_too);
    ADD(utf16_is_read_with_and_without_mark);
    ADD(a_lone_surrogate_of_utf16_is_replaced);
    ADD(truncated_documents_are_errors);
    ADD(zeros_are_no_text_of_json_and_xml);
    return g_test_run();
}
