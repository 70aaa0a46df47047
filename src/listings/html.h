/*
 * HTML from strangers: made safe to be shown, and what that and text_of_html() read it by.
 */
#pragma once

#include "base/arena.h"

/* Only what gives a text its form stays: paragraphs, lists, headings, emphasis, tables, and links to http, https and
 * mailto with rel="nofollow noopener". Every other tag goes and its text stays; of script, style and the like both go.
 * No attribute but a link's target stays. What was opened is closed; what is no tag is escaped. */
Str html_sanitise(Arena *arena, Str html);

/* What was learned of a text while its tags were read from the front: what is not there need not be looked for again. */
typedef struct {
    bool none_closes;     /* no '>' is left: nothing begins a tag any more */
    unsigned open_quotes; /* tags whose quotes led to the end of the text */
} HtmlTags;
/* The size of the tag at the front including its '>', minding quotes, but none that is never closed; 0 when there is no
 * '>' at all. Where quotes led to the end of the text too often, no tag behind minds them: a text of such tags would be
 * read once for each. tags: begins as {0}. */
size_t html_tag_size(Str text, HtmlTags *tags);
/* Whether what begins with '<' begins a tag, a declaration or a comment, and is not just that sign. */
bool html_starts_tag(Str text);
/* "p" of "</p >". */
Str html_tag_name(Str tag);
/* How much stands before the next end tag of the name; all when there is none. */
size_t html_content_size(Str text, const char *name);
/* The size of the comment at the front; all when it is never closed. */
size_t html_comment_size(Str text);
