/*
 * The request of a draft, from the URL that lists come from: words of its query become placeholders, what looks like a
 * key becomes a secret, the rest stays as it is.
 *
 *     https://api.example.com/jobs?q=nurse&page=2&api_key=abc
 *         q: "{keywords}"    page: "{page}"    api_key: ${ACME_API_KEY}, and secrets: [ACME_API_KEY]
 */
#pragma once

#include "drafting/draft.h"

typedef struct {
    const char *url;           /* without its query, braces doubled */
    GPtrArray *names, *values; /* of the query; in the arena */
    GPtrArray *secrets;
    bool has_keywords, has_page, has_offset, has_cursor;
    int64_t size;  /* of a page, as the URL has it; 0: not said */
    int64_t first; /* page or offset; -1: not said */
} DraftRequest;

void draft_request_init(DraftRequest *request, const DraftSpec *spec, Arena *arena);
void draft_request_clear(DraftRequest *request);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DraftRequest, draft_request_clear)
/* "https://api.example.com": of the URL, or an example's. */
const char *draft_request_origin(const DraftSpec *spec, Arena *arena);
