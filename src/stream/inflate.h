/*
 * Inflate: gzip in, bytes out; several members one behind another are one stream. Bytes that are not gzip pass
 * through unless it was demanded. Refuses what inflates beyond reason before it is held.
 */
#pragma once

#include "stream/reader.h"

typedef bool (*ByteSink)(void *data, Str bytes, GError **error);
typedef struct Inflate Inflate;

Inflate *inflate_new(StreamCompression compression, uint64_t limit_bytes, ByteSink sink, void *data);
void inflate_free(Inflate *inflate);
bool inflate_push(Inflate *inflate, Str bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool inflate_finish(Inflate *inflate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
