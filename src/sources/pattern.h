/*
 * Pattern: a regular expression of a definition, matched within bounds.
 *
 * Perl's syntax, by PCRE2. Texts come from partners, so that each search may take only so many steps and so much memory:
 * a pattern that runs away on some text costs that one value, never the search.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct Pattern Pattern;

typedef enum {
    PATTERN_FOUND,
    PATTERN_NOT_FOUND,
    PATTERN_GAVE_UP, /* a bound was reached */
} PatternResult;

/* Compiles; all memory is of arena. INVALID with the place of the mistake. */
Pattern *pattern_new(Str text, Arena *arena, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Groups in parentheses. */
size_t pattern_group_count(const Pattern *pattern);
/* Whether a replacement names only groups that are there. INVALID with what is wrong. */
bool pattern_check_replacement(const Pattern *pattern, Str replacement, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The first match's group (0: the whole match), a slice of text; absent when that group took no part in it. */
PatternResult pattern_find(const Pattern *pattern, Str text, size_t group, Str *ret_found);
/* All matches replaced; $1 or ${1} stands for a group, $$ for a dollar. */
PatternResult pattern_replace(const Pattern *pattern, Str text, Str replacement, Arena *arena, Str *ret_text);
