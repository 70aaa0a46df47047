/*
 * Inflate: gzip or a zip archive in, bytes out. Several members of gzip one behind another are one stream; of a zip
 * archive one member is read (stream/zip.h). Bytes that are neither pass through unless one was demanded. Refuses what
 * inflates beyond reason before it is held.
 */
#pragma once

#include "stream/reader.h"
#include "stream/unpack.h"

typedef struct Inflate Inflate;

/* Heeds compression, zip_member and limits.inflated_bytes of spec, which must outlive it. */
Inflate *inflate_new(const ReaderSpec *spec, ByteSink sink, void *data);
void inflate_free(Inflate *inflate);
bool inflate_push(Inflate *inflate, Str bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool inflate_finish(Inflate *inflate, GError **error) G_GNUC_WARN_UNUSED_RESULT;
