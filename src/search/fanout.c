#include "listings/text.h"
#include "search/fanout_type.h"

Search *
search_new(SearchShard *shard, SourceSet *set, const SearchQuery *query, SearchDoneFn done, void *data)
{
    Search *search = g_new0(Search, 1);

    search->shard = shard;
    search->arena = arena_new(16384);
    search->set = source_set_ref(set);
    search->query = search_query_copy(search->arena, query);
    search->done = done;
    search->data = data;
    search->rule = stop_rule_of(&search->query);
    search->started_us = clock_monotonic_us(shard->spec->clock);
    search->started_at_us = clock_now_us(shard->spec->clock);
    search->query_key = search_query_key(&search->query, search->arena);
    search->place.data = search;
    return search;
}

int64_t
search_elapsed_us(const Search *search)
{
    return clock_monotonic_us(search->shard->spec->clock) - search->started_us;
}

/* ---- listings arrive ---- */

static Money
bid_of(const Search *search, const Source *source, const Listing *listing)
{
    if (listing->has_bid)
        return listing->bid;
    if (source == NULL)
        source = source_set_find(search->set, listing->source);
    return source == NULL ? (Money){0} : source_default_bid(source);
}

void
search_wait_take(SearchWait *wait)
{
    const GPtrArray *listings = wait->reply->listings;

    for (; wait->taken < listings->len; wait->taken++) {
        const Listing *listing = g_ptr_array_index(listings, wait->taken);

        /* Few partners can be asked for an employer. */
        if (!str_is_empty(wait->search->query.company) &&
            !text_has_words(listing->company, wait->search->query.company))
            continue;
        merge_add(wait->search->merge, listing, bid_of(wait->search, wait->source, listing));
    }
    wait->search->progress.listings = merge_count(wait->search->merge);
}

void
search_outcome_write(RowOutcome *outcome, const SourceReply *reply, size_t count, int64_t took_us)
{
    outcome->status = reply->status == SOURCE_PENDING ? SOURCE_LATE : reply->status;
    outcome->reason = outcome->status == SOURCE_LATE ? STR("not waited for") : reply->reason;
    outcome->count = count;
    outcome->took_us = took_us;
}

/* The index answers for all sources that have only a feed. */
static void
write_index_outcomes(Search *search, const SourceReply *reply, int64_t took_us)
{
    for (size_t i = 0; i < search->plan.count; i++) {
        Str name = str_of(source_name(search->plan.rows[i].source));
        size_t count = 0;

        if (search->plan.rows[i].way != PLAN_INDEX)
            continue;
        for (guint k = 0; k < reply->listings->len; k++)
            count += str_equal(((const Listing *)g_ptr_array_index(reply->listings, k))->source, name);
        search_outcome_write(&search->outcomes[i], reply, count, took_us);
        if (reply->status == SOURCE_OK && count == 0)
            search->outcomes[i].status = SOURCE_EMPTY;
    }
}

/* The reply is complete. */
static void
close_wait(SearchWait *wait, int64_t took_us)
{
    Search *search = wait->search;
    const SourceReply *reply = wait->reply;

    wait->call = NULL;
    if (source_status_is_answer(reply->status))
        search->progress.answered++;
    else
        search->progress.failed++;
    if (reply->status == SOURCE_OK)
        search->progress.answered_with_listings++;
    if (wait->outcome != NULL)
        search_outcome_write(wait->outcome, reply, reply->listings->len, took_us);
    else
        write_index_outcomes(search, reply, took_us);
}

/* ---- when to stop ---- */

static void
on_deadline(void *data)
{
    ((Search *)data)->deadline = NULL;
    search_end(data);
}

static void
on_grace(void *data)
{
    ((Search *)data)->grace = NULL;
    search_end(data);
}

static void
on_soon(void *data)
{
    ((Search *)data)->soon = NULL;
    search_end(data);
}

