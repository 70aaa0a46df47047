/* Scan: how much of a text needs no work. Most of what partners write is plain, and what is plain is passed over many
 * bytes at a time and copied in one go, or not at all. */
#pragma once

#include "base/str.h"

/* The size of the ASCII words at the front, with single blanks between them. */
size_t scan_words(Str text);
/* The same in HTML: words of any script, up to a tag or an entity. */
size_t scan_html_words(Str html);
/* The size of the ASCII at the front. */
size_t scan_ascii(Str text);
/* Appends the ASCII at the front, folded (text_fold()), to the *size bytes that to holds already; returns how much of text
 * that was. A byte more may be written than it comes to. */
size_t scan_fold_ascii(char *to, size_t *size, Str text);
/* The offset of character number index, counted from 0; text.size when there are fewer. */
size_t scan_character(Str text, size_t index);
