/*
 * CORS: pages of which other origins may read our answers (the Fetch standard). By default none may.
 */
#pragma once

#include "net/http_server.h"

/* Whether text is what a browser calls an origin: "https://host" or "http://host:port", without anything behind; or "*",
 * which stands for every one. */
bool cors_origin_is_valid(Str text);
/* Whether one of origins, which ends with NULL or is NULL, is it. */
bool cors_allows(const char *const *origins, Str origin);

/* Adds what lets the page that asks read the answer, when it may. */
void cors_mark(const char *const *origins, HttpExchange *exchange);
/* Answers the question that a browser asks before a request; false when it is not that, or of a page that may not. */
bool cors_answers_preflight(const char *const *origins, HttpExchange *exchange);
