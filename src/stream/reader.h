/*
 * Reader: bytes of any partner in, records out, while the bytes still arrive.
 *
 *     push ──> inflate ──> charset ──> [embedded] ──> JSON | NDJSON | XML | CSV ──> extractor ──> on_record(values)
 *
 * One code path serves a 20 KB API answer and a 20 GB feed. Memory is bounded by the limits (one record and the
 * document values), never by the document. Only members that some path asks for are kept. A record that breaks a limit,
 * or is itself malformed where the format allows to go on (CSV, NDJSON), is reported as rejected and reading goes on.
 */
#pragma once

#include "stream/path.h"

typedef enum { STREAM_JSON, STREAM_NDJSON, STREAM_XML, STREAM_CSV } StreamFormat;
typedef enum {
    STREAM_COMPRESSION_AUTO, /* looks for the first bytes of gzip and of a zip archive */
    STREAM_COMPRESSION_NONE,
    STREAM_COMPRESSION_GZIP,
    STREAM_COMPRESSION_ZIP,
} StreamCompression;

/* How JSON is written that stands in a page: as it is, with entities of HTML, or as a text of a script. */
typedef enum { EMBEDDED_AS_IT_IS, EMBEDDED_AS_ENTITIES, EMBEDDED_AS_STRING } EmbeddedAs;

/* Absent stands for a missing member; NULL in the document is VALUE_NULL. Numbers keep the partner's text, so that
 * ids beyond 53 bits and decimals stay exact. Objects and lists are never values: their leaves are. */
typedef struct {
    enum { VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_TEXT } kind;
    Str text; /* "true" or "false" for VALUE_BOOL; absent for VALUE_NULL */
} Value;

/* All matches of one path in document order; count 0 when missing. */
typedef struct {
    const Value *values;
    size_t count;
} Values;

typedef struct {
    const Values *fields; /* one for each of ReaderSpec.fields, in that order */
    size_t field_count;
    const bool *of_item; /* which of them are of one item of ReaderSpec.for_each; NULL: it has no items */
    uint64_t number;     /* 1 for the first record of the document; rejected ones count too */
    uint64_t position; /* where it begins: line of XML and CSV, byte of JSON from 0; counted in the text after inflating
                          and decoding */
    bool truncated;    /* some text was longer than limits.text_bytes and was cut at a character, or some path matched
                          more than limits.field_values times */
} Record;

typedef struct {
    /* Valid during the call only. False stops reading: reader_push() then fails with WEIR_ERROR_LIMIT. */
    bool (*record)(void *data, const Record *record);
    /* A record that could not be read; reason is one word for a metric ("too_deep", "too_large", "columns",
     * "items", "malformed"), text a sentence with position and beginning of what was found. May be NULL. */
    void (*rejected)(void *data, uint64_t number, uint64_t position, const char *reason, Str text);
} ReaderEvents;

typedef struct {
    uint64_t input_bytes;    /* as received, 0: no limit */
    uint64_t inflated_bytes; /* after inflating, 0: no limit; a ratio over 200:1 past 1 MiB is refused anyway */
    size_t record_bytes;     /* what one record keeps; default 4 MiB */
    size_t text_bytes;       /* one text; longer is cut and marked (a longer number is an error); default 1 MiB */
    size_t field_values;     /* matches kept of one path; default 10,000 */
    unsigned items; /* for which one record may be given; default 500. The rest are reported once as rejected */
    unsigned depth; /* nesting; default 64, at most 1,000. Deeper records are rejected; what is deeper outside of
                                records, or 64 times deeper within, ends the reading */
} ReaderLimits;

typedef struct {
    char delimiter;      /* default ',' ; '\t' for TSV */
    char quote;          /* default '"' */
    bool no_header;      /* columns are then named 0, 1, ... ; always reachable by number as well */
    unsigned skip_lines; /* preamble before the header */
    const char *skip_to; /* further lines are preamble up to the first that holds this text; NULL: none */
} CsvDialect;

#define READER_MORE_RECORDS 7

typedef struct {
    StreamFormat format;
    StreamCompression compression;
    const char *zip_member;     /* which one of an archive, with * and ?; NULL: there must be only one */
    const char *charset;        /* NULL: found out (stream/charset.h). Bytes that are not of it become U+FFFD and are
                               counted */
    const char *embedded_after; /* JSON in a page: the text behind which it stands; NULL: the answer is the document */
    EmbeddedAs embedded_as;
    CsvDialect csv;
    bool xml_ignore_case;            /* element and attribute names */
    bool xml_ignore_prefix;          /* names are told without their prefix */
    const Path *records;             /* which nodes are records; NULL: the whole document is one (CSV: each row) */
    const Path *const *more_records; /* further paths of records, for a partner who names its list in several ways */
    size_t more_record_count;        /* at most READER_MORE_RECORDS */
    const Path *columns;  /* JSON: outside of records, the names of the items of records that are lists; NULL: they have
                            none. They must come before the first record */
    const Path *for_each; /* within the record: it is given once for each of these, and paths that lead on from it find
                             only what is below that one. NULL, or nothing there: it is given once */
    const Path *const *fields; /* relative to the record; "$." paths see document values read before it */
    size_t field_count;
    const Path *const *document; /* values outside records (totals, next links, errors) */
    size_t document_count;
    const Path *const *presence; /* what only has to be there, a list with its items unread; of names */
    size_t presence_count;
    ReaderLimits limits; /* zeros mean the defaults */
} ReaderSpec;

typedef struct Reader Reader;

/* spec and what it points to must outlive the reader. */
Reader *reader_new(const ReaderSpec *spec, const ReaderEvents *events, void *data);
void reader_free(Reader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reader, reader_free)

/* What was sent along about the charset, as HTTP's Content-Type has it; before anything is pushed. False when no such set
 * is known: then it does not count. */
bool reader_note_charset(Reader *reader, Str name);

/* Takes the next bytes, of any size. WEIR_ERROR_INVALID: not of the format, with line and column or offset and the
 * text found; in CSV also a header without a single column that is read. WEIR_ERROR_LIMIT: a limit, named. After a failure only reader_document() and reader_free() may follow;
 * records given before stay given. */
bool reader_push(Reader *reader, Str bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The end of the input: fails when the document is not complete (a truncated answer). */
bool reader_finish(Reader *reader, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What document path i has matched so far; holds until the reader is freed. Together these values are bounded by
 * limits.record_bytes: more is a WEIR_ERROR_LIMIT. */
Values reader_document(Reader *reader, size_t i);
/* The root of what the document paths asked for, as far as it was read; with the path ** all of it. NULL before anything
 * came. node.h says what it is; it holds until the reader is freed. */
const struct Node *reader_document_tree(const Reader *reader);
/* The text of the record that is being given or rejected, after inflating and decoding, as the partner wrote it: at most
 * READER_RAW_BYTES of it, and what is no longer there is left out at the front. Within these events only. */
#define READER_RAW_BYTES (16 * 1024)
Str reader_raw_record(const Reader *reader, Arena *arena);

/* Whether presence path i has found anything but null so far. */
bool reader_document_has(Reader *reader, size_t i);
/* Records given; without rejected ones, and each once, however many items it has. */
uint64_t reader_record_count(const Reader *reader);
/* The charset that is read; valid until the next push. */
const char *reader_charset(const Reader *reader);
/* Bytes that were not of the charset and became U+FFFD. */
uint64_t reader_replaced_count(const Reader *reader);
