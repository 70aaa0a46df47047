#include "search/fanout_type.h"
#include "search/at_once.h"
#include "search/watch.h"

#include "listings/text.h"
#include "search/value.h"

static const PageCursor *
copy_cursor(Arena *arena, const PageCursor *cursor)
{
    PageCursor *copy;
    ShownKeys *shown;

    if (cursor == NULL)
        return NULL;
    copy = ARENA_NEW(arena, PageCursor);
    shown = ARENA_ARRAY(arena, ShownKeys, MAX(cursor->shown_count, 1));
    memcpy(shown, cursor->shown, cursor->shown_count * sizeof *shown);
    *copy = *cursor;
    copy->shown = shown;
    return copy;
}

Search *
search_new(SearchShard *shard, const SearchAsk *ask)
{
    Search *search = g_new0(Search, 1);

    search->shard = shard;
    search->arena = arena_new(16384);
    search->set = source_set_ref(ask->set);
    search->query = search_query_copy(search->arena, ask->query);
    search->receiver = *ask->receiver;
    search->data = ask->data;
    search->id = ask->id;
    search->rule = stop_rule_of(&search->query);
    search->started_us = ask->started_us;
    search->started_at_us = ask->started_at_us;
    search->keys = token_key_ring_now(shard->spec->keys);
    search->query_key = arena_str(search->arena, ask->query_key);
    search->place.data = search;
    search->cursor = copy_cursor(search->arena, ask->cursor);
    search->watch = watch_new(search, ask->receiver, ask->data);
    return search;
}

int64_t
search_elapsed_us(const Search *search)
{
    return clock_monotonic_us(search->shard->spec->clock) - search->started_us;
}

bool
search_row_is_open(const Search *search, size_t i, PlanWay way)
{
    return search->outcomes[i].status == SOURCE_PENDING && search->plan.rows[i].way == way;
}

/* ---- listings arrive ---- */

static Money
bid_of(const Source *source, const Listing *listing)
{
    return listing->has_bid ? listing->bid : source == NULL ? (Money){0} : source_default_bid(source);
}

/* Whether a listing of a reply is one for this search. */
static bool
is_wanted(const Search *search, const Source *source, const Listing *listing)
{
    /* A click on it would not be paid, so its link would lead nowhere. */
    if (source != NULL && source_price_until_us(source, listing->confirmed_at_us) < search->started_at_us)
        return false;
    /* Few partners can be asked for an employer. */
    return str_is_empty(search->query.company) || text_has_words(listing->company, search->query.company);
}

void
search_wait_take(SearchWait *wait)
{
    Search *search = wait->search;
    const GPtrArray *listings = wait->reply->listings;
    size_t before = merge_count(search->merge);
    ClickYield yield = {0};
    Str yield_of = STR_NONE;

    for (; wait->taken < listings->len; wait->taken++) {
        const Listing *listing = g_ptr_array_index(listings, wait->taken);
        const Source *source = wait->candidate->question.source;
        Money bid;
        int64_t value;

        if (source == NULL)
            source = source_set_find(search->set, listing->source);
        if (!is_wanted(search, source, listing))
            continue;
        bid = bid_of(source, listing);
        if (!str_equal(yield_of, listing->source)) {
            yield_of = listing->source;
            yield = learned_yield(search->shard->context.learned, yield_of);
        }
        value = click_expected(&yield, click_value(bid));
        wait->value += value;
        merge_add(search->merge, listing, bid, value);
    }
    merge_settle(search->merge);
    search->progress.listings = merge_count(search->merge);
    wait->fresh += search->progress.listings - before;
    search->progress.gained += (double)(search->progress.listings - before) * wait->weight;
}

void
search_outcome_skip(RowOutcome *outcome, Str reason)
{
    outcome->status = SOURCE_SKIPPED;
    outcome->reason = reason;
}

static void
outcome_write(RowOutcome *outcome, const SearchWait *wait, size_t count)
{
    const SourceReply *reply = wait->reply;
    bool late = reply == NULL || reply->status == SOURCE_PENDING || reply->status == SOURCE_LATE;

    outcome->status = late ? SOURCE_LATE : reply->status;
    outcome->reason = late ? STR("not waited for") : reply->reason;
    outcome->held = !late && reply->held;
    outcome->count = count;
    outcome->took_us = wait->is_asked ? search_elapsed_us(wait->search) : 0;
    outcome->cache = wait->cache;
    outcome->ttl_us = wait->ttl_us;
    outcome->collapsed = wait->collapsed;
    if (reply != NULL && wait->cache == CACHE_MISS)
        outcome->attempts = reply->attempts;
}

