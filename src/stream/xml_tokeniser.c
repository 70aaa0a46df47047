/*
 * XML through expat. Elements are members of their parent, attributes members named @name, and the text of an element
 * is its value. Names keep their prefix. The root element is a member of the document.
 *
 * Entities can't be declared (a document type with a subset is refused), so that nothing can grow by expansion.
 */
#include "stream/tokeniser.h"
#include "stream/utf8.h"

#include <expat.h>

static const size_t PIECE_BYTES = 64 * 1024;
static const unsigned ATTRIBUTES_MAX = 1000;

typedef struct {
    size_t text_start; /* in texts */
    bool has_children;
    bool wants_text;
} XmlLevel;

typedef struct {
    Tokeniser tokeniser;
    Extractor *extractor;
    const ReaderLimits *limits;
    XML_Parser expat;
    GArray *levels; /* of XmlLevel: the open elements */
    GString *texts; /* of the open elements, one behind another */
    GString *name;
    uint64_t pushed;
    bool has_begun, ignore_prefix;
    GError *failure;
} XmlTokeniser;

static XmlLevel *
xml_top(XmlTokeniser *xml)
{
    return xml->levels->len == 0 ? NULL : &g_array_index(xml->levels, XmlLevel, xml->levels->len - 1);
}

/* "job" of "ns2:job" when prefixes are not looked at. */
static const char *
xml_name(const XmlTokeniser *xml, const XML_Char *name)
{
    const char *colon = xml->ignore_prefix ? strchr(name, ':') : NULL;

    return colon != NULL ? colon + 1 : name;
}

static void
xml_stop(XmlTokeniser *xml)
{
    XML_StopParser(xml->expat, XML_FALSE);
}

static bool
xml_take_attributes(XmlTokeniser *xml, const XML_Char **attributes)
{
    unsigned count = 0;

    for (; attributes[0] != NULL; attributes += 2) {
        if (++count > ATTRIBUTES_MAX)
            return weir_fail(&xml->failure, WEIR_ERROR_LIMIT, "an element with more than %u attributes",
                             ATTRIBUTES_MAX);
        if (extractor_is_skipping(xml->extractor))
            continue;
        g_string_assign(xml->name, "@");
        g_string_append(xml->name, xml_name(xml, attributes[0]));
        if (!extractor_scalar(xml->extractor, str_of_gstring(xml->name), (Value){VALUE_TEXT, str_of(attributes[1])}))
            return false;
    }
    return true;
}

static void
on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    XmlTokeniser *xml = data;
    XmlLevel *parent = xml_top(xml);
    XmlLevel level = {.text_start = xml->texts->len};

    if (xml->failure != NULL)
        return;
    if (parent != NULL)
        parent->has_children = true;
    if (!extractor_open(xml->extractor, str_of(xml_name(xml, name)), NODE_ELEMENT) ||
        !xml_take_attributes(xml, attributes)) {
        xml_stop(xml);
        return;
    }
    level.wants_text = extractor_wants_text(xml->extractor);
    g_array_append_val(xml->levels, level);
}

/* Text between the children of an element is its value only when there is more than blanks. */
static void
on_end(void *data, const XML_Char *name G_GNUC_UNUSED)
{
    XmlTokeniser *xml = data;
    XmlLevel *level = xml_top(xml);
    Str text;

    if (level == NULL)
        return;
    text = str_slice(str_of_gstring(xml->texts), level->text_start, xml->texts->len);
    if (level->wants_text && !(level->has_children && str_is_empty(str_trim(text))))
        extractor_text(xml->extractor, text);
    g_string_truncate(xml->texts, level->text_start);
    g_array_set_size(xml->levels, xml->levels->len - 1);
    if (!extractor_close(xml->extractor))
        xml_stop(xml);
}

/* One byte more than allowed is kept, by which the keeper sees that it was cut. */
static void
on_text(void *data, const XML_Char *text, int size)
{
    XmlTokeniser *xml = data;
    XmlLevel *level = xml_top(xml);
    size_t kept, room;

    if (level == NULL || !level->wants_text)
        return;
    kept = xml->texts->len - level->text_start;
    room = kept > xml->limits->text_bytes ? 0 : xml->limits->text_bytes + 1 - kept;
    if (room == 0)
        return;
    str_append(xml->texts, (Str){text, MIN((size_t)size, room)});
    if (xml->texts->len > xml->limits->record_bytes + xml->limits->text_bytes) {
        weir_fail(&xml->failure, WEIR_ERROR_LIMIT, "texts of nested elements take more than %" G_GSIZE_FORMAT " bytes",
                  xml->limits->record_bytes);
        xml_stop(xml);
    }
}

static void
on_doctype(void *data, const XML_Char *name, const XML_Char *system G_GNUC_UNUSED, const XML_Char *public G_GNUC_UNUSED,
           int has_subset)
{
    XmlTokeniser *xml = data;

    if (has_subset == 0)
        return;
    weir_fail(&xml->failure, WEIR_ERROR_INVALID, "document type declarations are refused, found: <!DOCTYPE %.40s [",
              name);
    xml_stop(xml);
}

static uint64_t
xml_position(void *data)
{
    return xml_top(data) == NULL && !((XmlTokeniser *)data)->has_begun
               ? 1
               : XML_GetCurrentLineNumber(((XmlTokeniser *)data)->expat);
}

