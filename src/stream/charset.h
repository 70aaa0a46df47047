/*
 * Charset: bytes of any character set in, valid UTF-8 out, whole characters only.
 *
 * Which set, the first that says one:
 *   1. a byte order mark;
 *   2. the definition, which knows of partners that label wrongly;
 *   3. zeros in the first characters, as only UTF-16 has them;
 *   4. the label that was sent along, HTTP's Content-Type (before the document's own: RFC 7303, 3.2);
 *   5. an XML declaration;
 *   6. UTF-8.
 * A label that names a set of two or four bytes a character is not believed of bytes that are plain ASCII. As browsers
 * do, ISO-8859-1 is read as windows-1252, because those who declare the one send the other. Servers add that label, or
 * UTF-8, to whatever they send; when the document says the other of the two, its first characters beyond ASCII decide,
 * since what is good UTF-8 is hardly ever meant as windows-1252.
 */
#pragma once

#include "stream/inflate.h"

typedef struct Charset Charset;

/* told: what the definition says; NULL: nothing. */
Charset *charset_new(const char *told, bool is_xml, ByteSink sink, void *data);
void charset_free(Charset *charset);
/* The label that was sent along; of no effect once bytes were pushed. False when it names no set that is known: then it
 * does not count. */
bool charset_note_sent(Charset *charset, Str name);
bool charset_push(Charset *charset, Str bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool charset_finish(Charset *charset, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The set that is read; what it will be is not known before a few bytes came. */
const char *charset_name(const Charset *charset);
/* Bytes that were not of the set; each run of them that began one character became one U+FFFD. */
uint64_t charset_replaced_count(const Charset *charset);
