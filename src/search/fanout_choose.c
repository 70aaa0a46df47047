#include "search/fanout_type.h"

#include "search/value.h"

#define PACE_CALLS 20   /* from so many on, what is slow for a source is known */
#define SLOW_SHARE 0.95 /* of its answers come sooner */

/* Of the answers that come at all: what never comes is not what a second call should wait for. */
static AttemptPace
pace_of(const SourceBelief *belief)
{
    double come = latency_within(&belief->curve, INT64_MAX);
    AttemptPace pace = {.usual_us = latency_quantile_us(&belief->curve, come / 2)};

    if (belief->calls >= PACE_CALLS)
        pace.slow_us = MAX(latency_quantile_us(&belief->curve, come * SLOW_SHARE), ATTEMPT_SLOW_LEAST_US);
    return pace;
}

/* A second call beside a slow one makes waiting worth more, where one will be made: a budget or a limit that refuses it
 * then is the exception. */
static LatencyCurve
curve_of_calls(const Search *search, const Source *source, const SourceBelief *belief, const AttemptPace *pace)
{
    if (pace->slow_us == 0 || operation_repeat(source_search(source)) != REPEAT_HEDGE ||
        pace->usual_us > search->rule.timeout_us - pace->slow_us)
        return belief->curve;
    return latency_curve_of_two(&belief->curve, pace->slow_us);
}

/* source: NULL for the stored listings. */
static SourceBelief
believe(const Search *search, size_t place, const Source *source)
{
    const char *name = source == NULL ? LEARNED_INDEX : source_name(source);
    const SourceBelief belief = learned_belief(search->shard->context.learned, name, search->started_at_us);
    double weight = 1 + click_weight(belief.value);
    Candidate *candidate = &search->candidates[place];

    if (source != NULL)
        candidate->pace = pace_of(&belief);
    candidate->awaited = (Awaited){
        .curve = source == NULL ? belief.curve : curve_of_calls(search, source, &belief, &candidate->pace),
        .gain = belief.share_new * (double)search->query.per_page * weight,
    };
    candidate->weight = weight;
    return belief;
}

/* ---- choosing ---- */

/* What is not asked leaves the answer whole: it is our choice, and no trouble of the source. */
static void
apply(Search *search, size_t i, Choice choice)
{
    RowOutcome *outcome = &search->outcomes[i];

    if (choice == CHOICE_EXPLORE)
        outcome->explored = true;
    else if (choice == CHOICE_TOO_SLOW)
        search_outcome_skip(outcome, arena_printf(search->arena, "hardly ever answers within %" G_GINT64_FORMAT " ms",
                                                  search->rule.timeout_us / US_PER_MS));
    else if (choice == CHOICE_OTHERS)
        search_outcome_skip(outcome,
                            arena_printf(search->arena, "others are worth more, and %s asks %zu",
                                         search_mode_name((SearchMode)search->query.mode), search->rule.sources_limit));
}

static SourceScore
score(Search *search, size_t i)
{
    const SearchEngineSpec *spec = search->shard->spec;
    const Source *source = search->plan.rows[i].source;
    const SourceBelief belief = believe(search, i, source);
    double room = source_limits_room(spec->exchange->limits, source, clock_monotonic_us(spec->clock));
    SourceScore result = source_score(&belief, search->rule.timeout_us, search_query_words(&search->query),
                                      operation_heeds(source_search(source)), room);

    search->outcomes[i].score = result;
    search->outcomes[i].scored = true;
    return result;
}

void
search_explain(Search *search)
{
    for (size_t i = 0; i < search->plan.count; i++)
        if (!search->outcomes[i].scored &&
            (search->plan.rows[i].way == PLAN_ASK || search->plan.rows[i].way == PLAN_HELD))
            score(search, i);
}

void
search_choose(Search *search)
{
    SourceScore *scores = ARENA_ARRAY(search->arena, SourceScore, MAX(search->plan.count, 1));
    Choice *choices = ARENA_ARRAY(search->arena, Choice, MAX(search->plan.count, 1));
    size_t limit = search->rule.sources_limit, kept = search->wait_count, count = 0;

    for (size_t i = 0; i < search->plan.count; i++)
        if (search_row_is_open(search, i, PLAN_ASK))
            scores[count++] = score(search, i);
    choose_sources(scores, count, limit == 0 ? SIZE_MAX : limit - MIN(kept, limit), search->shard->spec->random,
                   choices);
    for (size_t i = search->plan.count; i-- > 0;)
        if (search_row_is_open(search, i, PLAN_ASK))
            apply(search, i, choices[--count]);
}

/* ---- what is expected ---- */

Progress
search_expect(Search *search)
{
    Progress progress = search->progress;
    size_t count = 0;
    bool index = false;

    for (size_t i = 0; i < search->plan.count; i++) {
        if (search_row_is_open(search, i, PLAN_ASK))
            search->awaited[count++] = &search->candidates[i].awaited;
        index = index || search_row_is_open(search, i, PLAN_INDEX);
    }
    if (index) {
        believe(search, search->plan.count, NULL);
        search->awaited[count++] = &search->candidates[search->plan.count].awaited;
    }
    for (size_t i = 0; i < count; i++)
        progress.weight_asked += search->awaited[i]->gain;
    progress.asked += count;
    return progress;
}
