#include "listings/text.h"

static Arena *arena;

static void
assert_text(Str actual, const char *expected)
{
    g_autofree char *copy = str_dup(actual);

    g_assert_cmpstr(copy, ==, expected);
}

static void
entities_are_decoded_once(void)
{
    assert_text(text_decode_entities(arena, STR("R&amp;D &lt;b&gt; &#x27;x&#39; caf&eacute; &euro;5")),
                "R&D <b> 'x' café €5");
    assert_text(text_decode_entities(arena, STR("&amp;lt;")), "&lt;");
    assert_text(text_decode_entities(arena, STR("AT&T &unknown; &#0; &#x110000; &#xD800; &; &")),
                "AT&T &unknown; &#0; &#x110000; &#xD800; &; &");
}

static void
html_becomes_lines_of_text(void)
{
    assert_text(text_of_html(arena, STR("<h2>About</h2><p style=\"min-height:1.5em\">We are <b>small</b>.</p>"
                                        "<ul><li>one</li><li>two &amp; three</li></ul>")),
                "About\nWe are small.\n- one\n- two & three");
    assert_text(text_of_html(arena, STR("a<br>b<br/>c")), "a\nb\nc");
}

static void
script_style_and_comments_are_no_text(void)
{
    assert_text(
        text_of_html(arena, STR("a<script>if (x < 1) alert('<p>')</script>b<style>p {}</style>c<!-- d > e -->f")),
        "abcf");
    assert_text(text_of_html(arena, STR("a<script>never closed")), "a");
}

static void
html_within_entities_is_unwrapped(void)
{
    assert_text(
        text_of_html(arena,
                     STR("&lt;div class=&quot;x&quot;&gt;&lt;p&gt;A&amp;nbsp;B &amp;amp; C&lt;/p&gt;&lt;/div&gt;")),
        "A B & C");
}

static void
what_is_no_tag_is_text(void)
{
    assert_text(text_of_html(arena, STR("salary < 50k > 20k, <3 and <b unclosed")),
                "salary < 50k > 20k, <3 and <b unclosed");
    assert_text(text_of_html(arena, STR("<a title='a > b'>x</a>")), "x");
    g_assert_null(text_of_html(arena, STR("<p>&nbsp;</p><br>")).at);
    g_assert_null(text_of_html(arena, STR_NONE).at);
}

static void
blanks_are_folded_and_invisible_characters_go(void)
{
    assert_text(text_clean(arena, STR("  Amplitude\xC2\xA0 \t Inc\r\n")), "Amplitude Inc");
    assert_text(text_clean(arena, STR("a\xE2\x80\x8E"
                                      "b\xEF\xBB\xBF"
                                      "c\x01")),
                "abc");
    assert_text(text_clean(arena, STR("bad\xFF"
                                      "byte")),
                "bad\xEF\xBF\xBD"
                "byte");
}

static void
words_that_say_nothing_are_absent(void)
{
    const char *const words[] = {"", "  ", "null", "NULL", "N/A", "None", " - ", "null,", "\xC2\xA0"};

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        g_assert_null(text_clean(arena, str_of(words[i])).at);
    assert_text(text_clean(arena, STR("Nullarbor")), "Nullarbor");
}

static void
a_snippet_is_cut_at_a_word_by_characters(void)
{
    assert_text(text_snippet(arena, STR("short"), 5), "short");
    assert_text(text_snippet(arena, STR("one two three"), 9), "one two…");
    assert_text(text_snippet(arena, STR("ééééé"), 4), "ééé…");
}

static void
no_snippet_is_longer_than_asked(void)
{
    Str text = STR("Die Größe der Maßnahme: überall «schöne» Wörter, und noch ein paar mehr – bis zum Schluß.");

    for (size_t chars = 2; chars < 100; chars++) {
        Str snippet = text_snippet(arena, text, chars);

        g_assert_cmpuint((guint)g_utf8_strlen(snippet.at, (gssize)snippet.size), <=, chars);
        g_assert_true(g_utf8_validate(snippet.at, (gssize)snippet.size, NULL));
    }
}

static void
folding_forgets_case_accents_and_punctuation(void)
{
    assert_text(text_fold(arena, STR("Vendeur(se) – Été, ÎLE-DE-FRANCE")), "vendeur se ete ile de france");
    assert_text(text_fold(arena, STR("Straße ﬁn Ⅳ")), "strasse fin iv");
    assert_text(text_fold(arena, STR("McDonald's  C++ / C#")), "mcdonalds c++ c#");
    assert_text(text_fold(arena, STR("東京")), "東京");
}

static void
utf8_encoded_twice_is_repaired_and_honest_text_is_not(void)
{
    Str repaired;

    g_assert_true(text_repair_double_utf8(arena, STR("MecÃ¡nico"), &repaired));
    assert_text(repaired, "Mecánico");
    g_assert_true(text_repair_double_utf8(arena, STR("donâ€™t"), &repaired));
    assert_text(repaired, "don’t");
    g_assert_false(text_repair_double_utf8(arena, STR("Mecánico"), &repaired));
    g_assert_false(text_repair_double_utf8(arena, STR("plain"), &repaired));
    g_assert_false(text_repair_double_utf8(arena, STR("東京"), &repaired));
}

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    arena = arena_new(4096);
    g_test_add_func("/listings/entities_are_decoded_once", entities_are_decoded_once);
    g_test_add_func("/listings/html_becomes_lines_of_text", html_becomes_lines_of_text);
    g_test_add_func("/listings/script_style_and_comments_are_no_text", script_style_and_comments_are_no_text);
    g_test_add_func("/listings/html_within_entities_is_unwrapped", html_within_entities_is_unwrapped);
    g_test_add_func("/listings/what_is_no_tag_is_text", what_is_no_tag_is_text);
    g_test_add_func("/listings/blanks_are_folded_and_invisible_characters_go",
                    blanks_are_folded_and_invisible_characters_go);
    g_test_add_func("/listings/words_that_say_nothing_are_absent", words_that_say_nothing_are_absent);
    g_test_add_func("/listings/a_snippet_is_cut_at_a_word_by_characters", a_snippet_is_cut_at_a_word_by_characters);
    g_test_add_func("/listings/no_snippet_is_longer_than_asked", no_snippet_is_longer_than_asked);
    g_test_add_func("/listings/folding_forgets_case_accents_and_punctuation",
                    folding_forgets_case_accents_and_punctuation);
    g_test_add_func("/listings/utf8_encoded_twice_is_repaired_and_honest_text_is_not",
                    utf8_encoded_twice_is_repaired_and_honest_text_is_not);
    result = g_test_run();
    arena_free(arena);
    return result;
}
