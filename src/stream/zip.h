/*
 * Zip: an archive in, the bytes of one of its members out, while the archive still arrives.
 *
 * Which member: the one whose name fits ReaderSpec.zip_member, else the only one. Of two that fit, the second is an
 * error and not left out in silence; what the first holds was given before. Others are passed over, as are folders.
 * An archive is read from its front, by the headers before its members (APPNOTE.TXT 4.3.7), and is complete when its
 * directory begins. Members are stored or deflated, not encrypted; their checksums and sizes must be right.
 */
#pragma once

#include "stream/reader.h"
#include "stream/unpack.h"

#define ZIP_MAGIC_BYTES 4

typedef struct Zip Zip;

/* Whether these first bytes are of an archive; whether they would be with more of them. */
bool zip_begins_with(Str head);
bool zip_may_begin_with(Str head);

/* Heeds zip_member and limits.inflated_bytes of spec, which must outlive it. */
Zip *zip_new(const ReaderSpec *spec, ByteSink sink, void *data);
void zip_free(Zip *zip);
bool zip_push(Zip *zip, Str bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool zip_finish(Zip *zip, GError **error) G_GNUC_WARN_UNUSED_RESULT;
