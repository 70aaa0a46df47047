/*
 * Choose: which sources are worth asking a question, when not all can be. A rule without I/O but for the chance that it is
 * handed.
 *
 *     score = in time x new x fit x (1 + value) x room, each in thousandths
 *
 * The best are asked, as many as the mode asks at most. A source that hardly ever answers before the deadline is not. Now
 * and then one of those that are left out is asked nevertheless, rather one of which little is known: otherwise what was
 * believed of it once would never be found wrong.
 */
#pragma once

#include "base/random.h"
#include "search/learned.h"

/* One search in so many asks one source more, to learn of it. */
#define EXPLORE_ONE_IN 20
/* Below this many thousandths of answers in time a source is too slow for the deadline, when so many calls say so. */
#define IN_TIME_LEAST 100
#define IN_TIME_CALLS 20

/* asked, heeded: sets of QuestionWord; room: what is left of its tightest limit, 0 to 1. */
SourceScore source_score(const SourceBelief *belief, int64_t timeout_us, unsigned asked, unsigned heeded, double room);

typedef enum { CHOICE_ASK, CHOICE_EXPLORE, CHOICE_TOO_SLOW, CHOICE_OTHERS } Choice;
/* limit: how many are asked at most. Equal scores: the earlier goes first. */
void choose_sources(const SourceScore *scores, size_t count, size_t limit, Random *random, Choice *ret_choices);
