#include "stream/opening.h"

#include "stream/utf8.h"

/* Enough for an excerpt. */
static const size_t HEAD_BYTES = 160;

void
opening_init(Opening *opening, StreamFormat format, ByteSink sink, void *data)
{
    *opening = (Opening){.format = format, .sink = sink, .data = data, .head = g_string_new(NULL)};
}

void
opening_clear(Opening *opening)
{
    if (opening->head != NULL)
        g_string_free(g_steal_pointer(&opening->head), TRUE);
}

/* White space of JSON and XML. */
static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
begins_as(Str text, Str begin)
{
    return str_equal_ignoring_case(str_slice(text, 0, begin.size), begin);
}

bool
opening_is_html(Str text)
{
    const Str doctype = STR("<!doctype");
    size_t at = doctype.size;

    if (!begins_as(text, doctype))
        return begins_as(text, STR("<html"));
    while (at < text.size && is_blank(text.at[at]))
        at++;
    return at > doctype.size && begins_as(str_slice(text, at, text.size), STR("html"));
}

/* Whether it may be the format, as far as one can see from the first characters. */
static bool
is_plausible(const Opening *opening, Str head)
{
    switch (opening->format) {
    case STREAM_JSON:
    case STREAM_NDJSON:
        return strchr("{[\"-0123456789tfn", head.at[0]) != NULL && head.at[0] != '\0';
    case STREAM_XML:
        return head.at[0] == '<' && !opening_is_html(head);
    case STREAM_CSV:
        return !opening_is_html(head);
    }
    g_assert_not_reached();
}

/* Only what begins with a bracket must be looked at twice: markup may be HTML. */
static bool
needs_more(const Opening *opening, Str head)
{
    bool takes_markup = opening->format == STREAM_XML || opening->format == STREAM_CSV;

    if (takes_markup && head.at[0] != '<')
        return opening->format == STREAM_XML && head.size < HEAD_BYTES;
    return (takes_markup || !is_plausible(opening, head)) && head.size < HEAD_BYTES;
}

static bool
opening_decide(Opening *opening, GError **error)
{
    static const char *const NAMES[] = {"JSON", "NDJSON", "XML", "CSV"};
    Str head = str_of_gstring(opening->head);
    g_autofree char *excerpt = utf8_excerpt(head);

    opening->is_known = true;
    if (head.size == 0 || is_plausible(opening, head))
        return head.size == 0 || opening->sink(opening->data, head, error);
    return weir_fail(error, WEIR_ERROR_INVALID, "expected %s, found%s: %s", NAMES[opening->format],
                     opening_is_html(head) ? " HTML" : "", excerpt);
}

bool
opening_push(Opening *opening, Str text, GError **error)
{
    size_t size = 0;

    if (opening->is_known)
        return opening->sink(opening->data, text, error);
    if (opening->head->len == 0) {
        while (size < text.size && is_blank(text.at[size]))
            size++;
        /* Blanks before an XML declaration are wrong, common and harmless. Elsewhere positions must stay true. */
        if (opening->format != STREAM_XML && size > 0 && !opening->sink(opening->data, str_slice(text, 0, size), error))
            return false;
        text = str_slice(text, size, text.size);
        if (text.size == 0)
            return true;
    }
    size = MIN(text.size, HEAD_BYTES - opening->head->len);
    str_append(opening->head, str_slice(text, 0, size));
    if (needs_more(opening, str_of_gstring(opening->head)))
        return true;
    text = str_slice(text, size, text.size);
    return opening_decide(opening, error) && (text.size == 0 || opening->sink(opening->data, text, error));
}

bool
opening_finish(Opening *opening, GError **error)
{
    return opening->is_known || opening_decide(opening, error);
}
