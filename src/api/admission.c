#include "api/admission.h"

#define SEARCHES_FROM 4 /* targets */

const char *
request_class_name(RequestClass request_class)
{
    static const char *const NAMES[] = {"supervision", "click", "search", "rest"};

    return NAMES[request_class];
}

/* How many requests may be open for one more of that class. */
static uint64_t
open_share(uint64_t limit, RequestClass request_class)
{
    switch (request_class) {
    case REQUEST_REST:
        return limit / 2;
    case REQUEST_SEARCH:
        return limit * 3 / 4;
    default:
        return limit;
    }
}

/* So many are sent away that what remains would wait as long as is bearable. */
static bool
waits_too_long(const AdmissionRule *rule, RequestClass request_class, int64_t delay_us, Random *random)
{
    int64_t bearable_us = rule->delay_limit_us * SEARCHES_FROM;

    if (request_class == REQUEST_REST)
        return delay_us > rule->delay_limit_us;
    if (request_class != REQUEST_SEARCH || delay_us <= bearable_us)
        return false;
    return random_below(random, (uint64_t)delay_us) >= (uint64_t)bearable_us;
}

const char *
admission_refuses(const AdmissionRule *rule, RequestClass request_class, unsigned open, int64_t delay_us,
                  Random *random)
{
    if (request_class == REQUEST_SUPERVISION)
        return NULL;
    if (open > open_share(rule->open_limit, request_class))
        return "open";
    return waits_too_long(rule, request_class, delay_us, random) ? "delay" : NULL;
}
