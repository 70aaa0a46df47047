/*
 * Reply cache: answers of partners that may be kept, and calls under way that may be shared.
 *
 *     find ──> kept reply                        (as long as the source's definition allows, within a bound of bytes)
 *     call ──> call under way for that key, or a new one, whose reply is kept if it is an answer
 *
 * One for each shard and used on its thread only: the engine sends equal questions to one shard, so nothing is locked.
 */
#pragma once

#include "search/call.h"

typedef struct ReplyCache ReplyCache;

/* context must outlive the cache. */
ReplyCache *reply_cache_new(const CallContext *context, size_t limit_bytes);
/* No call may be under way. */
void reply_cache_free(ReplyCache *cache);

/* What makes questions to this source equal. Where answers may not be kept, only one visitor's are. In arena. */
Str reply_cache_key(const Source *source, Str query_key, const Question *question, Arena *arena);
/* A kept reply, referenced for the caller; NULL when there is none or it is too old. */
SourceReply *reply_cache_find(ReplyCache *cache, Str key);
/* Joins the call under way for key or starts one. ret_shared: it was under way. Errors of source_call_start(). */
SourceCall *reply_cache_call(ReplyCache *cache, Str key, SourceSet *set, const Source *source, const Question *question,
                             bool *ret_shared, GError **error) G_GNUC_WARN_UNUSED_RESULT;
