/*
 * Cache status: what the cache did for an answer, in the words of RFC 9211. Pure.
 *
 *     weir; hit; ttl=540                      all was kept; the first of it is no longer fresh in nine minutes
 *     weir; hit; ttl=-20; detail=stale        the same, but some of it is stale; newer is being fetched
 *     weir; hit; detail=page                  a page of an earlier search
 *     weir; fwd=uri-miss; collapsed           sources were asked; other searches had asked them the same already
 *     weir; fwd=partial; detail="3 of 10"     three of ten sources' answers were kept
 *
 * Sources stand in the answer each with a status of its own.
 */
#pragma once

#include "search/answer.h"

/* The value of a Cache-Status header, in arena. */
Str cache_status_write(const SearchAnswer *answer, Arena *arena);
