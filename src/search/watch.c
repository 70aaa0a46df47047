#include "search/watch.h"

#include "search/fanout_type.h"

/* So long it waits for more before it tells again: each time the page is ranked. */
#define PAUSE_US (25 * US_PER_MS)
/* After so long without news it is asked whether anybody listens still. */
#define BEAT_US US_PER_SECOND
/* What came to stand on the page and had to leave it again. Then only what is on the page at the end is told. */
#define TOLD_LIMIT 500

struct Watch {
    Search *search;
    SearchReceiver receiver;
    void *data;
    LoopTimer *timer;
    bool is_soon; /* it was started for news, not for a beat */
    bool is_over; /* nobody listens any more */
    int64_t told_us;
    PresentLinks links;
    GArray *told; /* of AnsweredListing; what they point to is in the search's arena, or is the replies' */
    bool *rows;   /* of the outcomes: told */
    Arena *scratch;
};

Watch *
watch_new(Search *search, const SearchReceiver *receiver, void *data)
{
    const PresentInput input = search_present_input(search);
    Watch *watch;

    if (receiver->moved == NULL)
        return NULL;
    watch = g_new0(Watch, 1);
    *watch = (Watch){
        .search = search,
        .receiver = *receiver,
        .data = data,
        .told = g_array_new(FALSE, FALSE, sizeof(AnsweredListing)),
        .scratch = arena_new(16384),
    };
    present_links_init(&watch->links, &input);
    return watch;
}

void
watch_free(Watch *watch)
{
    if (watch == NULL)
        return;
    loop_timer_stop(watch->search->shard->context.loop, watch->timer);
    g_array_unref(watch->told);
    arena_free(watch->scratch);
    g_free(watch);
}

const AnsweredListing *
watch_told(const Watch *watch, size_t *ret_count)
{
    if (watch == NULL)
        return NULL;
    *ret_count = watch->is_over ? MIN(watch->told->len, watch->receiver.taken(watch->data)) : watch->told->len;
    return (const AnsweredListing *)watch->told->data;
}

/* ---- what is told ---- */

static bool
is_told(const Watch *watch, Fingerprint id)
{
    for (guint i = 0; i < watch->told->len; i++)
        if (fingerprint_equal(g_array_index(watch->told, AnsweredListing, i).id, id))
            return true;
    return false;
}

/* Of those that were told: what is the same position as this one. */
static void
note_replaced(const Watch *watch, AnsweredListing *answered)
{
    g_autoptr(GArray) replaced = g_array_new(FALSE, FALSE, sizeof(Fingerprint));

    for (guint i = 0; i < watch->told->len; i++) {
        Fingerprint told = g_array_index(watch->told, AnsweredListing, i).id;
        const Merged *survivor = merge_survivor_of(watch->search->merge, told);

        if (survivor != NULL && fingerprint_equal(survivor->id, answered->id))
            g_array_append_val(replaced, told);
    }
    answered->replaces = arena_items(watch->search->arena, replaced);
    answered->replaces_count = replaced->len;
}

static StrList
names_copy(StrList names, Arena *arena)
{
    Str *items = ARENA_ARRAY(arena, Str, MAX(names.count, 1));

    for (size_t i = 0; i < names.count; i++)
        items[i] = names.items[i];
    return (StrList){items, names.count};
}

/* compares: the merge can still be asked. */
static void
add_listing(Watch *watch, const Merged *merged, bool compares)
{
    Search *search = watch->search;
    PresentInput input = search_present_input(search);
    AnsweredListing answered;

    if (is_told(watch, merged->id))
        return;
    answered = present_listing(&input, &watch->links, merged, watch->told->len + 1, search->arena);
    answered.also_from = names_copy(merged->also_from, search->arena);
    if (compares)
        note_replaced(watch, &answered);
    g_array_append_val(watch->told, answered);
}

/* Rows of sources that were asked, or answered from what was kept. */
static size_t
gather_rows(Watch *watch, AnsweredSource *sources)
{
    const Search *search = watch->search;
    size_t count = 0;

    if (watch->rows == NULL && search->outcome_count > 0) /* there is a plan now */
        watch->rows = ARENA_ARRAY(search->arena, bool, search->outcome_count);
    for (size_t i = 0; i < search->outcome_count; i++) {
        SourceStatus status = search->outcomes[i].status;

        if (watch->rows[i] || status == SOURCE_PENDING || status == SOURCE_SKIPPED)
            continue;
        watch->rows[i] = true;
        sources[count++] = present_source(&search->outcomes[i]);
    }
    return count;
}

