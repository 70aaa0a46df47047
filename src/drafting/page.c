#include "drafting/page.h"

#include "listings/html.h"

/* Less is a setting or two. */
#define LEAST_BYTES ((size_t)120)
#define NAME_BYTES  ((size_t)60)
/* Each may be looked through to the end of the page. */
#define TRIES_LIMIT 500

typedef struct {
    Str page;
    PageJson best;
    unsigned tries;
} PageSearch;

/* Whether the reader comes to the value when it looks for the first such text, and for the first bracket behind it. */
static bool
leads_to(Str page, Str after, Str value)
{
    ptrdiff_t at = str_find(page, after);
    size_t i = at < 0 ? page.size : (size_t)at + after.size;

    while (i < page.size && page.at[i] != '{' && page.at[i] != '[')
        i++;
    return page.at + i == value.at;
}

/* What can be written into a definition. */
static bool
is_writable(Str after)
{
    for (size_t i = 0; i < after.size; i++)
        if (g_ascii_iscntrl(after.at[i]))
            return false;
    return after.size > 0 && g_utf8_validate_len(after.at, after.size, NULL);
}

/* Takes the place of what was found before when it is larger. each: every value behind the text is meant. */
static void
offer(PageSearch *search, Str after, Str value, EmbeddedAs as, bool each)
{
    if (value.size < LEAST_BYTES || value.size <= search->best.size || !is_writable(after) ||
        (!each && !leads_to(search->page, after, value)))
        return;
    g_free(search->best.after);
    search->best = (PageJson){str_dup(after), as, each, value.size};
}

Str
page_json_at(Str text)
{
    size_t depth = 0;
    bool in_string = false;

    if (text.size == 0 || (text.at[0] != '{' && text.at[0] != '['))
        return STR_NONE;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']') && --depth == 0)
            return str_slice(text, 0, i + 1);
    }
    return STR_NONE;
}

static Str
skip_blanks(Str text)
{
    while (text.size > 0 && g_ascii_isspace(text.at[0]))
        text = str_slice(text, 1, text.size);
    return text;
}

/* The id that a tag has, as it is written: id="jobs"; absent when it has none. */
static Str
id_of(Str tag)
{
    ptrdiff_t at = str_find(tag, STR(" id=")), end;
    Str id = at < 0 ? STR_NONE : str_slice(tag, (size_t)at + 1, tag.size);

    if (id.size < 5 || (id.at[3] != '"' && id.at[3] != '\''))
        return STR_NONE;
    end = str_find_char(str_slice(id, 4, id.size), id.at[3]);
    return end <= 0 || (size_t)end > NAME_BYTES ? STR_NONE : str_slice(id, 0, 5 + (size_t)end);
}

/* ---- values that a script assigns: window.jobs = [...] ---- */

static bool
is_of_name(char c)
{
    return g_ascii_isalnum(c) || c == '_' || c == '$' || c == '.';
}

static void
find_assigned(Str script, PageSearch *search)
{
    for (size_t i = 1; i < script.size && search->tries < TRIES_LIMIT; i++) {
        Str value;
        size_t end = i, from;

        if (script.at[i] != '=' && script.at[i] != '(')
            continue;
        value = skip_blanks(str_slice(script, i + 1, script.size));
        if (value.size == 0 || (value.at[0] != '{' && value.at[0] != '['))
            continue;
        while (end > 0 && script.at[end - 1] == ' ')
            end--;
        for (from = end; from > 0 && end - from < NAME_BYTES && is_of_name(script.at[from - 1]);)
            from--;
        search->tries++;
        value = page_json_at(value);
        if (from < end)
            offer(search, str_slice(script, from, i + 1), value, EMBEDDED_AS_IT_IS, false);
        if (value.size > 0) /* what is within it is part of it */
            i = (size_t)(value.at - script.at) + value.size - 1;
    }
}

static void
look_at_script(Str tag, Str content, PageSearch *search)
{
    Str id = id_of(tag), value = page_json_at(skip_blanks(content));

    if (str_find(tag, STR("ld+json")) >= 0) {
        if (str_find(content, STR("JobPosting")) >= 0)
            offer(search, STR("ld+json"), content, EMBEDDED_AS_IT_IS, true);
    } else if (value.size > 0) {
        offer(search, id.at != NULL ? id : STR("application/json"), value, EMBEDDED_AS_IT_IS, false);
    } else {
        find_assigned(content, search);
    }
}

/* ---- attributes ---- */

/* Its own name leads to it, or what the tag is called before it. */
static void
look_at_attribute(Str tag, size_t at, size_t value, PageSearch *search)
{
    size_t from = at;
    char quote = tag.at[value - 1];
    ptrdiff_t end = str_find_char(str_slice(tag, value, tag.size), quote);
    Str id = id_of(str_slice(tag, 0, at));

    search->tries++;
    while (from > 0 && tag.at[from - 1] != ' ' && at - from < NAME_BYTES)
        from--;
    if (end > 0)
        offer(search, id.at != NULL ? id : str_slice(tag, from, at), str_slice(tag, value, value + (size_t)end),
              EMBEDDED_AS_ENTITIES, false);
}

static void
look_at_tag(Str tag, PageSearch *search)
{
    for (size_t i = 0; i + 2 < tag.size && search->tries < TRIES_LIMIT; i++)
        if (tag.at[i] == '=' && (tag.at[i + 1] == '"' || tag.at[i + 1] == '\'') &&
            (tag.at[i + 2] == '{' || tag.at[i + 2] == '['))
            look_at_attribute(tag, i, i + 2, search);
}

/* ---- the page ---- */

/* Looks at the tag at the front; how much it takes, with what a script holds. */
static size_t
look_at_markup(Str page, HtmlTags *tags, PageSearch *search)
{
    size_t size = html_tag_size(page, tags), content_size;
    Str tag = str_slice(page, 0, size > 0 ? size : page.size);

    if (tag.at[1] == '/' || !str_equal_ignoring_case(html_tag_name(tag), STR("script"))) {
        look_at_tag(tag, search);
        return tag.size;
    }
    page = str_slice(page, tag.size, page.size);
    content_size = html_content_size(page, "script");
    look_at_script(tag, str_slice(page, 0, content_size), search);
    return tag.size + content_size;
}

PageJson
page_find_json(Str page)
{
    PageSearch search = {.page = page};
    HtmlTags tags = {0};
    ptrdiff_t at;

    while ((at = str_find_char(page, '<')) >= 0) {
        size_t size = 1;

        page = str_slice(page, (size_t)at, page.size);
        if (str_starts_with(page, STR("<!--")))
            size = html_comment_size(page);
        else if (html_starts_tag(page))
            size = look_at_markup(page, &tags, &search);
        page = str_slice(page, size, page.size);
    }
    return search.best;
}
