/*
 * Tokeniser: valid UTF-8 text in, tree events out, one for each format.
 *
 * push() takes pieces of any size. A tokeniser that failed is not used again.
 */
#pragma once

#include "stream/extractor.h"

typedef struct Tokeniser Tokeniser;
struct Tokeniser {
    bool (*push)(Tokeniser *tokeniser, Str text, GError **error);
    bool (*finish)(Tokeniser *tokeniser, GError **error);
    void (*free)(Tokeniser *tokeniser);
};

Tokeniser *json_tokeniser_new(Extractor *extractor, const ReaderLimits *limits);
Tokeniser *ndjson_tokeniser_new(Extractor *extractor, const ReaderLimits *limits);
/* ignore_prefix: names are told without what stands before their colon. */
Tokeniser *xml_tokeniser_new(Extractor *extractor, const ReaderLimits *limits, bool ignore_prefix);
Tokeniser *csv_tokeniser_new(Extractor *extractor, const ReaderLimits *limits, const CsvDialect *dialect);
