/*
 * Opening: looks at the first characters of a text and says plainly when it is something else than was expected, as
 * when a partner answers with an HTML page of a proxy. Everything else passes through.
 */
#pragma once

#include "stream/inflate.h"

typedef struct {
    StreamFormat format;
    ByteSink sink;
    void *data;
    bool is_known;
    GString *head; /* held while it may be wrong */
} Opening;

/* Whether a text without blanks before it begins as HTML does. */
bool opening_is_html(Str text);
void opening_init(Opening *opening, StreamFormat format, ByteSink sink, void *data);
void opening_clear(Opening *opening);
bool opening_push(Opening *opening, Str text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool opening_finish(Opening *opening, GError **error) G_GNUC_WARN_UNUSED_RESULT;
