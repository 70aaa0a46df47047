/*
 * Crawler table: patterns of crawlers' user agents, written at build time from npm's crawler-user-agents (kept by others).
 */
#pragma once

extern const char CRAWLER_LIST_VERSION[];    /* "1.60.0" */
extern const char *const CRAWLER_PATTERNS[]; /* regular expressions, found anywhere in a user agent; ends with NULL */
