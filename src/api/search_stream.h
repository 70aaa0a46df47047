/*
 * GET /v1/search as a stream: listings as sources answer, then their order.
 *
 *     search ──> listing, source, listing, ... ──> done        each an event (event_format.h)
 *
 * Who goes away, or takes too little, ends the search. Nothing of it is compressed, so that each event goes out at once.
 */
#pragma once

#include "api/event_format.h"
#include "api/routes.h"
#include "search/query.h"

/* What the client would rather have, by its Accept header: one JSON answer, or a stream, and of which format. False when
 * it has been answered: it takes none of them, or it lost a connection on which it had got everything (204, after which
 * an EventSource asks no more). */
bool search_stream_negotiate(HttpExchange *exchange, bool *ret_streams, EventFormat *ret_format);
/* Answers with a stream, or with what is wrong. */
void search_stream_start(Api *api, HttpExchange *exchange, const SearchQuery *query, EventFormat format);
