/*
 * Crawler table: the user agents of crawlers, written at build time from npm's crawler-user-agents (kept by others).
 * Both end with NULL.
 */
#pragma once

#include <stddef.h>

extern const char *const CRAWLER_TEXTS[];   /* a crawler's user agent contains one of these */
extern const char *const CRAWLER_REGEXES[]; /* or matches one of these */
