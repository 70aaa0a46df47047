/* HTML to text: not a parser of documents but a reader of what partners put into a description. It never fails: what
 * looks like no tag is text. */
#include "listings/html.h"

#include "listings/entity.h"
#include "listings/scan.h"
#include "listings/text.h"

#define UNWRAP_LIMIT      2 /* levels of tags-as-entities that are undone */
#define OPEN_QUOTES_LIMIT 16

/* Elements that stand on lines of their own. */
static const char *const BLOCKS[] = {
    "address", "article", "blockquote", "br", "dd", "div", "dl",  "dt",      "footer", "h1", "h2", "h3", "h4", "h5",
    "h6",      "header",  "hr",         "li", "ol", "p",   "pre", "section", "table",  "td", "th", "tr", "ul",
};

typedef struct {
    Str rest;
    GString *to;
    HtmlTags tags;
} HtmlReader;

static bool
is_block(Str name)
{
    char first = name.size > 0 ? g_ascii_tolower(name.at[0]) : '\0';

    for (size_t i = 0; i < G_N_ELEMENTS(BLOCKS); i++) {
        if (BLOCKS[i][0] == first && str_equal_ignoring_case(name, str_of(BLOCKS[i])))
            return true;
    }
    return false;
}

static void
append_newline(GString *to)
{
    while (to->len > 0 && to->str[to->len - 1] == ' ')
        g_string_truncate(to, to->len - 1);
    if (to->len > 0 && to->str[to->len - 1] != '\n')
        g_string_append_c(to, '\n');
}

/* White space of the source is one blank, and none at the beginning of a line. */
static void
append_blank(GString *to)
{
    if (to->len > 0 && to->str[to->len - 1] != ' ' && to->str[to->len - 1] != '\n')
        g_string_append_c(to, ' ');
}

size_t
html_tag_size(Str text, HtmlTags *tags)
{
    bool minds_quotes = tags->open_quotes < OPEN_QUOTES_LIMIT;
    size_t first_end = 0;
    char quote = '\0';

    for (size_t i = 1; i < text.size; i++) {
        char c = text.at[i];

        if (c == '>' && first_end == 0)
            first_end = i + 1;
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (minds_quotes && (c == '"' || c == '\'') && text.at[i - 1] == '=')
            quote = c;
        else if (c == '>')
            return i + 1;
    }
    tags->none_closes = first_end == 0;
    tags->open_quotes++;
    return first_end;
}

bool
html_starts_tag(Str text)
{
    size_t i = text.size > 1 && text.at[1] == '/' ? 2 : 1;

    return text.size > i && (g_ascii_isalpha(text.at[i]) || text.at[i] == '!' || text.at[i] == '?');
}

Str
html_tag_name(Str tag)
{
    size_t from = tag.size > 1 && tag.at[1] == '/' ? 2 : 1, to = from;

    while (to < tag.size && g_ascii_isalnum(tag.at[to]))
        to++;
    return str_slice(tag, from, to);
}

size_t
html_content_size(Str text, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i + 2 + size <= text.size; i++) {
        if (text.at[i] == '<' && text.at[i + 1] == '/' && g_ascii_strncasecmp(text.at + i + 2, name, size) == 0)
            return i;
    }
    return text.size;
}

size_t
html_comment_size(Str text)
{
    ptrdiff_t end = str_find(text, STR("-->"));

    return end < 0 ? text.size : (size_t)end + 3;
}

static void
skip(HtmlReader *reader, size_t size)
{
    reader->rest = str_slice(reader->rest, size, reader->rest.size);
}

/* False when the '<' at the front begins no tag. */
static bool
read_tag(HtmlReader *reader)
{
    size_t size;
    Str tag, name;

    if (reader->tags.none_closes || !html_starts_tag(reader->rest))
        return false;
    if (str_starts_with(reader->rest, STR("<!--"))) {
        skip(reader, html_comment_size(reader->rest));
        return true;
    }
    size = html_tag_size(reader->rest, &reader->tags);
    if (size == 0)
        return false;
    tag = str_slice(reader->rest, 0, size);
    name = html_tag_name(tag);
    skip(reader, size);
    if (is_block(name))
        append_newline(reader->to);
    if (tag.at[1] != '/' && str_equal_ignoring_case(name, STR("li")))
        g_string_append(reader->to, "- ");
    if (tag.at[1] != '/' && str_equal_ignoring_case(name, STR("script")))
        skip(reader, html_content_size(reader->rest, "script"));
    else if (tag.at[1] != '/' && str_equal_ignoring_case(name, STR("style")))
        skip(reader, html_content_size(reader->rest, "style"));
    return true;
}

static void
read_text(HtmlReader *reader)
{
    size_t plain = scan_html_words(reader->rest), used;

    if (plain > 0) {
        str_append(reader->to, str_slice(reader->rest, 0, plain));
        skip(reader, plain);
        return;
    }
    used = reader->rest.at[0] == '&' ? entity_decode(reader->rest, reader->to) : 0;

    if (used == 0) {
        if (g_ascii_isspace(reader->rest.at[0]))
            append_blank(reader->to);
        else
            g_string_append_c(reader->to, reader->rest.at[0]);
        used = 1;
    }
    skip(reader, used);
}

/* Whether tags are written as entities, so that the whole is HTML within HTML. */
static bool
is_wrapped(Str html)
{
    static const Str MARKS[] = {{"&lt;p", 5}, {"&lt;/", 5}, {"&lt;br", 6}, {"&lt;div", 7}, {"&lt;strong", 10}};

    if (str_find_char(html, '&') < 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++) {
        if (str_find(html, MARKS[i]) >= 0)
            return true;
    }
    return str_find(html, STR("&amp;lt;")) >= 0;
}

/* Blank lines and blanks at the ends of lines go; NBSP becomes a blank. */
static Str
tidy_lines(Arena *arena, Str text)
{
    g_autoptr(GString) tidy = NULL;
    Str rest = str_trim(text);

    if (str_find_char(rest, '\n') < 0)
        return arena_str(arena, text_clean(arena, rest));
    tidy = g_string_sized_new(text.size);
    while (rest.at != NULL) {
        Str line = text_clean(arena, str_cut(&rest, '\n'));

        if (str_is_empty(line) || str_is(line, "-"))
            continue;
        if (tidy->len > 0)
            g_string_append_c(tidy, '\n');
        str_append(tidy, line);
    }
    return tidy->len == 0 ? STR_NONE : arena_str(arena, str_of_gstring(tidy));
}

Str
text_of_html(Arena *arena, Str html)
{
    g_autoptr(GString) text = NULL;
    HtmlReader reader;

    if (str_find_char(html, '<') < 0 && str_find_char(html, '&') < 0)
        return text_clean(arena, html);
    for (int i = 0; i < UNWRAP_LIMIT && is_wrapped(html); i++)
        html = text_decode_entities(arena, html);
    text = g_string_sized_new(html.size);
    reader = (HtmlReader){.rest = html, .to = text};
    while (reader.rest.size > 0) {
        if (reader.rest.at[0] != '<' || !read_tag(&reader))
            read_text(&reader);
    }
    return tidy_lines(arena, str_of_gstring(text));
}
