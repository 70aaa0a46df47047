/*
 * Source reply: what one source said to one question, growing while it arrives and fixed afterwards.
 *
 * Owns its listings. Searches, cache and pages hold references to the same reply, so that nothing is copied. Belongs
 * to one thread at a time; others may look at the listings of one that its thread keeps for them (first_page.h).
 */
#pragma once

#include "search/answer.h"

typedef struct {
    unsigned refs;
    Arena *arena;
    GPtrArray *listings; /* of Listing, in order of arrival: appended to, or replaced by itself with more detail */
    SourceStatus status; /* SOURCE_PENDING while it arrives */
    Str reason;          /* empty for an answer */
    bool held;           /* of SOURCE_SKIPPED: for a reason that passes, so that the search is not whole */
    int64_t took_us;
    int64_t keep_limit_us; /* what the answer's Cache-Control allows, 0: not to be kept; -1: it says nothing */
    bool may_pass;         /* of a failure: asked again at once, it may well be answered */
    AttemptLog attempts;   /* the calls that it took */
    int64_t shared_ttl_us; /* another process had it, and so long it was still fresh when it came; 0: asked by us */
    bool is_kept;          /* it is the one that the cache keeps; atomic, like the next one */
    bool was_found;        /* since the cache looked last, by somebody who does not ask the cache */
    bool has_next;         /* there is another page, asked for as next */
    Question next;
} SourceReply;

SourceReply *source_reply_new(void);
SourceReply *source_reply_ref(SourceReply *reply);
void source_reply_unref(SourceReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SourceReply, source_reply_unref)

/* Whether a listing can be shown: it has a URL, and a click token can hold it. */
bool source_reply_takes(const Listing *listing);
/* Copies a listing into the reply. */
void source_reply_add(SourceReply *reply, const Listing *listing);
/* Puts a copy in the place of one that is there; whoever has the old one may go on looking at it. */
void source_reply_replace(SourceReply *reply, size_t i, const Listing *listing);
/* Of a reply that somebody keeps, from any thread: whether the cache would still give it (while it is fresh), and that it was
 * used as if the cache had given it. */
bool source_reply_is_kept(const SourceReply *reply);
void source_reply_note_found(SourceReply *reply);
/* Memory it holds. */
size_t source_reply_bytes(const SourceReply *reply);
/* A question with all its texts in arena. */
Question question_copy(Arena *arena, const Question *question);
