/*
 * Gzip writer: bytes in, gzip out, in one stream and bounded memory.
 */
#pragma once

#include "base/str.h"

typedef struct GzipWriter GzipWriter;

GzipWriter *gzip_writer_new(void);
void gzip_writer_free(GzipWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GzipWriter, gzip_writer_free)
/* Appends what is ready of the compressed bytes. last: nothing follows; all that is left comes out. */
void gzip_writer_add(GzipWriter *writer, Str bytes, bool last, GString *to);
