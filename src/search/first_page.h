/*
 * First page: what a search came to whose answers were all kept, for whoever asks the same next.
 *
 * Merging and ranking the same answers gives the same list, so it is done once. The list is good as long as each of its
 * answers is the one that is kept, and fresh: any newer one, and any other set of definitions, makes it anew. Visitors
 * share it; whoever turns to page 2 gets a copy to go on with (pages_copy()). What each visitor gets of it is new: the
 * search's id, its tokens, its event.
 */
#pragma once

#include "search/answer_cache.h"
#include "search/present.h"

typedef struct FirstPage FirstPage;

/* One kept answer that it was made of. */
typedef struct {
    Str key;
    SourceReply *reply;
    size_t row; /* of the outcomes; SIZE_MAX: of all whose listings are stored */
} FirstPageUse;

/* Everything is copied; replies are referenced. From now on the pages are not to be changed. */
void first_page_make(Pages *pages, const RowOutcome *rows, size_t row_count, const FirstPageUse *uses,
                     size_t use_count);
void first_page_free(FirstPage *first);
/* Of the listing at that place of the list, if it is on the page itself; else NULL. */
Rendering *first_page_rendering(const Pages *pages, size_t at);
/* The rows as they are now, in arena; NULL when one of the answers is not the kept one any more, or not fresh. Each look
 * counts as one at the answer. */
RowOutcome *first_page_rows(const Pages *pages, AnswerCache *cache, int64_t now_us, Metrics *metrics, Arena *arena,
                            size_t *ret_count);
