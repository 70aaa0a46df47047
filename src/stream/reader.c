/* The chain of a reader, and nothing else: each stage pushes what it made into the next. */
#include "stream/reader.h"

#include "stream/charset.h"
#include "stream/embedded.h"
#include "stream/opening.h"
#include "stream/raw_window.h"
#include "stream/tokeniser.h"

static const ReaderLimits DEFAULTS = {
    .record_bytes = 4 * 1024 * 1024,
    .text_bytes = 1024 * 1024,
    .field_values = 10000,
    .items = 500,
    .depth = 64,
};
/* Evaluation of paths goes down the tree by recursion. */
static const unsigned DEPTH_MAX = 1000;

struct Reader {
    const ReaderSpec *spec;
    ReaderLimits limits;
    Inflate *inflate;
    Charset *charset;
    Embedded *embedded; /* NULL: the answer is the document */
    Opening opening;
    Tokeniser *tokeniser;
    Extractor *extractor;
    RawWindow raw;
    uint64_t input_bytes;
    bool has_begun, has_ended;
};

static bool
push_into_charset(void *data, Str bytes, GError **error)
{
    return charset_push(((Reader *)data)->charset, bytes, error);
}

static bool
push_into_embedded(void *data, Str text, GError **error)
{
    return embedded_push(((Reader *)data)->embedded, text, error);
}

static bool
push_into_opening(void *data, Str text, GError **error)
{
    return opening_push(&((Reader *)data)->opening, text, error);
}

static bool
push_into_tokeniser(void *data, Str text, GError **error)
{
    Reader *reader = data;
    bool ok;

    raw_window_enter(&reader->raw, text);
    ok = reader->tokeniser->push(reader->tokeniser, text, error);
    raw_window_leave(&reader->raw, extractor_open_record_begin(reader->extractor));
    return ok;
}

static ReaderLimits
limits_with_defaults(ReaderLimits limits)
{
    if (limits.record_bytes == 0)
        limits.record_bytes = DEFAULTS.record_bytes;
    if (limits.text_bytes == 0)
        limits.text_bytes = DEFAULTS.text_bytes;
    if (limits.field_values == 0)
        limits.field_values = DEFAULTS.field_values;
    if (limits.items == 0)
        limits.items = DEFAULTS.items;
    if (limits.depth == 0)
        limits.depth = DEFAULTS.depth;
    limits.depth = MIN(limits.depth, DEPTH_MAX);
    return limits;
}

static Tokeniser *
tokeniser_new(const ReaderSpec *spec, const ReaderLimits *limits, Extractor *extractor)
{
    switch (spec->format) {
    case STREAM_JSON:
        return json_tokeniser_new(extractor, limits);
    case STREAM_NDJSON:
        return ndjson_tokeniser_new(extractor, limits);
    case STREAM_XML:
        return xml_tokeniser_new(extractor, limits, spec->xml_ignore_prefix);
    case STREAM_CSV:
        return csv_tokeniser_new(extractor, limits, &spec->csv);
    }
    g_assert_not_reached();
}

Reader *
reader_new(const ReaderSpec *spec, const ReaderEvents *events, void *data)
{
    Reader *reader = g_new0(Reader, 1);
    bool is_xml = spec->format == STREAM_XML;

    reader->spec = spec;
    reader->limits = limits_with_defaults(spec->limits);
    reader->extractor = extractor_new(spec, &reader->limits, events, data);
    reader->tokeniser = tokeniser_new(spec, &reader->limits, reader->extractor);
    raw_window_init(&reader->raw);
    opening_init(&reader->opening, spec->format, push_into_tokeniser, reader);
    if (spec->embedded_after != NULL)
        reader->embedded = embedded_new(spec, push_into_opening, reader);
    reader->charset =
        charset_new(spec->charset, is_xml, reader->embedded != NULL ? push_into_embedded : push_into_opening, reader);
    reader->inflate = inflate_new(spec, push_into_charset, reader);
    return reader;
}

void
reader_free(Reader *reader)
{
    if (reader == NULL)
        return;
    inflate_free(reader->inflate);
    charset_free(reader->charset);
    embedded_free(reader->embedded);
    opening_clear(&reader->opening);
    raw_window_clear(&reader->raw);
    reader->tokeniser->free(reader->tokeniser);
    extractor_free(reader->extractor);
    g_free(reader);
}

bool
reader_note_charset(Reader *reader, Str name)
{
    return charset_note_sent(reader->charset, name);
}

static bool
reader_begin(Reader *reader, GError **error)
{
    g_assert(!reader->has_ended);
    if (reader->has_begun)
        return true;
    reader->has_begun = true;
    return extractor_check(reader->extractor, error);
}

static bool
reader_take(Reader *reader, Str bytes, GError **error)
{
    reader->input_bytes += bytes.size;
    if (!reader_begin(reader, error))
        return false;
    if (reader->limits.input_bytes > 0 && reader->input_bytes > reader->limits.input_bytes)
        return weir_fail(error, WEIR_ERROR_LIMIT, "more than %" G_GUINT64_FORMAT " bytes", reader->limits.input_bytes);
    return bytes.size == 0 || inflate_push(reader->inflate, bytes, error);
}

bool
reader_push(Reader *reader, Str bytes, GError **error)
{
    bool ok = reader_take(reader, bytes, error);

    reader->has_ended = !ok;
    return ok;
}

bool
reader_finish(Reader *reader, GError **error)
{
    bool ok = reader_begin(reader, error) && inflate_finish(reader->inflate, error) &&
              charset_finish(reader->charset, error) &&
              (reader->embedded == NULL || embedded_finish(reader->embedded, error)) &&
              opening_finish(&reader->opening, error) && reader->tokeniser->finish(reader->tokeniser, error);

    reader->has_ended = true;
    return ok;
}

Values
reader_document(Reader *reader, size_t i)
{
    return extractor_document(reader->extractor, i);
}

const struct Node *
reader_document_tree(const Reader *reader)
{
    return extractor_document_tree(reader->extractor);
}

Str
reader_raw_record(const Reader *reader, Arena *arena)
{
    uint64_t begin, end;
    Str text;

    extractor_record_span(reader->extractor, &begin, &end);
    text = raw_window_text(&reader->raw, begin, end, arena);
    /* Only lines break off. */
    return str_trim(end == UINT64_MAX ? str_cut(&text, '\n') : text);
}

bool
reader_document_has(Reader *reader, size_t i)
{
    return extractor_document_has(reader->extractor, i);
}

uint64_t
reader_record_count(const Reader *reader)
{
    return extractor_record_count(reader->extractor);
}

const char *
reader_charset(const Reader *reader)
{
    return charset_name(reader->charset);
}

uint64_t
reader_replaced_count(const Reader *reader)
{
    return charset_replaced_count(reader->charset);
}
