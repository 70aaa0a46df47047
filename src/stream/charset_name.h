/*
 * Names of character sets: which one bytes and labels tell. Functions without state, for charset.c.
 */
#pragma once

#include "base/str.h"

extern const char CHARSET_UTF8[];
extern const char CHARSET_LATIN[]; /* windows-1252 */

/* The name under which a set is read: CHARSET_UTF8 also for ASCII, CHARSET_LATIN also for ISO-8859-1. May be name. */
const char *charset_canonical_name(const char *name);
/* Bytes of the smallest character. */
size_t charset_unit_bytes(const char *name);
/* Names only: what else iconv takes, as //IGNORE, is not for partners. */
bool charset_is_known(const char *name);

/* The set that a byte order mark names, and the size of the mark; NULL without one. */
const char *charset_of_mark(Str head, size_t *ret_size);
/* The one that zeros among the first characters betray; NULL when they don't. */
#define CHARSET_ZEROS_BYTES 4
const char *charset_of_zeros(Str head);
/* The encoding in an XML declaration; NULL without one. Freed by g_free(). */
char *charset_of_declaration(Str head);
