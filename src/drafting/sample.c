#include "drafting/page.h"

#include "stream/charset.h"
#include "stream/opening.h"

/* A number is long, a description longer; JSON in a string must come whole. */
#define TEXT_LIMIT_BYTES    ((size_t)128 * 1024)
#define TREE_LIMIT_BYTES    ((size_t)128 * 1024 * 1024)
#define OPENING_BYTES       ((size_t)64 * 1024)
#define INFLATE_LIMIT_BYTES ((uint64_t)64 * 1024 * 1024)

void
sample_free(Sample *sample)
{
    if (sample == NULL)
        return;
    reader_free(sample->reader);
    path_free(sample->everything);
    if (sample->opening != NULL)
        g_string_free(sample->opening, TRUE);
    g_free(sample->embedded_after);
    g_free(sample);
}

static bool
on_opening(void *data, Str text, GError **error G_GNUC_UNUSED)
{
    GString *opening = data;

    str_append(opening, str_slice(text, 0, OPENING_BYTES - MIN(opening->len, OPENING_BYTES)));
    return true;
}

static bool
on_inflated(void *data, Str bytes, GError **error)
{
    return charset_push(data, bytes, error);
}

/* The first characters, inflated and decoded. */
static bool
read_opening(Sample *sample, Str bytes, GError **error)
{
    Charset *charset = charset_new(NULL, true, on_opening, sample->opening);
    const ReaderSpec spec = {.limits = {.inflated_bytes = INFLATE_LIMIT_BYTES}};
    Inflate *inflate = inflate_new(&spec, on_inflated, charset);
    bool ok = inflate_push(inflate, str_slice(bytes, 0, OPENING_BYTES), error);

    if (ok && bytes.size <= OPENING_BYTES)
        ok = charset_finish(charset, error);
    inflate_free(inflate);
    charset_free(charset);
    return ok;
}

static void
open_reader(Sample *sample, const char *charset)
{
    static const ReaderEvents NO_EVENTS = {NULL, NULL};
    static const char *const ALL = "**";

    reader_free(sample->reader);
    path_free(sample->everything);
    sample->charset = charset;
    sample->everything = path_parse(str_of(ALL), NULL);
    sample->spec = (ReaderSpec){
        .format = sample->format,
        .csv = sample->csv,
        .embedded_after = sample->embedded_after,
        .embedded_as = sample->embedded_as,
        .charset = charset,
        .document = (const Path *const *)&sample->everything,
        .document_count = 1,
        .limits = {.inflated_bytes = INFLATE_LIMIT_BYTES,
                   .record_bytes = TREE_LIMIT_BYTES,
                   .text_bytes = TEXT_LIMIT_BYTES},
    };
    sample->reader = reader_new(&sample->spec, &NO_EVENTS, NULL);
}

/* A document that breaks off, because there was too much of it, is as good as a whole one. */
static bool
read_tree(Sample *sample, Str bytes, GError **error)
{
    g_autoptr(GError) problem = NULL;

    if (!reader_push(sample->reader, bytes, &problem) ||
        (!sample->is_cut && !reader_finish(sample->reader, &problem))) {
        if (problem->code != WEIR_ERROR_LIMIT) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        sample->is_cut = true;
    }
    sample->replaced = reader_replaced_count(sample->reader);
    sample->root = reader_document_tree(sample->reader);
    return sample->root != NULL || weir_fail(error, WEIR_ERROR_INVALID, "there is nothing in it");
}

/* Which set of 256 characters it is when it is no UTF-8: Cyrillic words are of upper bytes alone, Latin ones hardly. */
static const char *
guess_charset(Str bytes)
{
    size_t upper = 0, pairs = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        bool is_upper = (unsigned char)bytes.at[i] >= 0xC0;

        upper += is_upper;
        pairs += is_upper && i > 0 && (unsigned char)bytes.at[i - 1] >= 0xC0;
    }
    return upper > 0 && pairs * 2 > upper ? "windows-1251" : "windows-1252";
}

static bool
take_format(Sample *sample, const char *format, GError **error)
{
    static const struct {
        const char *name;
        StreamFormat format;
        char delimiter;
    } FORMATS[] = {{"json", STREAM_JSON, '\0'},
                   {"ndjson", STREAM_NDJSON, '\0'},
                   {"xml", STREAM_XML, '\0'},
                   {"csv", STREAM_CSV, '\0'},
                   {"tsv", STREAM_CSV, '\t'}};

    if (format == NULL)
        return sample_guess_format(str_of_gstring(sample->opening), sample, error);
    for (size_t i = 0; i < G_N_ELEMENTS(FORMATS); i++) {
        if (strcmp(format, FORMATS[i].name) != 0)
            continue;
        sample->format = FORMATS[i].format;
        if (sample->format == STREAM_CSV)
            sample->csv = sample_guess_dialect(str_of_gstring(sample->opening), FORMATS[i].delimiter);
        return true;
    }
    return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" is no format; json, ndjson, xml, csv and tsv are", format);
}

/* What a page shows may stand in it as JSON. False when it is no page, or has none. */
static bool
take_page(Sample *sample, Str bytes)
{
    PageJson json = {0};

    if (sample->packed == NULL && opening_is_html(str_trim(str_of_gstring(sample->opening))))
        json = page_find_json(bytes);
    sample->embedded_after = json.after;
    sample->embedded_as = json.as;
    sample->format = json.each ? STREAM_NDJSON : STREAM_JSON;
    return json.after != NULL;
}

Sample *
sample_read(Str bytes, bool is_cut, const char *format, GError **error)
{
    g_autoptr(Sample) sample = g_new0(Sample, 1);

    sample->opening = g_string_new(NULL);
    sample->is_cut = is_cut || bytes.size > SAMPLE_LIMIT_BYTES;
    sample->packed = str_starts_with(bytes, STR("\x1f\x8b"))     ? "gzip"
                     : str_starts_with(bytes, STR("PK\x03\x04")) ? "zip"
                                                                 : NULL;
    bytes = str_slice(bytes, 0, SAMPLE_LIMIT_BYTES);
    if (!read_opening(sample, bytes, error))
        return NULL;
    if (!take_page(sample, bytes) && !take_format(sample, format, error))
        return NULL;
    open_reader(sample, NULL);
    if (!read_tree(sample, bytes, error))
        return NULL;
    if (sample->replaced > 0) {
        open_reader(sample, guess_charset(bytes));
        if (!read_tree(sample, bytes, error))
            return NULL;
    }
    return g_steal_pointer(&sample);
}

static const char *
of_what(const Sample *sample)
{
    if (sample->embedded_after == NULL)
        return "";
    return sample->embedded_as == EMBEDDED_AS_STRING ? " in a text" : " in a page";
}

const char *
sample_describe(const Sample *sample, Arena *arena)
{
    static const char *const NAMES[] = {"JSON", "NDJSON", "XML", "CSV"};
    Str text = str_of(NAMES[sample->format]);

    if (sample->format == STREAM_CSV)
        text = sample->csv.delimiter == '\t' ? STR("TSV") : arena_printf(arena, "CSV with %c", sample->csv.delimiter);
    return arena_printf(arena, "%.*s%s%s%s%s%s%s", STR_FORMAT(text), of_what(sample),
                        sample->packed != NULL ? ", " : "", sample->packed != NULL ? sample->packed : "",
                        sample->charset != NULL ? ", " : "", sample->charset != NULL ? sample->charset : "",
                        sample->is_cut ? ", only its beginning" : "")
        .at;
}
