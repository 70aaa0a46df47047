#include "search/fanout_type.h"

#include "search/rank.h"
#include "search/watch.h"

static void
search_free(Search *search)
{
    for (size_t i = 0; i < search->wait_count; i++)
        source_reply_unref(search->waits[i].reply);
    for (size_t i = 0; search->candidates != NULL && i <= search->plan.count; i++)
        source_reply_unref(search->candidates[i].kept.reply);
    watch_free(search->watch);
    merge_free(search->merge);
    pages_unref(search->pages);
    source_set_unref(search->set);
    arena_free(search->arena);
    g_free(search);
}

/* Leaves what is still under way, and says so. */
static void
leave_flights(Search *search, FlightLeave how)
{
    for (size_t i = 0; i < search->wait_count; i++) {
        SearchWait *wait = &search->waits[i];

        if (wait->flight == NULL)
            continue;
        flight_leave(g_steal_pointer(&wait->flight), wait, how); /* completes the reply if only details are missing */
        search_wait_close(wait);
    }
    for (size_t i = 0; i < search->plan.count; i++)
        if (search->outcomes[i].status == SOURCE_PENDING)
            search_outcome_skip(&search->outcomes[i], STR("not needed: kept answers were enough"));
}

/* Keeps the replies with the pages, and notes how far each source is read. */
static void
remember_replies(Search *search)
{
    Pages *pages = search->pages;

    if (!search->from_pages) {
        pages->unread = !search->asked_all;
        pages->spent = true;
    }
    for (size_t i = 0; i < search->wait_count; i++) {
        SearchWait *wait = &search->waits[i];

        if (wait->reply == NULL || wait->reply->status == SOURCE_PENDING || wait->reply->status == SOURCE_LATE)
            pages->unread = true;
        if (wait->reply == NULL)
            continue;
        pages->spent = pages->spent && wait->reply->listings->len == 0;
        pages_keep_reply(pages, wait->reply);
        if (wait->candidate->question.source != NULL)
            pages_note_read(pages, wait->candidate->question.source, wait->reply);
        for (size_t k = 0; wait->candidate->question.source == NULL && k < search->plan.count; k++)
            if (search->plan.rows[k].way == PLAN_INDEX)
                pages_note_read(pages, search->plan.rows[k].source, wait->reply);
    }
}

void
search_rank(Search *search, Merged *list, size_t fixed, size_t count)
{
    RankQuery query = rank_query(&search->query, search->arena);

    rank_sort(search->shard->spec->ranking, &query, list, fixed, count, search->started_at_us);
}

static void
gather_listings(Search *search)
{
    size_t count, fixed;
    Merged *merged = merge_finish(search->merge, search->pages->arena, &count);

    pages_append(search->pages, merged, count);
    /* What waited for its page gives way to what came late, if that is better. */
    fixed = search->late_taken ? pages_shown(search->pages) : search->pages->list->len - count;
    search_rank(search, (Merged *)search->pages->list->data, fixed, search->pages->list->len);
}

static const char *
cache_word(const Search *search)
{
    size_t used = 0, kept = 0, stale = 0;

    if (search->from_pages)
        return "page";
    for (size_t i = 0; i < search->wait_count; i++) {
        used += search->waits[i].cache == CACHE_UNUSED ? 0 : 1;
        kept += search->waits[i].cache > CACHE_MISS ? 1 : 0;
        stale += search->waits[i].cache == CACHE_STALE ? 1 : 0;
    }
    if (kept == 0)
        return "miss";
    if (kept < used)
        return "partial";
    return stale > 0 ? "stale" : "hit";
}

/* How long the first page stays good by itself: while every price in it holds, since no longer will its listings be shown. */
static int64_t
page_lifetime_us(const Search *search)
{
    int64_t lifetime_us = search->shard->spec->limits.pages_lifetime_us;
    const GArray *list = search->pages->list;

    for (guint i = 0; i < list->len; i++) {
        const Listing *listing = g_array_index(list, Merged, i).listing;
        const Source *source = source_set_find(search->set, listing->source);
        int64_t until_us = source == NULL ? INT64_MAX : source_price_until_us(source, listing->confirmed_at_us);

        lifetime_us = MIN(lifetime_us, until_us - search->started_at_us);
    }
    return lifetime_us;
}

/* What all that could be asked had answered before is good for whoever asks the same, in any mode, until one of the
 * answers changes. NULL when it is not so. */
