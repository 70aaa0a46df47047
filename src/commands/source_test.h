/*
 * weir source test: one question to a source, told step by step: the request with its secrets hidden, the answer, each
 * listing with all its fields, what was rejected and why, one record field by field and transform by transform, and how many of the
 * records had each field. Where the definition has a second step, the same for the detail of that record.
 */
#pragma once

#include "commands/deployment.h"

typedef struct {
    const char
        *file; /* an answer to read instead of asking, of the search, or of the feed when there is none; NULL: ask */
    const char *detail_file; /* an answer of the second step; NULL: it is asked where the list was asked */
    uint64_t record;         /* which one is told field by field, from 1 */
    bool as_json;
} SourceTestSpec;

bool source_test(Deployment *deployment, const Source *source, const Question *question, const SourceTestSpec *spec,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
