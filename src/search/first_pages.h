/*
 * First pages: those of one shard, found from any thread, so that a search that was just asked is answered where it arrives.
 *
 * The shard's thread alone puts pages in and frees them; whoever finds one uses it until he leaves it. So that a visitor's
 * page 2 goes on from the page 1 that he got elsewhere, who got which is noted here, and remembered by the shard before it
 * looks for pages.
 */
#pragma once

#include "search/first_page.h"

typedef struct FirstPages FirstPages;

FirstPages *first_pages_new(size_t limit_bytes);
/* When nobody uses any of them. */
void first_pages_free(FirstPages *pages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FirstPages, first_pages_free)

/* NULL when there is none. To be left with first_page_leave(). */
FirstPage *first_pages_find(FirstPages *pages, Str key);
/* Puts one in the place of what was there, and lets the oldest go beyond the bound. Takes page. On the shard's thread. */
void first_pages_keep(FirstPages *pages, Str key, FirstPage *page);
/* A visitor, by the key of his pages, was shown the page, which is in use. True when many were since they were remembered
 * last: it is time. */
bool first_pages_note_shown(FirstPages *pages, Str visitor_key, FirstPage *page) G_GNUC_WARN_UNUSED_RESULT;
/* Puts what was noted where it is looked for. On the shard's thread. */
void first_pages_remember(FirstPages *pages, PageStore *store);
