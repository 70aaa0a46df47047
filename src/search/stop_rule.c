#include "search/stop_rule.h"

typedef struct {
    int64_t timeout_ms, grace_ms;
    size_t pages_enough; /* 0: never */
    bool one_source_enough;
    unsigned percent_enough;
} ModeRule;

static const ModeRule MODES[] = {
    [SEARCH_FASTEST] = {.timeout_ms = 1000, .pages_enough = 1, .one_source_enough = true},
    [SEARCH_BALANCED] = {.timeout_ms = 2000, .grace_ms = 50, .pages_enough = 3, .percent_enough = 80},
    [SEARCH_WIDEST] = {.timeout_ms = 5000},
};

StopRule
stop_rule_of(const SearchQuery *query)
{
    const ModeRule *mode = &MODES[query->mode];
    int64_t timeout_ms = query->timeout_ms > 0 ? query->timeout_ms : mode->timeout_ms;
    StopRule rule = {
        .timeout_us = timeout_ms * US_PER_MS - SEARCH_RESERVE_US,
        .grace_us = mode->grace_ms * US_PER_MS,
        .listings_enough = SIZE_MAX,
        .one_source_enough = mode->one_source_enough,
        .percent_enough = mode->percent_enough,
    };

    if (mode->pages_enough == 0)
        return rule;
    rule.listings_enough = mode->pages_enough * (size_t)query->per_page;
    if (query->min_results > 0) {
        rule.listings_enough = (size_t)query->min_results;
        rule.one_source_enough = false;
    }
    return rule;
}

StopAdvice
stop_rule_advise(const StopRule *rule, const Progress *progress)
{
    size_t able = progress->asked - progress->failed; /* a source that failed is not worth waiting for */
    bool enough;

    if (progress->answered + progress->failed >= progress->asked)
        return STOP_NOW;
    enough = progress->listings >= rule->listings_enough ||
             (rule->one_source_enough && progress->answered_with_listings > 0) ||
             (rule->percent_enough > 0 && progress->answered * 100 >= able * rule->percent_enough);
    if (!enough)
        return STOP_WAIT;
    return rule->grace_us > 0 ? STOP_AFTER_GRACE : STOP_NOW;
}
