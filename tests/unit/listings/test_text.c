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

typedef struct {
    const char *flaw, *mended;
} Mending;

/* Plain text is passed over in blocks, so that a flaw must be found wherever in a block it stands. */
static void
assert_mended_everywhere(Str (*mend)(Arena *, Str), const Mending *mendings, size_t count)
{
    static const char LETTERS[] =
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh";

    for (size_t i = 0; i < count; i++) {
        for (int at = 1; at < (int)strlen(LETTERS); at++) {
            g_autofree char *flawed = g_strdup_printf("%.*s%s%s", at, LETTERS, mendings[i].flaw, LETTERS + at);
            g_autofree char *mended = g_strdup_printf("%.*s%s%s", at, LETTERS, mendings[i].mended, LETTERS + at);

            arena_reset(arena);
            assert_text(mend(arena, str_of(flawed)), mended);
        }
    }
}

static void
a_flaw_is_found_wherever_it_stands_in_a_long_text(void)
{
    static const Mending IN_TEXT[] = {{"  ", " "},  {"\n", " "},          {"\xC2\xA0", " "},
                                      {"\x01", ""}, {"\xE2\x80\x8B", ""}, {"\xFF", "\xEF\xBF\xBD"},
                                      {"\x7F", ""}, {" é  ü ", " é ü "}};
    static const Mending IN_HTML[] = {{"<b>", ""}, {"<br>", "\n"}, {"&amp;", "&"}, {"< ", "< "}, {" \n<i>é</i>", " é"}};

    assert_mended_everywhere(text_clean, IN_TEXT, G_N_ELEMENTS(IN_TEXT));
    assert_mended_everywhere(text_of_html, IN_HTML, G_N_ELEMENTS(IN_HTML));
}

static void
text_that_is_clean_is_not_copied(void)
{
    Str text = STR("Plain words, and «schöne» Wörter: longer than any block that is looked at in one go – and clean");

    g_assert_true(text_clean(arena, text).at == text.at);
    g_assert_true(text_of_html(arena, text).at == text.at);
}

/* Looking for the end of each would take time as the square of the size: minutes for this text. */
static void
a_megabyte_of_unclosed_tags_is_read_in_one_pass(void)
{
    g_autoptr(GString) html = g_string_new("<p>before</p>");
    g_autoptr(Arena) own = arena_new(4096);
    Str text;

    while (html->len < 1024 * 1024)
        g_string_append(html, "<a \"");
    text = text_of_html(own, str_of_gstring(html));
    g_assert_true(str_starts_with(text, STR("before\n<a \"<a \"")));
    g_assert_cmpuint(text.size, >, 1024 * 1024 - 16);
}

static void
a_snippet_is_cut_at_a_word_by_characters(void)
{
    assert_text(text_snippet(arena, STR("short"), 5), "short");
    assert_text(text_snippet(arena, STR("one two three"), 9), "one two…");
    assert_text(text_snippet(arena, STR("ééééé"), 4), "ééé…");
    assert_text(text_snippet(arena, STR("ééééé"), 5), "ééééé");
    assert_text(text_snippet(arena, STR("one two"), 4), "one…");
    assert_text(text_snippet(arena, STR("x a-word-of-more-than-forty-letters-without-any-blank"), 45),
                "x a-word-of-more-than-forty-letters-without-…");
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
    assert_text(text_fold(arena, STR("one\ntwo\tthree")), "one two three");
    assert_text(text_fold(arena, STR("één\ntwee\tdrie…vier")), "een twee drie vier");
}

static void
each_character_of_ascii_is_folded_by_its_kind(void)
{
    for (int c = 0; c < 0x80; c++) {
        const char text[] = {'A', (char)c, (char)c, 'b'};
        const char kept[] = {'a', g_ascii_tolower((char)c), g_ascii_tolower((char)c), 'b', '\0'};
        const char *folded = g_ascii_isalnum(c) || c == '+' || c == '#' ? kept : c == '\'' ? "ab" : "a b";

        assert_text(text_fold(arena, (Str){text, sizeof text}), folded);
        assert_text(text_fold(arena, ARENA_JOIN(arena, (Str){text, sizeof text}, STR("É"))),
                    arena_printf(arena, "%se", folded).at);
    }
}

/* As the rule says it, one character after the other. */
static void
fold_slowly(const char *text, size_t size, GString *to)
{
    for (size_t i = 0; i < size; i++) {
        if (g_ascii_isalnum(text[i]) || text[i] == '+' || text[i] == '#')
            g_string_append_c(to, g_ascii_tolower(text[i]));
        else if (text[i] != '\'' && to->len > 0 && to->str[to->len - 1] != ' ')
            g_string_append_c(to, ' ');
    }
    g_string_truncate(to, to->len - (to->len > 0 && to->str[to->len - 1] == ' '));
}

static void
texts_of_any_size_are_folded_alike(void)
{
    static const char LIKELY[] = "abcdefgh XYZ 01+#',. ";
    char text[100];

    for (int round = 0; round < 20000; round++) {
        size_t size = (size_t)g_test_rand_int_range(0, sizeof text);
        g_autoptr(GString) expected = g_string_new(NULL);

        for (size_t i = 0; i < size; i++)
            text[i] = round % 4 == 0 ? (char)g_test_rand_int_range(0, 0x80)
                                     : LIKELY[g_test_rand_int_range(0, sizeof LIKELY - 1)];
        fold_slowly(text, size, expected);
        assert_text(text_fold(arena, (Str){text, size}), expected->str);
        assert_text(text_fold(arena, ARENA_JOIN(arena, (Str){text, size}, STR("…"))), expected->str);
        arena_reset(arena);
    }
}

static void
words_are_looked_for_as_a_whole_and_folded(void)
{
    g_assert_true(text_has_words(STR("Société Générale S.A."), STR("GENERALE societe")));
    g_assert_true(text_has_words(STR("Acme"), STR("")));
    g_assert_false(text_has_words(STR("Acme"), STR("ac")));
    g_assert_false(text_has_words(STR("Acme"), STR("Acme Corp")));
    g_assert_false(text_has_words(STR_NONE, STR("Acme")));
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
    g_test_add_func("/listings/a_flaw_is_found_wherever_it_stands_in_a_long_text",
                    a_flaw_is_found_wherever_it_stands_in_a_long_text);
    g_test_add_func("/listings/text_that_is_clean_is_not_copied", text_that_is_clean_is_not_copied);
    g_test_add_func("/listings/a_megabyte_of_unclosed_tags_is_read_in_one_pass",
                    a_megabyte_of_unclosed_tags_is_read_in_one_pass);
    g_test_add_func("/listings/a_snippet_is_cut_at_a_word_by_characters", a_snippet_is_cut_at_a_word_by_characters);
    g_test_add_func("/listings/no_snippet_is_longer_than_asked", no_snippet_is_longer_than_asked);
    g_test_add_func("/listings/folding_forgets_case_accents_and_punctuation",
                    folding_forgets_case_accents_and_punctuation);
    g_test_add_func("/listings/each_character_of_ascii_is_folded_by_its_kind",
                    each_character_of_ascii_is_folded_by_its_kind);
    g_test_add_func("/listings/texts_of_any_size_are_folded_alike", texts_of_any_size_are_folded_alike);
    g_test_add_func("/listings/words_are_looked_for_as_a_whole_and_folded", words_are_looked_for_as_a_whole_and_folded);
    g_test_add_func("/listings/utf8_encoded_twice_is_repaired_and_honest_text_is_not",
                    utf8_encoded_twice_is_repaired_and_honest_text_is_not);
    result = g_test_run();
    arena_free(arena);
    return result;
}
