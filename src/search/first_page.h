/*
 * First page: what a search came to whose answers were all kept, for whoever asks the same next.
 *
 * Merging and ranking the same answers gives the same list, so it is done once, and so is all that follows from the list:
 * what its links offer, what the record says of it. It is good as long as each of the answers is the one that is kept, and
 * fresh, and its prices hold: any newer one, any other set of definitions and any other key of tokens makes it anew. What each visitor gets of it
 * is new: the search's id, its stamps on the links, its event.
 *
 * Made on a shard's thread and never changed, but for what is made of it by whoever writes answers; read from any thread.
 */
#pragma once

#include "search/present.h"

typedef struct FirstPage FirstPage;

/* One kept answer that it was made of. */
typedef struct {
    SourceReply *reply;
    int64_t ttl_us; /* how long it is still fresh */
    size_t row;     /* of the answer's sources; SIZE_MAX: of all whose listings are stored */
} FirstPageUse;

typedef struct {
    Id id;                      /* in the records */
    Pages *pages;               /* is not to be changed any more */
    const SearchAnswer *answer; /* the one that it is made of; copied */
    const TokenKeyRing *keys;   /* its links were made with */
    const RowOutcome *rows;     /* one for each of its sources */
    const FirstPageUse *uses;   /* copied; replies are referenced */
    size_t use_count;
    bool goes_on;     /* there is, or may be, a second page */
    int64_t now_us;   /* monotonic */
    int64_t until_us; /* it is good no longer than that */
} FirstPageSpec;

FirstPage *first_page_new(const FirstPageSpec *spec);
/* On the shard's thread, when nobody uses it. */
void first_page_free(FirstPage *page);
/* From any thread. A new user comes by another who uses it still, or by first_pages_find(). */
FirstPage *first_page_use(FirstPage *page);
void first_page_leave(FirstPage *page);
bool first_page_is_used(FirstPage *page);
/* An estimate of the memory that it takes, replies included. */
size_t first_page_bytes(const FirstPage *page);
/* Whether the same search would come to it now. now_us: monotonic. */
bool first_page_is_good(const FirstPage *page, const SourceSet *set, const TokenKeyRing *keys, int64_t now_us);
/* The answer to one more search of that id and moment; listings, sources and their texts are in arena, or the page's. */
SearchAnswer first_page_answer(FirstPage *page, const SearchQuery *query, Id search_id, int64_t at_us, int64_t now_us,
                               Arena *arena);
/* How the events of searches that show it name it. */
RecordedPage first_page_record(const FirstPage *page);
/* Each answer with it looks at so many kept answers, of which so many are of stored listings. */
void first_page_count(const FirstPage *page, Metrics *metrics);
/* To be gone on with by pages_copy(); NULL when there is no second page. On the shard's thread. */
Pages *first_page_pages(FirstPage *page);
