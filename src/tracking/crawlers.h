/*
 * Crawlers: is a user agent one of the known programs that follow links without a person?
 *
 * The list's 1,460 texts are looked for in one pass: at each place of the user agent, only those texts that begin with
 * the two bytes found there are compared. Its few real regular expressions are compiled once. Case matters, as in the list.
 */
#pragma once

#include "base/str.h"

/* From any thread. */
bool crawler_is_known(Str user_agent);
