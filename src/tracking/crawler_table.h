/*
 * Crawler table: the user agents of crawlers, written at build time from npm's crawler-user-agents (kept by others).
 * Each ends with NULL.
 */
#pragma once

#include <stddef.h>

extern const char *const CRAWLER_TEXTS[];      /* a crawler's user agent contains one of these, */
extern const char *const CRAWLER_BEGINNINGS[]; /* or begins with one of these, */
extern const char *const CRAWLER_REGEXES[];    /* or matches one of these */
