#include "search/fanout_type.h"

#include "search/watch.h"

/* Waits are made in the order of need; there is room for one a row of the plan and one for the index. */
static SearchWait *
add_wait(Search *search, const Candidate *candidate, RowOutcome *outcome)
{
    SearchWait *wait = &search->waits[search->wait_count++];

    *wait =
        (SearchWait){.search = search, .candidate = candidate, .outcome = outcome, .cache = CACHE_MISS, .weight = 1};
    search->progress.asked++;
    return wait;
}

static FlightSpec
question_of_row(const Search *search, const PlanRow *row)
{
    static const StrList NO_NAMES = {0};

    return (FlightSpec){
        .key = answer_key(row->source, NO_NAMES, search->query_key, &row->question, search->arena),
        .set = search->set,
        .source = row->source,
        .question = row->question,
    };
}

/* One question for all sources whose listings are stored; false when there is none. */
static bool
question_of_index(const Search *search, FlightSpec *ret_question)
{
    Str *names = ARENA_ARRAY(search->arena, Str, search->plan.count);
    StrList list = {names, 0};
    const PlanRow *first = NULL;

    for (size_t i = 0; i < search->plan.count; i++)
        if (search->plan.rows[i].way == PLAN_INDEX) {
            names[list.count++] = str_of(source_name(search->plan.rows[i].source));
            first = first == NULL ? &search->plan.rows[i] : first;
        }
    if (first == NULL)
        return false;
    *ret_question = (FlightSpec){
        .key = answer_key(NULL, list, search->query_key, &first->question, search->arena),
        .set = search->set,
        .names = list,
        .question = first->question,
    };
    return true;
}

/* ---- what is kept ---- */

static const char *
lookup_word(const KeptAnswer *kept)
{
    static const char *const WORDS[] = {"miss", "hit", "stale", "fallback"};

    if (kept->state != KEPT_NONE && !source_status_is_answer(kept->reply->status))
        return "failure";
    return WORDS[kept->state];
}

static Candidate *
look_up(const Search *search, size_t place, FlightSpec question)
{
    const SearchShard *shard = search->shard;
    Candidate *candidate = &search->candidates[place];
    KeptAnswer *kept = &candidate->kept;

    candidate->question = question;
    *kept = answer_cache_find(shard->cache, question.key, clock_monotonic_us(shard->spec->clock));
    if (kept->reply != NULL)
        source_reply_ref(kept->reply);
    metric_add(shard->spec->metrics, METRIC_CACHE_LOOKUPS, question.source == NULL ? "index" : "source",
               lookup_word(kept), 1);
    return candidate;
}

static bool
is_good(const KeptAnswer *kept)
{
    return kept->state == KEPT_FRESH || kept->state == KEPT_STALE;
}

/* A kept answer takes the place of one that is asked for. */
static void
use(SearchWait *wait, bool may_refresh)
{
    const KeptAnswer *kept = &wait->candidate->kept;

    wait->reply = source_reply_ref(kept->reply);
    wait->cache = kept->state == KEPT_FRESH ? CACHE_HIT : CACHE_STALE;
    wait->ttl_us = kept->ttl_us;
    wait->refresh = may_refresh && kept->may_ask;
    wait->gain = (double)kept->reply->listings->len;
    wait->search->progress.weight_asked += wait->gain;
    search_wait_close(wait);
}

static void
use_kept_of_row(Search *search, size_t i)
{
    const PlanRow *row = &search->plan.rows[i];
    RowOutcome *outcome = &search->outcomes[i];
    const Candidate *candidate = NULL;

    if (row->way == PLAN_ASK || row->way == PLAN_HELD)
        candidate = look_up(search, i, question_of_row(search, row));
    if (candidate != NULL &&
        (is_good(&candidate->kept) || (candidate->kept.state == KEPT_FALLBACK && row->way == PLAN_HELD))) {
        use(add_wait(search, candidate, outcome), row->way == PLAN_ASK);
    } else if (row->way == PLAN_HELD || row->way == PLAN_SKIP) {
        search_outcome_skip(outcome, row->reason);
        outcome->held = row->way == PLAN_HELD;
    }
}

static void
use_kept_of_index(Search *search)
{
    const Candidate *candidate;
    FlightSpec question;

    if (!question_of_index(search, &question))
        return;
    candidate = look_up(search, search->plan.count, question);
    if (is_good(&candidate->kept))
        use(add_wait(search, candidate, NULL), true);
}

void
search_use_kept(Search *search)
{
    for (size_t i = 0; i < search->plan.count; i++)
        use_kept_of_row(search, i);
    use_kept_of_index(search);
}

void
search_use_late(Search *search)
{
    int64_t shown = search->pages->first_page + (int64_t)search->pages->ends->len;

    if (search->query.page < shown) /* it was shown, and stays as it is */
        return;
    for (size_t i = 0; i < search->plan.count; i++) {
        const PlanRow *row = &search->plan.rows[i];
        const Candidate *candidate;

        if (row->way != PLAN_ASK || pages_progress(search->pages, row->source) != NULL)
            continue;
        candidate = look_up(search, i, question_of_row(search, row));
        if (!is_good(&candidate->kept))
            continue;
        use(add_wait(search, candidate, &search->outcomes[i]), false);
        search->late_taken = true;
    }
}

/* ---- what is asked ---- */

static void
on_moved(void *data, SourceReply *reply)
{
    SearchWait *wait = data;

    search_wait_see(wait, reply);
    if (reply->status == SOURCE_PENDING) {
        search_wait_take(wait);
    } else {
        if (reply->shared_ttl_us > 0) {
            wait->cache = CACHE_HIT;
            wait->ttl_us = reply->shared_ttl_us;
        }
        wait->flight = NULL;
        search_wait_close(wait);
    }
    watch_note(wait->search->watch);
    search_consider_stop(wait->search);
}

static void
ask(SearchWait *wait)
{
    const Candidate *candidate = wait->candidate;
    Search *search = wait->search;
    FlightSpec question = candidate->question;
    FlightStart start;

    question.until_us = search->started_us + search->rule.timeout_us;
    question.pace = candidate->pace;
    wait->gain = candidate->awaited.gain;
    wait->weight = candidate->weight;
    search->progress.weight_asked += wait->gain;
    wait->fallback = candidate->kept.reply == NULL ? NULL : &candidate->kept;
    start = flight_join(search->shard->flights, &question, on_moved, wait);
    wait->flight = start.flight;
    wait->is_asked = start.flight != NULL;
    wait->reply = start.reply;
    wait->collapsed = start.joined;
    if (start.flight == NULL) {
        wait->cache = CACHE_UNUSED;
        search_wait_close(wait);
    } else if (start.reply != NULL) {
        search_wait_take(wait);
    }
}

void
search_ask_all(Search *search)
{
    search->asked_all = true;
    for (size_t i = 0; i < search->plan.count; i++)
        if (search_row_is_open(search, i, PLAN_ASK))
            ask(add_wait(search, &search->candidates[i], &search->outcomes[i]));
    for (size_t i = 0; i < search->plan.count; i++)
        if (search_row_is_open(search, i, PLAN_INDEX)) {
            ask(add_wait(search, &search->candidates[search->plan.count], NULL));
            return;
        }
}

void
search_refresh_stale(Search *search)
{
    for (size_t i = 0; i < search->wait_count; i++)
        if (search->waits[i].refresh)
            flight_refresh(search->shard->flights, &search->waits[i].candidate->question);
}
