/*
 * Posting as JSON: the members that the networks which answer in JSON write alike.
 */
#pragma once

#include "base/json_writer.h"
#include "sandbox/call.h"

#define SEARCH_PAGES_MAX 10000

/* One answer being written. */
typedef struct {
    const Call *call;
    JsonWriter *json;
} PostingJson;

/* A member with the text of one of the posting_append_* functions. */
void posting_json_text(JsonWriter *json, const char *key, const Posting *posting,
                       void (*append)(const Posting *, GString *));
/* The same within an object: "company": {"display_name": ...} */
void posting_json_object(JsonWriter *json, const char *key, const char *inner, const Posting *posting,
                         void (*append)(const Posting *, GString *));
void posting_json_moment(JsonWriter *json, const char *key, int64_t us, const char *format);
void posting_json_click_url(const PostingJson *page, const char *key, const Posting *posting);
/* The network's id of the listing, as text. */
void posting_json_id(const PostingJson *page, const char *key, const Posting *posting);
