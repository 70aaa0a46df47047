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
    Str key;           /* of the value to come; absent without one */
    GString *key_copy; /* when the piece that it stands in ends before the value */
    GString *repaired; /* a text that held half of a surrogate pair */
    uint64_t offset;   /* of the piece that yajl is parsing, in all that was pushed */
    /* What stands behind the last token of the last piece: an unfinished one. */
    enum { JSON_BETWEEN, JSON_STRING, JSON_ESCAPE, JSON_HEX } tail;
    unsigned hex_digits;
    size_t tail_bytes;
    uint64_t tail_start;            /* where a string in it begins */
    Str piece;                      /* what yajl is parsing */
    bool had_token;                 /* in that piece */
    bool is_text;                   /* the token at hand */
    size_t token_size;              /* as written, unless is_text */
    size_t token_end, previous_end; /* in that piece */
    bool is_dropping;
    bool has_long_number;
} JsonParser;

void json_parser_init(JsonParser *parser, Extractor *extractor, const ReaderLimits *limits, uint64_t offset);
void json_parser_clear(JsonParser *parser);
bool json_parser_push(JsonParser *parser, Str text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool json_parser_finish(JsonParser *parser, GError **error) G_GNUC_WARN_UNUSED_RESULT;