static uint64_t
xml_begin_of_event(void *data)
{
    return (uint64_t)MAX(XML_GetCurrentByteIndex(((XmlTokeniser *)data)->expat), 0);
}

static uint64_t
xml_end_of_event(void *data)
{
    XmlTokeniser *xml = data;

    return xml_begin_of_event(xml) + (uint64_t)MAX(XML_GetCurrentByteCount(xml->expat), 0);
}

/* What stands where expat stopped. */
static char *
xml_excerpt(XmlTokeniser *xml)
{
    int offset = 0, size = 0;
    const char *context = XML_GetInputContext(xml->expat, &offset, &size);

    return utf8_excerpt(context == NULL || offset >= size ? STR_NONE
                                                          : (Str){context + offset, (size_t)(size - offset)});
}

static bool
xml_fail(XmlTokeniser *xml, GError **error)
{
    XML_Size line = XML_GetCurrentLineNumber(xml->expat), column = XML_GetCurrentColumnNumber(xml->expat) + 1;
    g_autofree char *excerpt = NULL;

    if (XML_GetErrorCode(xml->expat) == XML_ERROR_ABORTED) {
        g_propagate_error(error, xml->failure != NULL ? g_steal_pointer(&xml->failure)
                                                      : extractor_take_failure(xml->extractor));
        return weir_fail_within(error, "XML, line %lu, column %lu", line, column);
    }
    excerpt = xml_excerpt(xml);
    return weir_fail(error, WEIR_ERROR_INVALID, "XML, line %lu, column %lu: %s%s%s", line, column,
                     XML_ErrorString(XML_GetErrorCode(xml->expat)), excerpt[0] != '\0' ? ", found: " : "", excerpt);
}

/* expat holds a tag, a comment or an instruction until its end has come. */
static bool
xml_check_pending(XmlTokeniser *xml, GError **error)
{
    XML_Index at = XML_GetCurrentByteIndex(xml->expat);
    size_t limit = xml->limits->text_bytes + PIECE_BYTES;

    if (at < 0 || xml->pushed - (uint64_t)at <= limit)
        return true;
    return weir_fail(error, WEIR_ERROR_LIMIT, "XML, line %lu: a tag or comment of more than %" G_GSIZE_FORMAT " bytes",
                     XML_GetCurrentLineNumber(xml->expat), limit);
}

static bool
xml_begin(XmlTokeniser *xml, GError **error)
{
    if (xml->has_begun)
        return true;
    if (!extractor_open(xml->extractor, STR_NONE, NODE_OBJECT)) {
        g_propagate_error(error, extractor_take_failure(xml->extractor));
        return false;
    }
    xml->has_begun = true;
    return true;
}

static bool
xml_push(Tokeniser *tokeniser, Str text, GError **error)
{
    XmlTokeniser *xml = (XmlTokeniser *)tokeniser;

    if (!xml_begin(xml, error))
        return false;
    while (text.size > 0) {
        size_t size = MIN(text.size, PIECE_BYTES);

        xml->pushed += size;
        if (XML_Parse(xml->expat, text.at, (int)size, 0) != XML_STATUS_OK)
            return xml_fail(xml, error);
        if (!xml_check_pending(xml, error))
            return false;
        text = str_slice(text, size, text.size);
    }
    return true;
}

static bool
xml_finish(Tokeniser *tokeniser, GError **error)
{
    XmlTokeniser *xml = (XmlTokeniser *)tokeniser;

    if (!xml_begin(xml, error))
        return false;
    if (XML_Parse(xml->expat, "", 0, 1) != XML_STATUS_OK)
        return xml_fail(xml, error);
    if (extractor_close(xml->extractor))
        return true;
    g_propagate_error(error, extractor_take_failure(xml->extractor));
    return false;
}

static void
xml_free(Tokeniser *tokeniser)
{
    XmlTokeniser *xml = (XmlTokeniser *)tokeniser;

    XML_ParserFree(xml->expat);
    g_array_unref(xml->levels);
    g_string_free(xml->texts, TRUE);
    g_string_free(xml->name, TRUE);
    g_clear_error(&xml->failure);
    g_free(xml);
}

Tokeniser *
xml_tokeniser_new(Extractor *extractor, const ReaderLimits *limits, bool ignore_prefix)
{
    XmlTokeniser *xml = g_new0(XmlTokeniser, 1);

    xml->tokeniser = (Tokeniser){xml_push, xml_finish, xml_free};
    xml->extractor = extractor;
    xml->limits = limits;
    xml->ignore_prefix = ignore_prefix;
    xml->levels = g_array_new(FALSE, FALSE, sizeof(XmlLevel));
    xml->texts = g_string_new(NULL);
    xml->name = g_string_new(NULL);
    /* The charset stage has made it UTF-8, whatever the declaration says. */
    xml->expat = XML_ParserCreate("UTF-8");
    g_assert(xml->expat != NULL);
    XML_SetUserData(xml->expat, xml);
    XML_SetElementHandler(xml->expat, on_start, on_end);
    XML_SetCharacterDataHandler(xml->expat, on_text);
    XML_SetStartDoctypeDeclHandler(xml->expat, on_doctype);
    extractor_set_position(extractor, xml_position, xml);
    extractor_set_span(extractor, xml_begin_of_event, xml_end_of_event, xml);
    return &xml->tokeniser;
}