/* Ends by the loop, not at once: an HTTP client may be calling us, and must not be cancelled from its own callback. */
static void
consider_stop(Search *search)
{
    Loop *loop = search->shard->context.loop;

    switch (stop_rule_advise(&search->rule, &search->progress)) {
    case STOP_WAIT:
        return;
    case STOP_AFTER_GRACE:
        if (search->grace == NULL && search->soon == NULL)
            search->grace = loop_timer_start(loop, search->rule.grace_us, on_grace, search);
        return;
    case STOP_NOW:
        if (search->soon == NULL)
            search->soon = loop_timer_start(loop, 0, on_soon, search);
        return;
    }
}

static void
on_moved(void *data)
{
    SearchWait *wait = data;

    search_wait_take(wait);
    if (wait->reply->status != SOURCE_PENDING)
        close_wait(wait, search_elapsed_us(wait->search));
    consider_stop(wait->search);
}

static void
on_index(void *data, SourceReply *reply)
{
    SearchWait *wait = data;

    wait->search->index = NULL;
    wait->reply = reply;
    search_wait_take(wait);
    close_wait(wait, search_elapsed_us(wait->search));
    consider_stop(wait->search);
}

/* ---- asking ---- */

static SearchWait *
add_wait(Search *search, const Source *source, RowOutcome *outcome)
{
    SearchWait *wait = &search->waits[search->wait_count++];

    *wait = (SearchWait){.search = search, .source = source, .outcome = outcome};
    search->progress.asked++;
    return wait;
}

void
search_outcome_skip(RowOutcome *outcome, Str reason)
{
    outcome->status = SOURCE_SKIPPED;
    outcome->reason = reason;
}

/* Takes what is kept from earlier calls. Rows that are still to be asked stay SOURCE_PENDING. */
static void
use_kept_replies(Search *search)
{
    for (size_t i = 0; i < search->plan.count; i++) {
        const PlanRow *row = &search->plan.rows[i];
        RowOutcome *outcome = &search->outcomes[i];
        SourceReply *reply = NULL;

        if (row->way == PLAN_ASK || row->way == PLAN_HELD)
            reply = reply_cache_find(search->shard->cache,
                                     reply_cache_key(row->source, search->query_key, &row->question, search->arena));
        if (reply != NULL) {
            SearchWait *wait = add_wait(search, row->source, outcome);

            wait->reply = reply;
            outcome->cached = true;
            search->cached++;
            search_wait_take(wait);
            close_wait(wait, 0);
        } else if (row->way == PLAN_HELD || row->way == PLAN_SKIP) {
            search_outcome_skip(outcome, row->reason);
            outcome->held = row->way == PLAN_HELD;
        }
    }
}

static void
ask_source(Search *search, const PlanRow *row, RowOutcome *outcome)
{
    Str key = reply_cache_key(row->source, search->query_key, &row->question, search->arena);
    g_autoptr(GError) error = NULL;
    bool shared;
    SourceCall *call =
        reply_cache_call(search->shard->cache, key, search->set, row->source, &row->question, &shared, &error);
    SearchWait *wait;

    if (call == NULL) {
        search_outcome_skip(outcome, arena_str(search->arena, str_of(error->message)));
        outcome->held = weir_error_code(error) != WEIR_ERROR_INVALID;
        return;
    }
    wait = add_wait(search, row->source, outcome);
    wait->call = call;
    wait->reply = source_reply_ref(source_call_reply(call));
    source_call_join(call, on_moved, wait);
    search_wait_take(wait);
}

static void
ask_index(Search *search)
{
    const SearchShard *shard = search->shard;
    Str *names = ARENA_ARRAY(search->arena, Str, search->plan.count);
    StrList list = {names, 0};
    const PlanRow *first = NULL;
    g_autoptr(GError) error = NULL;

    for (size_t i = 0; i < search->plan.count; i++)
        if (search->plan.rows[i].way == PLAN_INDEX) {
            names[list.count++] = str_of(source_name(search->plan.rows[i].source));
            first = first == NULL ? &search->plan.rows[i] : first;
        }
    if (first == NULL)
        return;
    search->index = index_call_start(shard->spec->index, shard->context.loop, &first->question, list,
                                     (size_t)search->query.per_page, search->started_us + search->rule.timeout_us,
                                     on_index, &search->waits[search->wait_count], &error);
    if (search->index != NULL) {
        add_wait(search, NULL, NULL);
        return;
    }
    for (size_t i = 0; i < search->plan.count; i++)
        if (search->plan.rows[i].way == PLAN_INDEX) {
            search_outcome_skip(&search->outcomes[i], arena_str(search->arena, str_of(error->message)));
            search->outcomes[i].held = true;
        }
}

