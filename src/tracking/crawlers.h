/*
 * Crawlers: is a user agent one of the known programs that follow links without a person, or shows what is behind one?
 *
 * The first list is npm's crawler-user-agents (crawler_table.h), in which case matters. It knows some apps by the name that
 * the app also gives to the browser within it, in which people click: these count where they begin the user agent only, as
 * a browser's begins with Mozilla. The second is ours, of programs whose own documentation names them.
 */
#pragma once

#include "base/str.h"

/* From any thread. */
bool crawler_is_known(Str user_agent);
/* Fetches a link to show what is behind it. folded: the user agent in lower case. */
bool crawler_is_preview(Str folded);
/* Of the first list. */
size_t crawler_pattern_count(void);
const char *crawler_list_version(void);