/* The index answers for all sources that have only a feed. */
static void
write_index_outcomes(SearchWait *wait)
{
    Search *search = wait->search;

    for (size_t i = 0; i < search->plan.count; i++) {
        Str name = str_of(source_name(search->plan.rows[i].source));
        RowOutcome *outcome = &search->outcomes[i];
        size_t count = 0;

        if (search->plan.rows[i].way != PLAN_INDEX)
            continue;
        for (guint k = 0; wait->reply != NULL && k < wait->reply->listings->len; k++)
            count += str_equal(((const Listing *)g_ptr_array_index(wait->reply->listings, k))->source, name);
        outcome_write(outcome, wait, count);
        if (outcome->status == SOURCE_OK && count == 0)
            outcome->status = SOURCE_EMPTY;
    }
}

void
search_wait_see(SearchWait *wait, SourceReply *reply)
{
    if (wait->reply == reply)
        return;
    if (wait->reply != NULL)
        pages_keep_reply(wait->search->pages, wait->reply);
    source_reply_unref(wait->reply);
    wait->reply = source_reply_ref(reply);
    wait->taken = 0;
    wait->value = 0;
}

static void
use_fallback(SearchWait *wait)
{
    search_wait_see(wait, wait->fallback->reply);
    wait->cache = CACHE_STALE;
    wait->ttl_us = wait->fallback->ttl_us;
}

/* What there is to learn of an answer that was asked for. A second page tells nothing of what a first one brings. */
static void
learn(const SearchWait *wait)
{
    const Search *search = wait->search;
    Learned *learned = search->shard->context.learned;
    const Source *source = wait->candidate->question.source;
    const char *name = source == NULL ? LEARNED_INDEX : source_name(source);

    if (search->continues)
        return;
    learned_note_new(learned, name, wait->fresh, search->query.per_page);
    if (wait->taken > 0)
        learned_note_value(learned, name, wait->value / wait->taken);
}

void
search_wait_close(SearchWait *wait)
{
    Progress *progress = &wait->search->progress;
    bool answered = wait->reply != NULL && source_status_is_answer(wait->reply->status);

    if (!answered && wait->fallback != NULL) {
        use_fallback(wait);
        answered = true;
    }
    if (wait->reply != NULL)
        search_wait_take(wait);
    if (answered && wait->is_asked && wait->cache == CACHE_MISS)
        learn(wait);
    progress->answered += answered ? 1 : 0;
    progress->failed += answered ? 0 : 1;
    *(answered ? &progress->weight_answered : &progress->weight_failed) += wait->gain;
    if (answered && wait->reply->status == SOURCE_OK)
        progress->answered_with_listings++;
    if (wait->outcome != NULL)
        outcome_write(wait->outcome, wait, wait->reply == NULL ? 0 : wait->reply->listings->len);
    else
        write_index_outcomes(wait);
}

/* ---- begin ---- */

/* What earlier pages brought; NULL when it is not known, or not any more. */
static Pages *
find_earlier(Search *search)
{
    const PageCursor *cursor = search->cursor;
    g_autoptr(Pages) earlier = NULL;
    bool follows;

    if (cursor != NULL)
        earlier = page_store_find(search->shard->pages, page_store_key(cursor->pages, search->arena));
    else if (search->query.page > 1)
        earlier = page_store_find(search->shard->pages, search->pages_key);
    if (earlier == NULL)
        return NULL;
    follows = cursor != NULL ? pages_lead_to(earlier, cursor, search->arena) : search->query.page > earlier->first_page;
    return follows ? g_steal_pointer(&earlier) : NULL;
}

/* Goes on with earlier pages, or begins anew. Then sources are those of the earlier pages. */
static void
open_pages(Search *search)
{
    g_autoptr(Pages) earlier = find_earlier(search);

    search->rebuilt = earlier == NULL && search->cursor != NULL;
    search->continues = earlier != NULL || search->rebuilt;
    if (search->rebuilt) {
        SearchQuery thorough = search->query;

        /* What the first to answer has may all have been shown. */
        thorough.mode = SEARCH_WIDEST;
        thorough.timeout_ms = search->rule.timeout_us / US_PER_MS;
        search->rule = stop_rule_of(&thorough);
        search->pages = pages_rebuild(search->set, search->cursor);
        return;
    }
    if (earlier == NULL) {
        search->pages = pages_new(search->set, search->id, search->query.page);
        return;
    }
    search->pages = !earlier->is_shared ? g_steal_pointer(&earlier) : pages_copy(earlier, search->id);
    source_set_unref(search->set);
    search->set = source_set_ref(search->pages->set);
    search->from_pages = pages_have(search->pages, search->query.page, search->query.per_page);
}