static size_t
count_asked(const Search *search)
{
    size_t count = 0;

    for (size_t i = 0; i < search->outcome_count; i++)
        count += search->outcomes[i].status == SOURCE_SKIPPED ? 0 : 1;
    return count;
}

/* from: where in told the news begin. */
static void
tell(Watch *watch, guint from, bool even_nothing)
{
    const Search *search = watch->search;
    AnsweredSource *sources = ARENA_ARRAY(watch->scratch, AnsweredSource, MAX(search->outcome_count, 1));
    SearchNews news = {
        .search_id = search->id,
        .query = &search->query,
        .listings = (const AnsweredListing *)watch->told->data + from,
        .listing_count = watch->told->len - from,
        .sources = sources,
        .source_count = gather_rows(watch, sources),
        .asked_count = count_asked(search),
    };

    if (news.listing_count + news.source_count == 0 && !even_nothing)
        return;
    watch->told_us = search_elapsed_us(search);
    watch->is_over = !watch->receiver.moved(watch->data, &news);
}

static void
tell_nothing(Watch *watch)
{
    arena_reset(watch->scratch);
    tell(watch, watch->told->len, true);
}

/* The page as it would be if nothing more came, in scratch. */
static const Merged *
page_now(const Watch *watch, size_t *ret_count)
{
    Search *search = watch->search;
    const GArray *list = search->pages->list;
    size_t count, begin = pages_begin(search->pages, search->query.page, search->query.per_page);
    const Merged *merged = merge_so_far(search->merge, watch->scratch, &count);
    Merged *all = ARENA_ARRAY(watch->scratch, Merged, MAX(list->len + count, 1));

    if (list->len > 0)
        memcpy(all, list->data, list->len * sizeof *all);
    if (count > 0)
        memcpy(all + list->len, merged, count * sizeof *all);
    count += list->len;
    search_rank(search, all, list->len, count);
    begin = MIN(begin, count);
    *ret_count = MIN((size_t)search->query.per_page, count - begin);
    return all + begin;
}

static void
tell_page(Watch *watch)
{
    guint from = watch->told->len;
    const Merged *page;
    size_t count;

    arena_reset(watch->scratch);
    page = page_now(watch, &count);
    for (size_t i = 0; i < count && watch->told->len < TOLD_LIMIT; i++)
        add_listing(watch, &page[i], true);
    tell(watch, from, false);
}

/* ---- when ---- */

static void watch_wait(Watch *watch, int64_t after_us, bool is_soon);

static void
on_timer(void *data)
{
    Watch *watch = data;
    bool is_soon = watch->is_soon;

    watch->timer = NULL;
    watch->is_soon = false;
    if (is_soon)
        tell_page(watch);
    else
        tell_nothing(watch);
    if (watch->is_over)
        search_end(watch->search, SEARCH_END_GONE);
    else
        watch_wait(watch, BEAT_US, false);
}

static void
watch_wait(Watch *watch, int64_t after_us, bool is_soon)
{
    Loop *loop = watch->search->shard->context.loop;

    loop_timer_stop(loop, watch->timer);
    watch->is_soon = is_soon;
    watch->timer = loop_timer_start(loop, after_us, on_timer, watch);
}

void
watch_begin(Watch *watch)
{
    if (watch == NULL)
        return;
    tell_nothing(watch);
    watch_wait(watch, watch->is_over ? 0 : BEAT_US, false);
}

void
watch_note(Watch *watch)
{
    if (watch == NULL || watch->is_soon)
        return;
    watch_wait(watch, watch->told->len == 0 ? 0 : MAX(watch->told_us + PAUSE_US - search_elapsed_us(watch->search), 0),
               true);
}

void
watch_tell_rest(Watch *watch)
{
    if (watch != NULL && !watch->is_over && watch->told->len > 0)
        tell_page(watch);
}

void
watch_end(Watch *watch)
{
    Search *search;
    const Pages *pages;
    size_t begin, end;
    guint from;

    if (watch == NULL || watch->is_over)
        return;
    search = watch->search;
    pages = search->pages;
    from = watch->told->len;
    arena_reset(watch->scratch);
    pages_slice(pages, search->query.page, search->query.per_page, &begin, &end);
    for (size_t i = begin; i < end; i++)
        add_listing(watch, &g_array_index(pages->list, Merged, i), false);
    tell(watch, from, false);
}
