#include "search/stop_rule.h"

typedef struct {
    int64_t timeout_ms, grace_ms;
    size_t pages, sources; /* of the quorum; 0: says nothing */
    unsigned percent;
    double demand;
    size_t asked; /* 0: all */
} ModeRule;

static const ModeRule MODES[] = {
    [SEARCH_FASTEST] = {.timeout_ms = 1000, .pages = 1, .sources = 1, .demand = 0.4, .asked = 8},
    [SEARCH_BALANCED] = {.timeout_ms = 2000, .grace_ms = 50, .percent = 95, .demand = 0.148, .asked = 32},
    [SEARCH_WIDEST] = {.timeout_ms = 5000},
};

/* Whether the mode ever has enough. */
static bool
has_quorum(const ModeRule *mode)
{
    return mode->pages > 0 || mode->sources > 0 || mode->percent > 0;
}

StopRule
stop_rule_of(const SearchQuery *query)
{
    const ModeRule *mode = &MODES[query->mode];
    int64_t timeout_ms = query->timeout_ms > 0 ? query->timeout_ms : mode->timeout_ms;
    StopRule rule = {
        .timeout_us = timeout_ms * US_PER_MS - SEARCH_RESERVE_US,
        .quorum = {.listings = mode->pages * (size_t)query->per_page,
                   .sources = mode->sources,
                   .percent = mode->percent},
        .grace_us = mode->grace_ms * US_PER_MS,
        .demand = mode->demand,
        .sources_limit = query->sources.count > 0 ? 0 : mode->asked,
    };

    if (has_quorum(mode) && (query->min_results > 0 || query->min_sources > 0)) {
        rule.quorum.listings = (size_t)query->min_results;
        rule.quorum.sources = (size_t)query->min_sources;
        rule.quorum.both = true;
    }
    return rule;
}

static bool
is_reached(const Quorum *quorum, const Progress *progress)
{
    bool listings = progress->listings >= quorum->listings;
    /* What was shown on earlier pages is nothing: whoever brings only that is not enough. */
    bool sources = progress->answered_with_listings >= quorum->sources && progress->listings > 0;
    double able = progress->weight_asked - progress->weight_failed; /* who failed is not worth waiting for */

    if (quorum->percent > 0 && progress->answered > 0 && progress->weight_answered * 100 >= able * quorum->percent)
        return true;
    if (quorum->both)
        return listings && sources;
    return (quorum->listings > 0 && listings) || (quorum->sources > 0 && sources);
}

StopAdvice
stop_rule_advise(const StopRule *rule, const Progress *progress)
{
    if (progress->answered + progress->failed >= progress->asked)
        return STOP_ALL;
    if (!is_reached(&rule->quorum, progress))
        return STOP_WAIT;
    return rule->grace_us > 0 ? STOP_AFTER_GRACE : STOP_ENOUGH;
}