static void
make_plan(Search *search)
{
    PlanInput input = {
        .set = search->set,
        .query = &search->query,
        .pages = search->pages,
        .health = search->shard->context.health,
        .has_index = search->shard->spec->index != NULL,
        .now_us = clock_monotonic_us(search->shard->spec->clock),
    };

    search->plan = plan_make(&input, search->arena);
    search->outcomes = ARENA_ARRAY(search->arena, RowOutcome, MAX(search->plan.count, 1));
    search->outcome_count = search->plan.count;
    search->waits = ARENA_ARRAY(search->arena, SearchWait, search->plan.count + 1);
    search->candidates = ARENA_ARRAY(search->arena, Candidate, search->plan.count + 1);
    search->awaited = ARENA_ARRAY(search->arena, const Awaited *, search->plan.count + 1);
    for (size_t i = 0; i < search->plan.count; i++)
        search->outcomes[i] = (RowOutcome){.source = search->plan.rows[i].source, .reason = STR("")};
}

/* An earlier search has brought this page already, but for what came when that had ended. */
static void
begin_from_pages(Search *search)
{
    search_use_late(search);
    for (size_t i = 0; i < search->plan.count; i++)
        if (search->outcomes[i].status == SOURCE_PENDING)
            search_outcome_skip(&search->outcomes[i], search->plan.rows[i].way == PLAN_SKIP
                                                          ? search->plan.rows[i].reason
                                                          : STR("not needed: the page was there"));
    search_end(search, SEARCH_END_PAGE);
}

/* Ends the search when it need not ask anybody; else it has a plan. */
static bool
kept_are_enough(Search *search)
{
    const StopRule *rule = &search->rule;
    Progress as_asked;
    size_t open = 0;

    for (size_t i = 0; i < search->plan.count; i++)
        open += search->outcomes[i].status == SOURCE_PENDING ? 1 : 0;
    if (open == 0) {
        search_end(search, SEARCH_END_ALL);
        return true;
    }
    search_choose(search);
    as_asked = search_expect(search);
    if (as_asked.asked == search->progress.asked) { /* nobody of them is worth asking */
        search_end(search, SEARCH_END_ALL);
        return true;
    }
    if (stop_rule_advise(rule, &as_asked) == STOP_ENOUGH) {
        search_end(search, SEARCH_END_ENOUGH);
        return true;
    }
    search->plan_us = gain_plan_us(search->awaited, as_asked.asked - search->progress.asked, search->progress.gained,
                                   rule->demand, rule->timeout_us);
    return false;
}

static bool
answer_at_once(Search *search)
{
    const SearchAsk ask = {
        .set = search->set,
        .query = &search->query,
        .query_key = search->query_key,
        .id = search->id,
        .started_us = search->started_us,
        .started_at_us = search->started_at_us,
        .receiver = &search->receiver,
        .data = search->data,
    };

    return search_answer_at_once(search->shard, &ask);
}

void
search_begin(Search *search)
{
    search_engine_note_begin(search->shard, search_elapsed_us(search));
    g_queue_push_tail_link(&search->shard->running, &search->place);
    first_pages_remember(search->shard->first_pages, search->shard->pages);
    watch_begin(search->watch);
    /* Others may have asked the same, and been answered, while it waited for its turn. */
    if (answer_at_once(search)) {
        search_forget(search);
        return;
    }
    search->first_key = search_query_first_key(&search->query, search->query_key, search->arena);
    search->pages_key = search_query_visitor_key(&search->query, search->first_key, search->arena);
    open_pages(search);
    make_plan(search);
    search->merge = merge_new(search->pages->seen);
    if (search->from_pages) {
        begin_from_pages(search);
        return;
    }
    search_use_kept(search);
    if (kept_are_enough(search))
        return;
    search_ask_all(search);
    search_start_deadline(search);
    watch_note(search->watch);
    search_consider_stop(search);
}
