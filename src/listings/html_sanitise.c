/* A writer of new HTML rather than a filter of the old: what is not understood cannot come through. */
#include "listings/html.h"

#include "listings/text.h"

#define OPEN_LIMIT 64 /* elements within each other; deeper ones lose their tags */

/* Elements that stay. */
static const char *const FORM[] = {"p",  "br", "ul", "ol",    "li",    "b",          "strong", "i",    "em",
                                   "u",  "h1", "h2", "h3",    "h4",    "h5",         "h6",     "a",    "table",
                                   "tr", "td", "th", "thead", "tbody", "blockquote", "pre",    "code", "hr",
                                   "dl", "dt", "dd", "sub",   "sup",   "s"};
/* Elements whose content is no text. */
static const char *const SILENT[] = {"script",   "style",  "iframe", "object", "embed", "template",
                                     "noscript", "svg",    "math",   "head",   "title", "textarea",
                                     "select",   "button", "form",   "audio",  "video"};
static const char *const VOID[] = {"br", "hr"};

typedef struct {
    Str rest;
    GString *to;
    Arena *arena;
    HtmlTags tags;
    const char *open[OPEN_LIMIT];
    size_t open_count;
} Sanitiser;

/* The word of a list that the name is, in any case; NULL when none. */
static const char *
find_word(Str name, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal_ignoring_case(name, str_of(words[i])))
            return words[i];
    return NULL;
}

static void
append_escaped(GString *to, Str text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.at[i]) {
        case '&':
            g_string_append(to, "&amp;");
            break;
        case '<':
            g_string_append(to, "&lt;");
            break;
        case '>':
            g_string_append(to, "&gt;");
            break;
        case '"':
            g_string_append(to, "&quot;");
            break;
        default:
            g_string_append_c(to, text.at[i]);
        }
    }
}

/* Entities are decoded and written anew, so that none hides anything. */
static void
append_text(Sanitiser *s, Str text)
{
    append_escaped(s->to, text_decode_entities(s->arena, text));
}

/* The value of an attribute within a tag, still encoded; absent when it is not there. */
static Str
attribute(Str tag, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 1; i + size + 1 < tag.size; i++) {
        Str value;
        size_t end = 0;

        if (!g_ascii_isspace(tag.at[i - 1]) || tag.at[i + size] != '=' ||
            g_ascii_strncasecmp(tag.at + i, name, size) != 0)
            continue;
        value = str_slice(tag, i + size + 1, tag.size - 1);
        if (value.size > 0 && (value.at[0] == '"' || value.at[0] == '\'')) {
            ptrdiff_t closing = str_find_char(str_slice(value, 1, value.size), value.at[0]);

            return closing < 0 ? STR_NONE : str_slice(value, 1, (size_t)closing + 1);
        }
        while (end < value.size && !g_ascii_isspace(value.at[end]) && value.at[end] != '>')
            end++;
        return str_slice(value, 0, end);
    }
    return STR_NONE;
}

/* Blanks and control characters, which browsers leave out of a scheme, make it none of those that are allowed. */
static bool
is_safe_link(Str url)
{
    static const char *const SCHEMES[] = {"https://", "http://", "mailto:"};

    for (size_t i = 0; i < url.size; i++)
        if ((unsigned char)url.at[i] <= ' ' || url.at[i] == 0x7F)
            return false;
    for (size_t i = 0; i < G_N_ELEMENTS(SCHEMES); i++)
        if (str_equal_ignoring_case(str_slice(url, 0, strlen(SCHEMES[i])), str_of(SCHEMES[i])))
            return true;
    return false;
}

static void
open_element(Sanitiser *s, const char *name, Str tag)
{
    bool is_void = find_word(str_of(name), VOID, G_N_ELEMENTS(VOID)) != NULL;

    if (!is_void && s->open_count == OPEN_LIMIT)
        return;
    if (strcmp(name, "a") == 0) {
        Str link = str_trim(text_decode_entities(s->arena, attribute(tag, "href")));

        if (!is_safe_link(link))
            return;
        g_string_append(s->to, "<a href=\"");
        append_escaped(s->to, link);
        g_string_append(s->to, "\" rel=\"nofollow noopener\">");
    } else {
        g_string_append_printf(s->to, "<%s>", name);
    }
    if (!is_void)
        s->open[s->open_count++] = name;
}

/* Closes the innermost element of the name and all within it; without one the tag is left out. */
static void
close_element(Sanitiser *s, const char *name)
{
    size_t at = s->open_count;

    while (at > 0 && s->open[at - 1] != name)
        at--;
    if (at == 0)
        return;
    while (s->open_count >= at)
        g_string_append_printf(s->to, "</%s>", s->open[--s->open_count]);
}

/* Takes so much of what is left. */
static Str
take(Sanitiser *s, size_t size)
{
    Str taken = str_slice(s->rest, 0, size);

    s->rest = str_slice(s->rest, size, s->rest.size);
    return taken;
}

/* Moves behind the end tag of the name, or to the end. */
static void
skip_content(Sanitiser *s, const char *name)
{
    size_t size;

    take(s, html_content_size(s->rest, name));
    size = html_tag_size(s->rest, &s->tags);
    take(s, size == 0 ? s->rest.size : size);
}

static void
take_tag(Sanitiser *s, Str tag)
{
    bool closes = tag.size > 1 && tag.at[1] == '/';
    Str name = html_tag_name(tag);
    const char *form = find_word(name, FORM, G_N_ELEMENTS(FORM));
    const char *silent = find_word(name, SILENT, G_N_ELEMENTS(SILENT));

    if (form != NULL && closes)
        close_element(s, form);
    else if (form != NULL)
        open_element(s, form, tag);
    else if (silent != NULL && !closes && tag.at[tag.size - 2] != '/')
        skip_content(s, silent);
}

/* Takes what begins with '<'. */
static void
take_markup(Sanitiser *s)
{
    size_t size = 0;

    if (str_starts_with(s->rest, STR("<!--"))) {
        take(s, html_comment_size(s->rest));
        return;
    }
    if (!s->tags.none_closes && html_starts_tag(s->rest))
        size = html_tag_size(s->rest, &s->tags);
    if (size == 0)
        append_text(s, take(s, 1));
    else
        take_tag(s, take(s, size));
}

Str
html_sanitise(Arena *arena, Str html)
{
    g_autoptr(GString) to = g_string_sized_new(html.size);
    Sanitiser s = {.rest = html, .to = to, .arena = arena};

    while (s.rest.size > 0) {
        ptrdiff_t markup = str_find_char(s.rest, '<');
        size_t size = markup < 0 ? s.rest.size : (size_t)markup;

        append_text(&s, take(&s, size));
        if (s.rest.size > 0)
            take_markup(&s);
    }
    while (s.open_count > 0)
        g_string_append_printf(to, "</%s>", s.open[--s.open_count]);
    return arena_str(arena, str_of_gstring(to));
}
