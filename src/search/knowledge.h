/*
 * Knowledge: what searches have found out of each source - how soon it answers, what it adds, what it bears, whether it
 * rests - in a file, so that a restart does not begin with guesses.
 *
 *     knowledge_save():  learned.h and health.h ──> bytes ──> a file, replaced as a whole
 *     knowledge_load():  the same back, when an engine starts; what is old weighs less
 *
 * The file begins with a line that names the version, then a hash of the rest. Everything in it is bounded. One that
 * is cut off, altered or of another version is not read at all: searches then begin as if there were none.
 */
#pragma once

#include "search/health.h"
#include "search/learned.h"
#include "tracking/bytes.h"

#define KNOWLEDGE_SOURCES_LIMIT 10000
#define KNOWLEDGE_FILE_LIMIT    ((size_t)64 << 20) /* bytes */

/* BROKEN when the disk takes nothing. */
bool knowledge_save(Learned *learned, SourceHealth *health, const Clock *clock, const char *path,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Into those of which nothing is known yet. NOT_FOUND without a file, INVALID when it can't be read: nothing is known
 * then. */
bool knowledge_load(Learned *learned, SourceHealth *health, const Clock *clock, const char *path,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For what writes and reads the parts: which share of what was known is believed after so long, 0 to 1. */
double knowledge_left(int64_t age_us, int64_t half_life_us);
/* How many sources follow, and the name of one: checked. */
uint64_t knowledge_get_count(BytesReader *from);
Str knowledge_get_name(BytesReader *from);
