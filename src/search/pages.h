/*
 * Pages: what one visitor's question has brought so far, so that page 2 neither repeats page 1 nor skips anything.
 *
 *     page 1:  [ shown | remainder .................... ]      a list that is only ever appended to: what stands on a
 *     page 2:  [ shown | shown | remainder | new ...... ]      page never moves
 *
 * When the remainder does not fill a page, each source is asked for the page after its last one; a source that was late
 * for page 1 is asked for its page 1. Kept for a while, within a bound of bytes. Whoever has a cursor (page_cursor.h) gets
 * the page that follows on what he was shown, also when they are not kept as he saw them: then they begin anew, without
 * that. A page that is asked for by its number goes on from what the same visitor asked for last; when that is not kept
 * any more, it is asked of the partners by that number. On one shard's thread.
 */
#pragma once

#include "search/merge.h"
#include "search/page_cursor.h"
#include "search/reply.h"

/* How far one source was read. Absent: not at all. */
typedef struct {
    const Source *source;
    Question next;
    bool exhausted;
} SourceProgress;

typedef struct Pages Pages;
struct Pages {
    unsigned refs;
    bool is_shared;     /* many visitors' first page (first_page.h), which is not changed any more */
    Pages *copied_from; /* keeps what is in its arena; NULL: no copy */
    SourceSet *set;
    Arena *arena;
    GArray *list;       /* of Merged, in the order of showing */
    GPtrArray *replies; /* of SourceReply: own the listings */
    GArray *progress;   /* of SourceProgress */
    GArray *ends;       /* of size_t: where each page that was shown ends in list; it may be a short one */
    SeenKeys *seen;
    Id id;               /* of the search that began them */
    int64_t first_page;  /* where list begins */
    int64_t source_page; /* of what sources are asked that were not read yet */
    GArray *shown;       /* of ShownKeys: what was shown before list begins */
    bool spent;          /* nobody who was asked last time had anything, not even what was shown before */
    bool unread;         /* a source was asked last time and did not answer in full */
    size_t bytes;
    unsigned kept;     /* how often it is in its store, */
    size_t kept_bytes; /* where it is counted with so much */
};

Pages *pages_new(SourceSet *set, Id id, int64_t first_page);
Pages *pages_ref(Pages *pages);
void pages_unref(Pages *pages);
/* The same list, to be gone on with by the search of that id. */
Pages *pages_copy(Pages *pages, Id id);
/* Those of the cursor anew, from the page on that it asks for. */
Pages *pages_rebuild(SourceSet *set, const PageCursor *cursor);
/* Whether what they have shown before the page that the cursor asks for is what the cursor says: another process may have
 * made some of those pages. arena: for what is compared. */
bool pages_lead_to(const Pages *pages, const PageCursor *cursor, Arena *arena);
/* What was shown up to the end of a page, in arena. */
const ShownKeys *pages_shown_keys(const Pages *pages, size_t end, size_t *ret_count, Arena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pages, pages_unref)

/* NULL when the source was not read yet. */
const SourceProgress *pages_progress(const Pages *pages, const Source *source);
/* Keeps a reply, and with it its listings, alive. */
void pages_keep_reply(Pages *pages, SourceReply *reply);
/* Notes how far a source is read, if the reply is an answer. */
void pages_note_read(Pages *pages, const Source *source, const SourceReply *reply);
void pages_append(Pages *pages, const Merged *merged, size_t count);
/* How many of the list the pages that were shown have: what follows may still be put into another order. */
size_t pages_shown(const Pages *pages);
/* Where a page begins in list, which may not be as long yet. */
size_t pages_begin(const Pages *pages, int64_t page, int64_t per_page);
/* Where the listings of a page begin and end in list; begin == end for none. A page follows the end of the one before
 * as it was shown. */
void pages_slice(const Pages *pages, int64_t page, int64_t per_page, size_t *ret_begin, size_t *ret_end);
/* Whether all of a page is there without asking anybody. */
bool pages_have(const Pages *pages, int64_t page, int64_t per_page);
/* The page is shown now: it will not change any more. */
void pages_fix(Pages *pages, int64_t page, int64_t per_page);
/* Whether there is, or may be, a page after this one: after an empty one only when what came
 * was all shown before, or is late. */
bool pages_have_more(const Pages *pages, int64_t page, int64_t per_page);

typedef struct PageStore PageStore;
PageStore *page_store_new(const Clock *clock, size_t limit_bytes, int64_t lifetime_us);
void page_store_free(PageStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PageStore, page_store_free)
/* Referenced for the caller; NULL when there are none for key, or they are too old. */
Pages *page_store_find(PageStore *store, Str key);
/* The key by which a cursor finds them, in arena. */
Str page_store_key(Id id, Arena *arena);
/* Replaces what was there for key, and forgets the longest untouched ones beyond the bound. Pages that are
 * kept under several keys are counted once. */
void page_store_keep(PageStore *store, Str key, Pages *pages);
