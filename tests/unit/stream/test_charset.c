/* Which character set an answer is read in, when several things say something, and not always the truth. */
#include "stream/read_all.h"

#include "base/random.h"

#define E_UTF8  "\xc3\xa9"
#define E_LATIN "\xe9"

static void
assert_csv(const char *told, const char *sent, Str bytes, const char *records)
{
    g_autoptr(Plan) plan = plan_new(STREAM_CSV, NULL, "a", NULL);

    plan->spec.charset = told;
    plan->sent_charset = sent;
    assert_read(plan, bytes, records);
}

static void
assert_xml(const char *told, const char *sent, Str bytes, const char *records)
{
    g_autoptr(Plan) plan = plan_new(STREAM_XML, "r.a", ".", NULL);

    plan->spec.charset = told;
    plan->sent_charset = sent;
    assert_read(plan, bytes, records);
}

static void
a_mark_comes_before_the_definition_and_that_before_what_was_sent(void)
{
    Str marked = STR("\xef\xbb\xbf"
                     "a\n" E_UTF8 "\n");

    assert_csv("windows-1251", "windows-1250", marked, E_UTF8 "\n");
    assert_csv(NULL, "windows-1250", marked, E_UTF8 "\n");
    assert_csv("windows-1251", "windows-1250", STR("a\n\xc8\n"), "\xd0\x98\n");
    assert_csv(NULL, "windows-1250", STR("a\n\xc8\n"), "\xc4\x8c\n");
}

static void
what_was_sent_comes_before_the_declaration(void)
{
    assert_xml(NULL, "windows-1251", STR("<?xml version='1.0' encoding='windows-1250'?><r><a>\xc8</a></r>"),
               "\xd0\x98\n");
    assert_xml(NULL, "windows-1251", STR("<?xml version='1.0' encoding='utf-8'?><r><a>\xc8</a></r>"), "\xd0\x98\n");
    assert_xml(NULL, "utf-8", STR("<?xml version='1.0' encoding='windows-1250'?><r><a>\xc4\x8c</a></r>"), "\xc4\x8c\n");
    assert_xml(NULL, "windows-1251", STR("<r><a>\xc8</a></r>"), "\xd0\x98\n");
    /* Of a set that is not known nobody asks when another is. */
    assert_xml(NULL, "windows-1251", STR("<?xml version='1.0' encoding='none'?><r><a>\xc8</a></r>"), "\xd0\x98\n");
}

static void
latin_1_is_read_as_windows_1252(void)
{
    static const char *const NAMES[] = {"iso-8859-1", "ISO-8859-1", "latin1", "windows-1252", "cp1252"};

    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        assert_csv(NULL, NAMES[i], STR("a\n\x80 20\x96" E_LATIN "\n"), "\xe2\x82\xac 20\xe2\x80\x93" E_UTF8 "\n");
        assert_csv(NULL, NAMES[i], STR("a\nCaf" E_LATIN), "Caf" E_UTF8 "\n");
    }
}

static void
a_server_that_says_latin_1_of_everything_is_not_believed_of_utf_8(void)
{
    assert_csv(NULL, "ISO-8859-1", STR("a\nplain\nCaf" E_UTF8 "\n\xe2\x82\xac\n"),
               "plain\nCaf" E_UTF8 "\n\xe2\x82\xac\n");
    assert_csv(NULL, "ISO-8859-1", STR("a\nplain\n"), "plain\n");
    assert_xml(NULL, "ISO-8859-1", STR("<?xml version='1.0' encoding='UTF-8'?><r><a>\xf0\x9f\x98\x80</a></r>"),
               "\xf0\x9f\x98\x80\n");
    /* The first character beyond ASCII decides, and what follows of the other kind is lost, and counted. */
    assert_csv(NULL, "ISO-8859-1", STR("a\n" E_UTF8 E_LATIN "x\n"), E_UTF8 "\xef\xbf\xbdx\n");
    assert_csv(NULL, "ISO-8859-1", STR("a\n" E_LATIN "x" E_UTF8 "\n"), E_UTF8 "x\xc3\x83\xc2\xa9\n");
}

static void
a_server_that_says_utf_8_of_everything_is_not_believed_of_declared_latin_1(void)
{
    assert_xml(NULL, "utf-8", STR("<?xml version='1.0' encoding='iso-8859-1'?><r><a>Caf" E_LATIN "</a></r>"),
               "Caf" E_UTF8 "\n");
    assert_xml(NULL, "utf-8", STR("<?xml version='1.0' encoding='iso-8859-1'?><r><a>Caf" E_UTF8 "</a></r>"),
               "Caf" E_UTF8 "\n");
    /* Without a word of the document, UTF-8 with a bad character is just that. */
    assert_csv(NULL, "utf-8", STR("a\nCaf" E_LATIN "\n"), "Caf\xef\xbf\xbd\n");
}

