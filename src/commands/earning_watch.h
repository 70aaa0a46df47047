/*
 * Earning watch: a thread that tells the search engine now and then what clicks earned of late.
 *
 * Searches never wait for the database: with it away they go on with what was told last, and, before that, with bids.
 */
#pragma once

#include "base/clock.h"
#include "search/engine.h"

typedef struct EarningWatch EarningWatch;
/* Everything must outlive the watch. */
EarningWatch *earning_watch_start(const char *database_url, const Clock *clock, SearchEngine *engine);
/* NULL is allowed. */
void earning_watch_stop(EarningWatch *watch);
