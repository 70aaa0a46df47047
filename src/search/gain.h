/*
 * Gain: what waiting longer is expected to bring, from what was learned of the sources that are waited for. Rules without
 * I/O, in doubles: nothing of it is booked.
 *
 *     gain(t, T) = sum over the sources that have not answered:
 *                  P(answers before T | has not after t) x new listings of its answers x their weight
 *
 * Waiting is measured in how much longer a search takes, not in seconds: who has waited 100 ms notices 20 more, who has
 * waited two seconds does not. A mode asks for so much more, for each time that the search would take e times as long:
 *
 *     waiting from t to T is worth it when   gain(t, T) > demand x what is there x ln(T / t)
 *
 * T is at least 2 t: what comes sooner counts as if it took so long. Where a slow call gets a second one beside it
 * (attempts.h), P is that of the first answer of both.
 *
 * What a search may cost is planned before it starts: the plan ends where waiting is not expected to be worth it any more.
 * While it runs, the same is asked of those that are still missing. Before the plan's end the demand is a part of what it
 * is at it, so that a little less than expected does not end a search at once; after it the demand rises steeply, so that
 * how long a search takes is known within some percent, unless next to nothing has come.
 */
#pragma once

#include "search/latency.h"

/* One source that is waited for. */
typedef struct {
    LatencyCurve curve; /* of all the calls that will be made for it */
    double gain;        /* expected of its answer: new listings x weight */
} Awaited;

/* When a search that has `have` at its start should end, if everything goes as expected: at most limit_us, which is the
 * answer for a demand of 0. */
int64_t gain_plan_us(const Awaited *const *awaited, size_t count, double have, double demand, int64_t limit_us);
/* Whether it is worth to wait on at that moment of a search with that plan. Always, when nothing is there. */
bool gain_is_worth_it(const Awaited *const *awaited, size_t count, double have, double demand, int64_t now_us,
                      int64_t plan_us, int64_t limit_us);
/* When that should be asked again if nothing comes until then. */
int64_t gain_look_again_us(int64_t now_us, int64_t plan_us);
