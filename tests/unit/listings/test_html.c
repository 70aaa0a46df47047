#include "listings/html.h"
#include "listings/text.h"

#include "base/random.h"

static Arena *arena;

static void
assert_safe(const char *html, const char *expected)
{
    g_autofree char *copy = str_dup(html_sanitise(arena, str_of(html)));

    g_assert_cmpstr(copy, ==, expected);
}

static void
form_stays_and_attributes_go(void)
{
    assert_safe("<p style='x' onclick=\"y\">A</p><UL><li>b<br/>c</UL>", "<p>A</p><ul><li>b<br>c</li></ul>");
    assert_safe("<div><span>text</span></div>", "text");
    assert_safe("<b>a</i>b</b></p>", "<b>ab</b>");
}

static void
what_acts_goes_with_its_content(void)
{
    assert_safe("a<script>if (1 < 2) alert('</p>')</script>b<style>p {}</style>c<iframe src=x>d</iframe>e", "abce");
    assert_safe("a<!-- <script> -->b", "ab");
    assert_safe("a<script>never closed", "a");
    assert_safe("<img src=x onerror=alert(1)>a<svg/onload=alert(1)>", "a");
}

static void
only_plain_links_stay(void)
{
    assert_safe("<a href=\"https://x/?a=1&amp;b=2\" target=_blank>x</a>",
                "<a href=\"https://x/?a=1&amp;b=2\" rel=\"nofollow noopener\">x</a>");
    assert_safe("<a href='javascript:alert(1)'>x</a>", "x");
    assert_safe("<a href='java&#10;script:alert(1)'>x</a>", "x");
    assert_safe("<a href=\"https://x/&quot; onclick=&quot;y\">x</a>", "x");
    assert_safe("<a data-href='https://x/'>x</a>", "x");
}

static void
what_is_no_tag_is_escaped(void)
{
    assert_safe("1 < 2 > 0 & \"x\" &lt;script&gt;", "1 &lt; 2 &gt; 0 &amp; &quot;x&quot; &lt;script&gt;");
    assert_safe("<b never closed", "&lt;b never closed");
    assert_safe("<a title=\"x>y", "y");
}

/* Whatever comes in, only known tags come out, each closed. */
static void
no_input_brings_out_an_unknown_tag(void)
{
    static const char *const PIECES[] = {"<",      ">", "\"", "'",    "=",         "/",    "a",
                                         "script", "p", " ",  "href", "https://x", "<!--", "-->",
                                         "&lt;",   "&", "on", "li",   "\xc3\xa9"};
    SeededRandom random;

    seeded_random_init(&random, 6);
    for (unsigned i = 0; i < 20000; i++) {
        g_autoptr(GString) html = g_string_new(NULL);
        g_autoptr(GRegex) known =
            g_regex_new("<(/?(p|a|li)|a href=\"https://[^\"<>]*\" rel=\"nofollow noopener\")>", 0, 0, NULL);
        g_autofree char *safe = NULL, *left = NULL;

        for (uint64_t n = random_below(&random.random, 20); n > 0; n--)
            g_string_append(html, PIECES[random_below(&random.random, G_N_ELEMENTS(PIECES))]);
        safe = str_dup(html_sanitise(arena, str_of_gstring(html)));
        left = g_regex_replace_literal(known, safe, -1, 0, "", 0, NULL);
        if (strpbrk(left, "<>\"") != NULL)
            g_error("%s became %s", html->str, safe);
        arena_reset(arena);
    }
}

/* A megabyte of tags that are never closed: looked for anew at each, this would take hours. */
static void
unclosed_tags_are_looked_for_once(void)
{
    g_autoptr(GString) html = g_string_new(NULL);

    while (html->len < 1024 * 1024)
        g_string_append(html, "<a");
    g_assert_cmpuint(html_sanitise(arena, str_of_gstring(html)).size, ==, html->len + html->len / 2 * 3);
    g_assert_cmpuint(text_of_html(arena, str_of_gstring(html)).size, ==, html->len);
}

/* The same for quotes that none closes: each leads on to the end, and the tag to its first '>'. */
static void
unclosed_quotes_are_followed_a_few_times(void)
{
    g_autoptr(GString) html = g_string_new(NULL), safe = g_string_new(NULL), text = g_string_new(NULL);
    Str found;

    while (html->len < 1024 * 1024) {
        g_string_append(html, "<x =\">=\" ");
        g_string_append(safe, "=&quot; ");
        g_string_append(text, "=\" ");
    }
    g_string_truncate(text, text->len - 1);
    found = html_sanitise(arena, str_of_gstring(html));
    g_assert_true(str_equal(found, str_of_gstring(safe)));
    found = text_of_html(arena, str_of_gstring(html));
    g_assert_true(str_equal(found, str_of_gstring(text)));
}

int
main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    arena = arena_new(4096);
    g_test_add_func("/listings/form_stays_and_attributes_go", form_stays_and_attributes_go);
    g_test_add_func("/listings/what_acts_goes_with_its_content", what_acts_goes_with_its_content);
    g_test_add_func("/listings/only_plain_links_stay", only_plain_links_stay);
    g_test_add_func("/listings/what_is_no_tag_is_escaped", what_is_no_tag_is_escaped);
    g_test_add_func("/listings/no_input_brings_out_an_unknown_tag", no_input_brings_out_an_unknown_tag);
    g_test_add_func("/listings/unclosed_tags_are_looked_for_once", unclosed_tags_are_looked_for_once);
    g_test_add_func("/listings/unclosed_quotes_are_followed_a_few_times", unclosed_quotes_are_followed_a_few_times);
    result = g_test_run();
    arena_free(arena);
    return result;
}
