/*
 * Line formats: how the bytes of a report become lines, as an interface.
 *
 * The real one asks the definitions of sources/ (source_formats.h); tests hand in their own. The same bytes must always
 * give the same lines: `weir audit` reads every report again.
 */
#pragma once

#include "revenue/line.h"

/* Raised when the same bytes may be read differently than before. */
#define LINE_PARSER_VERSION 1

typedef struct {
    bool (*line)(void *data, const ReportLine *line); /* false stops */
    /* A row that is no line. field may be NULL. */
    void (*rejected)(void *data, uint64_t row, const char *field, const char *reason, Str text);
} LineEvents;

typedef struct {
    const char *source, *kind;
    int64_t since_us, until_us; /* the window asked for; TIMESTAMP_NONE when none was */
    const char *content_type;   /* as it came by HTTP; NULL for a file */
} LineContext;

/* Reads one part of a report, given in pieces. */
typedef struct LineReader LineReader;
struct LineReader {
    bool append_only; /* no line may ever change: a key with two contents is a contradiction, versions or not */
    bool (*push)(LineReader *reader, Str bytes); /* false: nothing more need be read, finish() says why */
    bool (*finish)(LineReader *reader, GError **error);
    void (*free)(LineReader *reader);
};

typedef struct LineFormats LineFormats;
struct LineFormats {
    /* NOT_FOUND for an unknown source or kind. Events, data and context must outlive the reader. */
    LineReader *(*open)(const LineFormats *formats, const LineContext *context, const LineEvents *events, void *data,
                        GError **error);
};

static inline void
line_reader_free(LineReader *reader)
{
    if (reader != NULL)
        reader->free(reader);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LineReader, line_reader_free)
