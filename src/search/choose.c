#include "search/choose.h"

#include "search/value.h"
#include "sources/source.h"

/* What is left of the fit, in per cent, for each word of the question that a source is not told. */
#define FIT_WITHOUT_WORDS_PERCENT  30 /* keywords and location: it answers another question */
#define FIT_WITHOUT_DETAIL_PERCENT 75

/* Above this part of its limits a source is asked as if it had none. */
#define ROOM_ENOUGH 0.2

static int64_t
thousandths(double share)
{
    return (int64_t)(share * 1000 + 0.5);
}

static int64_t
fit_of(unsigned asked, unsigned heeded)
{
    unsigned unheard = asked & ~heeded;
    int64_t fit = 1000;

    for (unsigned word = 1; word < WORDS_ALL; word <<= 1)
        if ((unheard & word) != 0)
            fit = fit *
                  ((word & (WORD_KEYWORDS | WORD_LOCATION)) != 0 ? FIT_WITHOUT_WORDS_PERCENT
                                                                 : FIT_WITHOUT_DETAIL_PERCENT) /
                  100;
    return fit;
}

SourceScore
source_score(const SourceBelief *belief, int64_t timeout_us, unsigned asked, unsigned heeded, double room)
{
    SourceScore score = {
        .in_time = thousandths(latency_within(&belief->curve, timeout_us)),
        .fresh = thousandths(belief->share_new),
        .fit = fit_of(asked, heeded),
        .value = thousandths(click_weight(belief->value)),
        .room = thousandths(MIN(room / ROOM_ENOUGH, 1)),
        .calls = (int64_t)belief->calls,
        .p50_us = latency_quantile_us(&belief->curve, 0.5),
        .p95_us = latency_quantile_us(&belief->curve, 0.95),
    };

    score.score =
        score.in_time * score.fresh / 1000 * score.fit / 1000 * (1000 + score.value) / 1000 * score.room / 1000;
    return score;
}

static bool
is_too_slow(const SourceScore *score)
{
    return score->calls >= IN_TIME_CALLS && score->in_time < IN_TIME_LEAST;
}

/* The best that is not taken yet; count when there is none. */
static size_t
best_left(const SourceScore *scores, const Choice *choices, size_t count)
{
    size_t best = count;

    for (size_t i = 0; i < count; i++)
        if (choices[i] == CHOICE_OTHERS && (best == count || scores[i].score > scores[best].score))
            best = i;
    return best;
}

/* How likely one of those left out is asked nevertheless: the likelier the less is known of it. */
static uint64_t
curiosity(const SourceScore *score, Choice choice)
{
    return choice == CHOICE_ASK ? 0 : 1 + 1000 / (1 + (uint64_t)score->calls);
}

static void
explore(const SourceScore *scores, size_t count, Random *random, Choice *choices)
{
    uint64_t sum = 0, at;

    if (random_below(random, EXPLORE_ONE_IN) != 0)
        return;
    for (size_t i = 0; i < count; i++)
        sum += curiosity(&scores[i], choices[i]);
    if (sum == 0)
        return;
    at = random_below(random, sum);
    for (size_t i = 0; i < count; i++) {
        uint64_t weight = curiosity(&scores[i], choices[i]);

        if (at < weight) {
            choices[i] = CHOICE_EXPLORE;
            return;
        }
        at -= weight;
    }
}

void
choose_sources(const SourceScore *scores, size_t count, size_t limit, Random *random, Choice *ret_choices)
{
    bool all_asked = true;

    for (size_t i = 0; i < count; i++)
        ret_choices[i] = is_too_slow(&scores[i]) ? CHOICE_TOO_SLOW : CHOICE_OTHERS;
    for (size_t taken = 0; taken < limit; taken++) {
        size_t best = best_left(scores, ret_choices, count);

        if (best == count)
            break;
        ret_choices[best] = CHOICE_ASK;
    }
    for (size_t i = 0; i < count; i++)
        all_asked = all_asked && ret_choices[i] == CHOICE_ASK;
    if (!all_asked)
        explore(scores, count, random, ret_choices);
}
