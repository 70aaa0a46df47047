/*
 * Charset: bytes of any character set in, valid UTF-8 out, whole characters only.
 *
 * Which set: a byte order mark, else the one told, else what an XML declaration says, else the pattern of zeros of
 * UTF-16, else UTF-8. As browsers do, ISO-8859-1 is read as windows-1252, because those who declare the one send the
 * other.
 */
#pragma once

#include "stream/inflate.h"

typedef struct Charset Charset;

Charset *charset_new(const char *name, bool is_xml, ByteSink sink, void *data);
void charset_free(Charset *charset);
bool charset_push(Charset *charset, Str bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool charset_finish(Charset *charset, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Bytes that were not of the set; each run of them that began one character became one U+FFFD. */
uint64_t charset_replaced_count(const Charset *charset);