static void
ask_all(Search *search)
{
    Loop *loop = search->shard->context.loop;

    search->asked_all = true;
    for (size_t i = 0; i < search->plan.count; i++)
        if (search->plan.rows[i].way == PLAN_ASK && search->outcomes[i].status == SOURCE_PENDING)
            ask_source(search, &search->plan.rows[i], &search->outcomes[i]);
    ask_index(search);
    search->deadline =
        loop_timer_start(loop, MAX(search->rule.timeout_us - search_elapsed_us(search), 0), on_deadline, search);
    consider_stop(search);
}

/* ---- begin ---- */

/* Pages belong to who asks: another visitor's page 2 follows another page 1. */
static Str
pages_key(const Search *search)
{
    const SearchQuery *query = &search->query;
    g_autoptr(GString) key = g_string_new(NULL);

    g_string_append_printf(key, "%.*s\n%.*s\n%.*s\n%.*s\n%s", STR_FORMAT(search->query_key), STR_FORMAT(query->client),
                           STR_FORMAT(query->visitor_ip), STR_FORMAT(query->visitor_agent),
                           search_mode_name((SearchMode)query->mode));
    for (size_t i = 0; i < query->sources.count; i++)
        g_string_append_printf(key, "\n+%.*s", STR_FORMAT(query->sources.items[i]));
    for (size_t i = 0; i < query->exclude.count; i++)
        g_string_append_printf(key, "\n-%.*s", STR_FORMAT(query->exclude.items[i]));
    return arena_str(search->arena, str_of_gstring(key));
}

/* Finds what earlier pages brought, or begins anew. Then sources are those of the earlier pages. */
static void
open_pages(Search *search)
{
    search->pages_key = pages_key(search);
    if (search->query.page > 1)
        search->pages = page_store_find(search->shard->pages, search->pages_key, search->query.page);
    if (search->pages == NULL) {
        search->pages = pages_new(search->set, search->query.page);
        return;
    }
    search->continues = true;
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
        .pages = search->continues ? search->pages : NULL,
        .health = search->shard->context.health,
        .has_index = search->shard->spec->index != NULL,
        .now_us = clock_monotonic_us(search->shard->spec->clock),
    };

    search->plan = plan_make(&input, search->arena);
    search->outcomes = ARENA_ARRAY(search->arena, RowOutcome, MAX(search->plan.count, 1));
    search->waits = ARENA_ARRAY(search->arena, SearchWait, search->plan.count + 1);
    for (size_t i = 0; i < search->plan.count; i++)
        search->outcomes[i] = (RowOutcome){.source = search->plan.rows[i].source, .reason = STR("")};
}

void
search_begin(Search *search)
{
    size_t open = 0;

    g_queue_push_tail_link(&search->shard->running, &search->place);
    open_pages(search);
    make_plan(search);
    search->merge = merge_new(search->pages->seen);
    if (search->from_pages) {
        for (size_t i = 0; i < search->plan.count; i++)
            search_outcome_skip(&search->outcomes[i], search->plan.rows[i].way == PLAN_SKIP
                                                          ? search->plan.rows[i].reason
                                                          : STR("not needed: the page was there"));
        search_end(search);
        return;
    }
    use_kept_replies(search);
    for (size_t i = 0; i < search->plan.count; i++)
        open += search->outcomes[i].status == SOURCE_PENDING ? 1 : 0;
    search->progress.asked += open;
    if (open == 0 || stop_rule_advise(&search->rule, &search->progress) == STOP_NOW) {
        search_end(search);
        return;
    }
    search->progress.asked -= open;
    ask_all(search);
}
