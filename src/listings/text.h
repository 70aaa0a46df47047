/*
 * Text as partners write it, made readable: tags and entities out, blanks folded, words compared.
 */
#pragma once

#include "base/arena.h"

/* Entities decoded once (named of HTML 5's common ones, decimal, hexadecimal); unknown ones stay. */
Str text_decode_entities(Arena *arena, Str text);
/* Plain text of HTML: tags removed (script and style with their content), block ends as line breaks, entities decoded.
 * HTML whose tags are themselves entities ("&lt;p&gt;") is decoded first, twice at most. */
Str text_of_html(Arena *arena, Str html);
/* Runs of white space (NBSP too) as one blank, none at the ends; control characters and "null", "N/A", "None" alone
 * become absent. */
Str text_clean(Arena *arena, Str text);
/* Cleaned, and at most chars characters of it: cut at a word where there is one, with an ellipsis when cut. */
Str text_snippet(Arena *arena, Str text, size_t chars);
/* For comparing: NFKD without accents, lower case, punctuation as blanks, folded. */
Str text_fold(Arena *arena, Str text);
/* Whether word, a folded one, is among the words of folded text; blanks stand between them. */
bool text_has_word(Str folded, Str word);
/* Whether each word of words is one of text's, both folded. */
bool text_has_words(Str text, Str words);
/* Whether text is UTF-8 that was read as Latin-1 and written again ("MecÃ¡nico"), and if so the repaired text. */
bool text_repair_double_utf8(Arena *arena, Str text, Str *ret_repaired);
