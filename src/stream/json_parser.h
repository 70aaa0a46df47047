/*
 * JsonParser: one JSON text (RFC 8259, nothing more lenient) through yajl into the extractor.
 *
 * yajl keeps a whole string before it tells of it. A string far longer than limits.text_bytes is therefore thinned
 * out before yajl sees it: the bytes that would be cut anyway are dropped up to the closing quote.
 */
#pragma once

#include "stream/extractor.h"

#include <yajl/yajl_parse.h>

typedef struct {
    Extractor *extractor;
    size_t text_bytes;
    yajl_handle yajl;
    GString *key; /* of the value to come */
    bool has_key;
    uint64_t offset;   /* of the piece that yajl is parsing, in all that was pushed */
    uint64_t position; /* of the current token */
    /* What stands behind the last token of the last piece: an unfinished one. */
    enum { JSON_BETWEEN, JSON_STRING, JSON_ESCAPE, JSON_HEX } tail;
    unsigned hex_digits;
    size_t tail_bytes;
    bool had_token;   /* in the piece that was parsed last */
    size_t token_end; /* in that piece */
    bool is_dropping;
} JsonParser;

void json_parser_init(JsonParser *parser, Extractor *extractor, const ReaderLimits *limits, uint64_t offset);
void json_parser_clear(JsonParser *parser);
bool json_parser_push(JsonParser *parser, Str text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool json_parser_finish(JsonParser *parser, GError **error) G_GNUC_WARN_UNUSED_RESULT;
