#include "search/first_page.h"

/* For the text that is made of a listing, and of a source. */
#define RENDERING_BYTES_LISTING 2560
#define RENDERING_BYTES_SOURCE  512

/* Of a row whose ttl_us no kept answer tells. */
#define UNTIL_NONE INT64_MIN

struct FirstPage {
    int users; /* atomic */
    Pages *pages;
    Arena *arena;
    SearchAnswer answer;   /* links without their stamps */
    int64_t *row_until_us; /* one a source: how long what it gave is fresh */
    SourceReply **replies;
    size_t reply_count, of_index;
    int64_t until_us;
    bool goes_on;
    TokenStamper stamper;
    Id id;
    GString *record;
    AnswerRendering rendering;
};

static void
copy_listings(FirstPage *page, const SearchAnswer *answer)
{
    AnsweredListing *listings = ARENA_ARRAY(page->arena, AnsweredListing, MAX(answer->listing_count, 1));

    for (size_t i = 0; i < answer->listing_count; i++) {
        Listing *listing = ARENA_NEW(page->arena, Listing);
        Str url = answer->listings[i].click_url;

        *listing = *answer->listings[i].listing; /* its texts are the replies' */
        listings[i] = answer->listings[i];
        listings[i].listing = listing;
        listings[i].click_url = arena_str(page->arena, str_slice(url, 0, url.size - TOKEN_STAMP_SIZE));
    }
    page->answer.listings = listings;
}

static void
copy_sources(FirstPage *page, const SearchAnswer *answer)
{
    AnsweredSource *sources = ARENA_ARRAY(page->arena, AnsweredSource, MAX(answer->source_count, 1));

    for (size_t i = 0; i < answer->source_count; i++) {
        sources[i] = answer->sources[i]; /* its texts are the definition's, but for the reason */
        sources[i].reason = arena_str(page->arena, sources[i].reason);
    }
    page->answer.sources = sources;
}

static void
take_uses(FirstPage *page, const FirstPageSpec *spec)
{
    page->row_until_us = ARENA_ARRAY(page->arena, int64_t, MAX(spec->answer->source_count, 1));
    page->replies = ARENA_ARRAY(page->arena, SourceReply *, MAX(spec->use_count, 1));
    page->reply_count = spec->use_count;
    for (size_t i = 0; i < spec->answer->source_count; i++)
        page->row_until_us[i] = UNTIL_NONE;
    for (size_t i = 0; i < spec->use_count; i++) {
        const FirstPageUse *use = &spec->uses[i];
        int64_t until_us = spec->now_us + use->ttl_us;

        page->replies[i] = source_reply_ref(use->reply);
        page->until_us = MIN(page->until_us, until_us);
        page->of_index += use->row == SIZE_MAX ? 1 : 0;
        if (use->row != SIZE_MAX)
            page->row_until_us[use->row] = until_us;
        for (size_t k = 0; use->row == SIZE_MAX && k < spec->answer->source_count; k++)
            if (source_search(spec->rows[k].source) == NULL && spec->rows[k].cache == CACHE_HIT)
                page->row_until_us[k] = until_us;
    }
}

FirstPage *
first_page_new(const FirstPageSpec *spec)
{
    FirstPage *page = g_new0(FirstPage, 1);

    spec->pages->is_shared = true;
    page->pages = pages_ref(spec->pages);
    page->arena = arena_new(16384);
    page->answer = *spec->answer;
    page->id = spec->id;
    token_stamper_init(&page->stamper, spec->keys, spec->answer->search_id, spec->answer->at_us);
    page->answer.query = NULL;
    page->answer.next_cursor = arena_str(page->arena, spec->answer->next_cursor);
    page->answer.rendering = &page->rendering;
    page->until_us = spec->until_us;
    page->goes_on = spec->goes_on;
    page->rendering.limit_bytes =
        spec->answer->listing_count * RENDERING_BYTES_LISTING + spec->answer->source_count * RENDERING_BYTES_SOURCE;
    copy_listings(page, spec->answer);
    copy_sources(page, spec->answer);
    take_uses(page, spec);
    page->record = g_string_sized_new(4096);
    present_record_page(spec->answer, spec->id, page->record);
    return page;
}

