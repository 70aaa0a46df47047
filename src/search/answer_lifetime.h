/*
 * Answer lifetime: how long which answer may be kept. A rule without I/O.
 *
 *     the partner's terms say        their times, whatever the answer's headers say: many frameworks send no-store by
 *                                    themselves, and the terms were read by a person
 *     the terms say nothing          the configuration's times, for the same visitor only, and never longer than the
 *                                    answer's Cache-Control allows (RFC 9111: no-store, no-cache, private, max-age)
 *     the partner's prices hold      no longer than that, since nobody is shown a listing whose clicks are not paid
 *     the stored listings            the configuration's times
 *     an empty answer                a short while, at most as long as a full one; not beyond
 *     a failure                      a moment, where an answer could have been kept at all
 */
#pragma once

#include "search/answer_cache.h"

/* What the configuration says. All 0: only what terms allow is kept, and only full answers. */
typedef struct {
    AnswerLifetime unsaid; /* of sources whose terms say nothing of it */
    AnswerLifetime index;  /* of the stored listings */
    int64_t empty_us, failure_us;
} CacheRule;

/* source: NULL for the stored listings. The reply is complete. */
AnswerLifetime answer_lifetime(const CacheRule *rule, const Source *source, const SourceReply *reply);
/* Whether an answer that comes may be kept at all, as far as is known before. */
bool answer_may_be_kept(const CacheRule *rule, const Source *source);
/* Whether visitors share its answers, and not only one's own searches: the terms allow it, or they are stored
 * listings. */
bool answer_is_for_all(const Source *source);
/* What makes questions to a source equal (NULL: to the stored listings, of the sources in names). In arena. */
Str answer_key(const Source *source, StrList names, Str query_key, const Question *question, Arena *arena);
