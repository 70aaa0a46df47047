#include "search/at_once.h"

#include "search/present.h"

#define ROOM_BYTES 16384 /* for an answer of twenty listings and some sources */

static void
remember(void *data)
{
    SearchShard *shard = data;

    first_pages_remember(shard->first_pages, shard->pages);
}

static void
note_shown(SearchShard *shard, const SearchAsk *ask, Str first_key, FirstPage *page, Arena *arena)
{
    if (first_page_pages(page) != NULL &&
        first_pages_note_shown(shard->first_pages, search_query_visitor_key(ask->query, first_key, arena), page))
        loop_post(shard->context.loop, remember, shard);
}

/* All at once. False when nobody listens any more: then only what was taken was shown. */
static bool
tell(const SearchAsk *ask, SearchAnswer *answer, Arena *arena)
{
    AnsweredSource *sources = ARENA_ARRAY(arena, AnsweredSource, MAX(answer->source_count, 1));
    SearchNews news = {
        .search_id = answer->search_id,
        .query = answer->query,
        .listings = answer->listings,
        .listing_count = answer->listing_count,
        .sources = sources,
    };

    for (size_t i = 0; i < answer->source_count; i++)
        if (answer->sources[i].status != SOURCE_SKIPPED)
            sources[news.source_count++] = answer->sources[i];
    news.asked_count = news.source_count;
    if (ask->receiver->moved(ask->data, &news))
        return true;
    answer->ended = SEARCH_END_GONE;
    answer->shown_count = MIN(answer->shown_count, ask->receiver->taken(ask->data));
    return false;
}

static void
answer_with(SearchShard *shard, FirstPage *page, const SearchAsk *ask, Arena *arena)
{
    const SearchEngineSpec *spec = shard->spec;
    int64_t now_us = clock_monotonic_us(spec->clock);
    SearchAnswer answer = first_page_answer(page, ask->query, ask->id, ask->started_at_us, now_us, arena);
    const RecordedPage record = first_page_record(page);
    bool is_whole = true;

    first_page_count(page, spec->metrics);
    if (ask->receiver->moved != NULL)
        is_whole = tell(ask, &answer, arena);
    answer.took_us = clock_monotonic_us(spec->clock) - ask->started_us;
    present_record(&answer, is_whole ? &record : NULL, spec->spool, spec->metrics, arena);
    ask->receiver->done(ask->data, &answer);
}

bool
search_answer_at_once(SearchShard *shard, const SearchAsk *ask)
{
    const SearchEngineSpec *spec = shard->spec;
    ARENA_ON_STACK(arena, ROOM_BYTES);
    FirstPage *page;
    Str first_key;
    bool is_good;

    if (ask->query->page != 1 || ask->query->explain)
        return false;
    first_key = search_query_first_key(ask->query, ask->query_key, arena);
    page = first_pages_find(shard->first_pages, first_key);
    if (page == NULL)
        return false;
    is_good = first_page_is_good(page, ask->set, token_key_ring_now(spec->keys), clock_monotonic_us(spec->clock));
    if (is_good) {
        note_shown(shard, ask, first_key, page, arena);
        answer_with(shard, page, ask, arena);
    }
    first_page_leave(page);
    return is_good;
}
