/*
 * Embedded: the JSON that stands in a page, in a script or an attribute, or within the parentheses of a call. What is around
 * it passes by unread.
 *
 *     ...<script id="jobs">  [{"title": "..."}]  ;</script>...
 *        ^ marker            ^ from the first bracket behind it to the one that closes it
 */
#pragma once

#include "stream/inflate.h"

typedef struct Embedded Embedded;

/* Heeds embedded_after and embedded_as of spec, which must outlive it; of NDJSON each value behind a marker is a line. */
Embedded *embedded_new(const ReaderSpec *spec, ByteSink sink, void *data);
void embedded_free(Embedded *embedded);
bool embedded_push(Embedded *embedded, Str text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* WEIR_ERROR_INVALID when the marker was not there, or no bracket behind it. */
bool embedded_finish(Embedded *embedded, GError **error) G_GNUC_WARN_UNUSED_RESULT;
