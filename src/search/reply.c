#include "search/reply.h"

#include "tracking/token.h"

#define REPLY_BLOCK_BYTES 8192

SourceReply *
source_reply_new(void)
{
    SourceReply *reply = g_new0(SourceReply, 1);

    reply->refs = 1;
    reply->arena = arena_new(REPLY_BLOCK_BYTES);
    reply->listings = g_ptr_array_new();
    reply->reason = STR("");
    reply->keep_limit_us = -1;
    return reply;
}

SourceReply *
source_reply_ref(SourceReply *reply)
{
    reply->refs++;
    return reply;
}

void
source_reply_unref(SourceReply *reply)
{
    if (reply == NULL || --reply->refs > 0)
        return;
    g_ptr_array_unref(reply->listings);
    arena_free(reply->arena);
    g_free(reply);
}

bool
source_reply_takes(const Listing *listing)
{
    ClickToken token = {.source = listing->source, .listing_id = listing->id, .url = listing->url};

    return !str_is_empty(listing->url) && token_fits(&token);
}

void
source_reply_add(SourceReply *reply, const Listing *listing)
{
    Listing *copy = ARENA_NEW(reply->arena, Listing);

    *copy = listing_copy(reply->arena, listing);
    g_ptr_array_add(reply->listings, copy);
}

void
source_reply_replace(SourceReply *reply, size_t i, const Listing *listing)
{
    Listing *copy = ARENA_NEW(reply->arena, Listing);

    g_assert(i < reply->listings->len);
    *copy = listing_copy(reply->arena, listing);
    reply->listings->pdata[i] = copy;
}

bool
source_reply_is_kept(const SourceReply *reply)
{
    return __atomic_load_n(&reply->is_kept, __ATOMIC_ACQUIRE);
}

void
source_reply_note_found(SourceReply *reply)
{
    /* Written once a round of the cache, so that processors need not pass it to each other all the time. */
    if (!__atomic_load_n(&reply->was_found, __ATOMIC_RELAXED))
        __atomic_store_n(&reply->was_found, true, __ATOMIC_RELAXED);
}

size_t
source_reply_bytes(const SourceReply *reply)
{
    return sizeof(SourceReply) + arena_held_bytes(reply->arena) + reply->listings->len * sizeof(gpointer);
}

Question
question_copy(Arena *arena, const Question *question)
{
    Question copy = *question;

    copy.keywords = arena_str(arena, question->keywords);
    copy.location = arena_str(arena, question->location);
    copy.country = arena_str(arena, question->country);
    copy.company = arena_str(arena, question->company);
    copy.user_ip = arena_str(arena, question->user_ip);
    copy.user_agent = arena_str(arena, question->user_agent);
    copy.page_url = arena_str(arena, question->page_url);
    copy.cursor = arena_str(arena, question->cursor);
    return copy;
}
