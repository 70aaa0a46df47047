/*
 * Sample: one document of a partner nobody knows yet, read whole into a tree, with how it is to be read found out.
 *
 *     bytes ──> gzip? zip? charset? JSON, NDJSON, XML, CSV and its dialect? ──> Reader with the path ** ──> tree of nodes
 *
 * It goes the way that answers go (stream/reader.h), so that what is found here is what a definition will find. Bounded:
 * at most SAMPLE_LIMIT_BYTES are looked at, and what lies beyond is left out.
 */
#pragma once

#include "stream/node.h"

#define SAMPLE_LIMIT_BYTES ((size_t)8 * 1024 * 1024)

typedef struct {
    StreamFormat format;
    CsvDialect csv;
    const char *charset;  /* what a definition must say; NULL: nothing */
    const char *packed;   /* "gzip" or "zip"; NULL: not at all */
    char *embedded_after; /* JSON in a page: the text behind which it stands; NULL: the document is no page */
    EmbeddedAs embedded_as;
    bool is_cut;       /* there was more than was looked at */
    uint64_t replaced; /* bytes that are of no character */
    const Node *root;
    /* What holds the tree. */
    ReaderSpec spec;
    Path *everything;
    Reader *reader;
    GString *opening; /* the first characters, decoded */
} Sample;

/* format: "json", "ndjson", "xml", "csv" or "tsv"; NULL: to be found out. is_cut: whether bytes are but the beginning of a
 * document. NULL with INVALID that says what the document seems to be, and what can be done. */
Sample *sample_read(Str bytes, bool is_cut, const char *format, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sample_free(Sample *sample);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sample, sample_free)
/* "JSON", "CSV with ';'", ... and how it was packed; in arena. */
const char *sample_describe(const Sample *sample, Arena *arena);

/* Parts of its own: sample_format.c. */

/* What the first characters of a document are, and the dialect when it is CSV. INVALID when it is nothing that Weir reads. */
bool sample_guess_format(Str opening, Sample *sample, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The dialect of a table; delimiter '\0': to be found out. */
CsvDialect sample_guess_dialect(Str opening, char delimiter);
