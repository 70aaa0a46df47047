/*
 * At once: a search that was just asked, and of which nothing has changed since, is answered where it arrives.
 */
#pragma once

#include "search/shard.h"

/* Answers when the shard has a first page that is good for the search: done is called before this returns, and moved before
 * that where there is one. False when it has none. From any thread. */
bool search_answer_at_once(SearchShard *shard, const SearchAsk *ask);