void
first_page_free(FirstPage *page)
{
    if (page == NULL)
        return;
    if (page->rendering.made != NULL)
        page->rendering.free_fn(page->rendering.made);
    for (size_t i = 0; i < page->reply_count; i++)
        source_reply_unref(page->replies[i]);
    g_string_free(page->record, TRUE);
    pages_unref(page->pages);
    arena_free(page->arena);
    g_free(page);
}

FirstPage *
first_page_use(FirstPage *page)
{
    __atomic_add_fetch(&page->users, 1, __ATOMIC_RELAXED);
    return page;
}

void
first_page_leave(FirstPage *page)
{
    __atomic_sub_fetch(&page->users, 1, __ATOMIC_RELEASE);
}

bool
first_page_is_used(FirstPage *page)
{
    return __atomic_load_n(&page->users, __ATOMIC_ACQUIRE) > 0;
}

size_t
first_page_bytes(const FirstPage *page)
{
    return sizeof *page + arena_used_bytes(page->arena) + page->record->allocated_len + page->rendering.limit_bytes +
           page->pages->bytes;
}

bool
first_page_is_good(const FirstPage *page, const SourceSet *set, const TokenKeyRing *keys, int64_t now_us)
{
    if (page->pages->set != set || now_us >= page->until_us)
        return false;
    for (size_t i = 0; i < page->reply_count; i++)
        if (!source_reply_is_kept(page->replies[i]))
            return false;
    return token_stamper_is_newest(&page->stamper, keys);
}

static const AnsweredListing *
stamped_listings(const FirstPage *page, const TokenStamper *stamper, Arena *arena)
{
    size_t count = page->answer.listing_count;
    AnsweredListing *listings = ARENA_ARRAY(arena, AnsweredListing, MAX(count, 1));

    for (size_t i = 0; i < count; i++) {
        const AnsweredListing *offered = &page->answer.listings[i];
        char stamp[TOKEN_STAMP_SIZE];
        const Str parts[] = {offered->click_url, {stamp, sizeof stamp}};

        token_stamp(stamper, &offered->offer, offered->position, stamp);
        listings[i] = *offered;
        listings[i].click_url = arena_join(arena, parts, G_N_ELEMENTS(parts));
    }
    return listings;
}

static const AnsweredSource *
sources_now(const FirstPage *page, int64_t now_us, Arena *arena)
{
    size_t count = page->answer.source_count;
    AnsweredSource *sources = ARENA_ARRAY(arena, AnsweredSource, MAX(count, 1));

    if (count > 0)
        memcpy(sources, page->answer.sources, count * sizeof *sources);
    for (size_t i = 0; i < count; i++)
        if (page->row_until_us[i] != UNTIL_NONE)
            sources[i].ttl_us = page->row_until_us[i] - now_us;
    return sources;
}

SearchAnswer
first_page_answer(FirstPage *page, const SearchQuery *query, Id search_id, int64_t at_us, int64_t now_us, Arena *arena)
{
    SearchAnswer answer = page->answer;
    TokenStamper stamper = page->stamper;

    token_stamper_turn(&stamper, search_id, at_us);

    for (size_t i = 0; i < page->reply_count; i++)
        source_reply_note_found(page->replies[i]);
    answer.search_id = search_id;
    answer.at_us = at_us;
    answer.query = query;
    answer.took_us = 0;
    answer.listings = answer.shown = stamped_listings(page, &stamper, arena);
    answer.shown_count = answer.listing_count;
    answer.sources = sources_now(page, now_us, arena);
    return answer;
}

RecordedPage
first_page_record(const FirstPage *page)
{
    return (RecordedPage){page->id, str_of_gstring(page->record)};
}

void
first_page_count(const FirstPage *page, Metrics *metrics)
{
    metric_add(metrics, METRIC_CACHE_LOOKUPS, "source", "hit", (int64_t)(page->reply_count - page->of_index));
    metric_add(metrics, METRIC_CACHE_LOOKUPS, "index", "hit", (int64_t)page->of_index);
}

Pages *
first_page_pages(FirstPage *page)
{
    return page->goes_on ? page->pages : NULL;
}