static void
the_definition_is_believed_whatever_the_bytes_are(void)
{
    assert_csv("iso-8859-1", "utf-8", STR("a\n" E_UTF8 "\n"), "\xc3\x83\xc2\xa9\n");
    assert_csv("utf-8", "iso-8859-1", STR("a\n" E_LATIN "\n"), "\xef\xbf\xbd\n");
}

static void
zeros_tell_utf_16_and_without_them_a_label_of_wide_characters_is_wrong(void)
{
    assert_csv(NULL, "utf-8", STR("a\0\n\0\xe9\0\n\0"), E_UTF8 "\n");
    assert_csv(NULL, "utf-16", STR("\0a\0\n\0\xe9\0\n"), E_UTF8 "\n");
    assert_csv(NULL, "utf-16le", STR("a,b\n" E_UTF8 ",\n"), E_UTF8 "\n");
    assert_csv(NULL, "utf-32", STR("a,b\n" E_UTF8 ",\n"), E_UTF8 "\n");
    /* Not plain ASCII: it may be what it says. */
    assert_csv(NULL, "utf-16le", STR("\x11\x04,\0a\0\n\0x\0,\0y\0\n\0"), "y\n");
}

static void
sets_of_other_kinds_are_read_as_sent(void)
{
    assert_csv(NULL, "shift_jis", STR("a\n\x93\xfa\x96{\n"), "\xe6\x97\xa5\xe6\x9c\xac\n");
    assert_csv(NULL, "GB2312", STR("a\n\xc4\xa3\n"), "\xe6\xa8\xa1\n");
    assert_csv(NULL, "us-ascii", STR("a\n" E_UTF8 "\n"), E_UTF8 "\n");
}

static void
a_name_that_is_no_set_does_not_count(void)
{
    static const char *const NAMES[] = {"",        "none",          "utf8mb4", "utf-8//IGNORE", "x-user-defined",
                                        "utf\xe9", "utf-8, latin1", "utf-8 x"};
    static const ReaderEvents EVENTS = {NULL, NULL};
    ReaderSpec spec = {.format = STREAM_JSON};

    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        g_autoptr(Reader) reader = reader_new(&spec, &EVENTS, NULL);

        g_assert_false(reader_note_charset(reader, str_of(NAMES[i])));
        g_assert_cmpstr(reader_charset(reader), ==, "UTF-8");
    }
}

/* A text with anything beyond ASCII, in the one set or the other, under the one label or the other. */
static void
no_text_is_spoilt_by_a_label_of_the_other_kind(void)
{
    /* As in texts, a letter beyond ASCII stands beside plain ones. */
    static const char *const LETTERS[] = {
        "a", "b", " ", "\xc3\xa9t", "\xc3\xbcr", "\xe2\x82\xac ", "\xe2\x80\x99s", "\xc3\xb1o"};
    SeededRandom random;

    seeded_random_init(&random, 8859);
    for (unsigned round = 0; round < 100; round++) {
        g_autoptr(GString) csv = g_string_new("a\nx"), records = NULL;
        g_autofree char *latin = NULL;
        gsize size;

        for (uint64_t i = random_below(&random.random, 300); i > 0; i--)
            g_string_append(csv, LETTERS[random_below(&random.random, G_N_ELEMENTS(LETTERS))]);
        g_string_append(csv, "x\n");
        records = g_string_new(csv->str + 2);
        latin = g_convert(csv->str, (gssize)csv->len, "windows-1252", "UTF-8", NULL, &size, NULL);
        assert_csv(NULL, "iso-8859-1", str_of_gstring(csv), records->str);
        assert_csv(NULL, "iso-8859-1", (Str){latin, size}, records->str);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add_func("/stream/charset/" #test, test)
    ADD(a_mark_comes_before_the_definition_and_that_before_what_was_sent);
    ADD(what_was_sent_comes_before_the_declaration);
    ADD(latin_1_is_read_as_windows_1252);
    ADD(a_server_that_says_latin_1_of_everything_is_not_believed_of_utf_8);
    ADD(a_server_that_says_utf_8_of_everything_is_not_believed_of_declared_latin_1);
    ADD(the_definition_is_believed_whatever_the_bytes_are);
    ADD(zeros_tell_utf_16_and_without_them_a_label_of_wide_characters_is_wrong);
    ADD(sets_of_other_kinds_are_read_as_sent);
    ADD(a_name_that_is_no_set_does_not_count);
    ADD(no_text_is_spoilt_by_a_label_of_the_other_kind);
    return g_test_run();
}
