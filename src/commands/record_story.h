/*
 * Record story: what becomes of one record of an answer, field by field and transform by transform, and why a field stays
 * empty. Secrets are hidden.
 */
#pragma once

#include "base/json_writer.h"
#include "sources/explain.h"

typedef struct RecordStory RecordStory;

/* number: which record of the answer, from 1. Texts are kept in arena, which outlives it. */
RecordStory *record_story_new(const Operation *operation, uint64_t number, Arena *arena);
void record_story_free(RecordStory *story);

/* Before the answer's first bytes. */
void record_story_follow(RecordStory *story, Answer *answer);
/* What the record became; NULL when it is none, or was dropped. */
const Listing *record_story_listing(const RecordStory *story);
/* The end: as a table, and as one JSON object. */
void record_story_print(const RecordStory *story);
void record_story_write(const RecordStory *story, JsonWriter *json);
