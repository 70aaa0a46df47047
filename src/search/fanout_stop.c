#include "search/fanout_type.h"

/* Those that have not answered, in search->awaited; returns how many. */
static size_t
gather_awaited(Search *search)
{
    size_t count = 0;

    for (size_t i = 0; i < search->wait_count; i++)
        if (search->waits[i].flight != NULL)
            search->awaited[count++] = &search->waits[i].candidate->awaited;
    return count;
}

static void
on_deadline(void *data)
{
    ((Search *)data)->deadline = NULL;
    search_end(data, SEARCH_END_DEADLINE);
}

static void
on_grace(void *data)
{
    ((Search *)data)->grace = NULL;
    search_end(data, SEARCH_END_ENOUGH);
}

static void
on_soon(void *data)
{
    Search *search = data;

    search->soon = NULL;
    search_end(search, search->ends_for);
}

/* By the loop, not at once: an HTTP client may be calling us, and must not be cancelled from its own callback. */
static void
end_soon(Search *search, SearchEnd why)
{
    if (search->soon == NULL || why == SEARCH_END_ALL) /* the last piece may come before the end of its answer */
        search->ends_for = why;
    if (search->soon != NULL)
        return;
    search->soon = loop_timer_start(search->shard->context.loop, 0, on_soon, search);
}

static void
on_look(void *data)
{
    ((Search *)data)->look = NULL;
    search_consider_stop(data);
}

/* Ends the search, or looks again a little later. */
static void
consider_gain(Search *search)
{
    int64_t elapsed_us = search_elapsed_us(search);

    if (search->rule.demand <= 0 || search->soon != NULL)
        return;
    if (!gain_is_worth_it(search->awaited, gather_awaited(search), search->progress.gained, search->rule.demand,
                          elapsed_us, search->plan_us, search->rule.timeout_us))
        end_soon(search, SEARCH_END_GAIN);
    else if (search->look == NULL)
        search->look = loop_timer_start(search->shard->context.loop,
                                        gain_look_again_us(elapsed_us, search->plan_us) - elapsed_us, on_look, search);
}

void
search_consider_stop(Search *search)
{
    switch (stop_rule_advise(&search->rule, &search->progress)) {
    case STOP_AFTER_GRACE:
        if (search->grace == NULL && search->soon == NULL)
            search->grace = loop_timer_start(search->shard->context.loop, search->rule.grace_us, on_grace, search);
        consider_gain(search);
        return;
    case STOP_WAIT:
        consider_gain(search);
        return;
    case STOP_ENOUGH:
        end_soon(search, SEARCH_END_ENOUGH);
        return;
    case STOP_ALL:
        end_soon(search, SEARCH_END_ALL);
        return;
    }
}

void
search_start_deadline(Search *search)
{
    int64_t left_us = search->rule.timeout_us - search_elapsed_us(search);

    search->deadline = loop_timer_start(search->shard->context.loop, MAX(left_us, 0), on_deadline, search);
}

void
search_stop_timers(Search *search)
{
    Loop *loop = search->shard->context.loop;

    loop_timer_stop(loop, g_steal_pointer(&search->deadline));
    loop_timer_stop(loop, g_steal_pointer(&search->grace));
    loop_timer_stop(loop, g_steal_pointer(&search->soon));
    loop_timer_stop(loop, g_steal_pointer(&search->look));
}
