/* UTF-8: looking at bytes that should be text. */
#pragma once

#include "base/str.h"

/* How many bytes from the beginning are whole, valid characters. When it is not all of them, *ret_bad is the number
 * of bytes after those that can never become a character, or 0 when the text ends within one. */
size_t utf8_valid_prefix(Str text, size_t *ret_bad);
/* Appends text with U+FFFD in place of what is not UTF-8. */
void utf8_append_repaired(GString *to, Str text);
/* At most size bytes of valid text, cut between two characters. */
Str utf8_cut(Str text, size_t size);
/* The beginning of text, at most 40 characters, with control characters as blanks: for messages. Freed by g_free(). */
char *utf8_excerpt(Str text);
