/*
 * HTML from strangers, made safe to be shown.
 */
#pragma once

#include "base/arena.h"

/* Only what gives a text its form stays: paragraphs, lists, headings, emphasis, tables, and links to http, https and
 * mailto with rel="nofollow noopener". Every other tag goes and its text stays; of script, style and the like both go.
 * No attribute but a link's target stays. What was opened is closed; what is no tag is escaped. */
Str html_sanitise(Arena *arena, Str html);

/* The size of the tag at the front including its '>', minding quotes, but none that is never closed; 0 when there is no
 * '>' at all. */
size_t html_tag_size(Str text);