static FirstPage *
make_first_page(Search *search, const SearchAnswer *result, bool goes_on)
{
    const SearchEngineSpec *spec = search->shard->spec;
    FirstPageUse *uses;

    /* A watched search shows listings in the order in which it told of them. */
    if (search->watch != NULL || search->query.page != 1 || search->asked_all || search->ends_for != SEARCH_END_ALL ||
        search->wait_count == 0)
        return NULL;
    for (size_t i = 0; i < search->outcome_count; i++)
        if (search->outcomes[i].held || search->outcomes[i].scored)
            return NULL;
    uses = ARENA_ARRAY(search->arena, FirstPageUse, search->wait_count);
    for (size_t i = 0; i < search->wait_count; i++) {
        const SearchWait *wait = &search->waits[i];

        /* One visitor's own answers make no page for others. */
        if (wait->cache != CACHE_HIT || !answer_is_for_all(wait->candidate->question.source))
            return NULL;
        uses[i] = (FirstPageUse){wait->reply, wait->ttl_us,
                                 wait->outcome == NULL ? SIZE_MAX : (size_t)(wait->outcome - search->outcomes)};
    }
    return first_page_new(&(FirstPageSpec){
        .pages = search->pages,
        .answer = result,
        .keys = search->keys,
        .id = id_mint(spec->mint),
        .rows = search->outcomes,
        .uses = uses,
        .use_count = search->wait_count,
        .goes_on = goes_on,
        .now_us = search->started_us,
        .until_us = search->started_us + page_lifetime_us(search),
    });
}

PresentInput
search_present_input(const Search *search)
{
    const SearchEngineSpec *spec = search->shard->spec;

    return (PresentInput){
        .id = search->id,
        .at_us = search->started_at_us,
        .query = &search->query,
        .keys = search->keys,
        .random = spec->random,
        .base_url = spec->base_url,
    };
}

static SearchAnswer
present(Search *search)
{
    PresentInput input = search_present_input(search);

    input.took_us = search_elapsed_us(search);
    input.pages = search->pages;
    input.question = search->first_key;
    input.rebuilt = search->rebuilt;
    input.rows = search->outcomes;
    input.row_count = search->outcome_count;
    input.cache = cache_word(search);
    input.ended = search->ends_for;
    input.plan_us = search->plan_us;
    input.is_watched = search->watch != NULL;
    input.told = watch_told(search->watch, &input.told_count);
    return present_answer(&input, search->arena);
}

void
search_forget(Search *search)
{
    SearchShard *shard = search->shard;

    g_queue_unlink(&shard->running, &search->place);
    search_free(search);
    search_engine_note_end(shard->engine);
}

/* Answers, and forgets the search. */
static void
close_search(Search *search)
{
    SearchShard *shard = search->shard;
    const SearchEngineSpec *spec = shard->spec;
    bool has_more = pages_have_more(search->pages, search->query.page, search->query.per_page);
    FirstPage *first;
    SearchAnswer result;

    watch_end(search->watch);
    result = present(search);
    first = make_first_page(search, &result, has_more);
    present_record(&result, NULL, spec->spool, spec->metrics, search->arena);
    search->receiver.done(search->data, &result);
    if (search->ends_for == SEARCH_END_DEADLINE)
        metric_observe_us(spec->metrics, METRIC_SEARCH_PAST, search_mode_name((SearchMode)search->query.mode),
                          MAX(search_elapsed_us(search) - search->rule.timeout_us - SEARCH_RESERVE_US, 0));
    if (first != NULL)
        first_pages_keep(shard->first_pages, search->first_key, first);
    if (search->continues || has_more) {
        page_store_keep(shard->pages, search->pages_key, search->pages);
        page_store_keep(shard->pages, page_store_key(search->pages->id, search->arena), search->pages);
    }
    if (search->ends_for != SEARCH_END_GONE)
        search_refresh_stale(search);
    search_forget(search);
}

void
search_end(Search *search, SearchEnd why)
{
    /* Who went away had the answer asked for; nobody else may ever ask. */
    leave_flights(search, why == SEARCH_END_GONE ? FLIGHT_CANCEL : FLIGHT_GO_ON);
    search_stop_timers(search);
    if (search->query.explain)
        search_explain(search);
    search->ends_for = why;
    if (!search->from_pages || search->late_taken) {
        remember_replies(search);
        watch_tell_rest(search->watch);
        gather_listings(search);
    }
    pages_fix(search->pages, search->query.page, search->query.per_page);
    close_search(search);
}
