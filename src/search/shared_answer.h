/*
 * Shared answer: a kept answer as bytes, for processes that share a store (net/shared_store.h), and back.
 *
 *     "WA" version flags size | deflated: moment, lifetime, status, next page, listings
 *
 * Bytes from a store are bytes from outside: whatever does not fit the version, the bounds or the source is no answer. A
 * change of what stands in them is a new version, which then has keys of its own.
 */
#pragma once

#include "search/answer_lifetime.h"
#include "search/call.h"

#define SHARED_KEY_SIZE 48

/* Whether answers of a source are shared with other processes: those that its terms allow keeping for all visitors. */
bool shared_answer_is_of(const Source *source);
/* The store's key for answer_key(): of fixed length, and nobody reads a question out of it. */
Str shared_answer_key(Str key, char buffer[SHARED_KEY_SIZE]);
/* A complete answer that is fresh for fresh_us from now_us (wall clock) on. */
void shared_answer_write(const SourceReply *reply, int64_t now_us, int64_t fresh_us, GString *to);
/* NULL when the bytes are no answer of this source to the question, or are not fresh any more. ret_fresh_us: how long it
 * still is. */
SourceReply *shared_answer_read(Str bytes, const Source *source, const Question *question, const CallLimits *limits,
                                int64_t now_us, int64_t *ret_fresh_us);
