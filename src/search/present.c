#include "search/present.h"

#include "listings/language.h"
#include "ops/log.h"
#include "tracking/event.h"

void
present_links_init(PresentLinks *links, const PresentInput *input)
{
    token_sealer_init(&links->sealer, input->keys, input->random);
    token_stamper_init(&links->stamper, input->keys, input->id, input->at_us);
}

static Str
click_url(const PresentInput *input, PresentLinks *links, const Merged *merged, uint32_t position,
          TokenOffer *ret_offer, Arena *arena)
{
    g_autoptr(GString) text = g_string_new(input->base_url);
    char stamp[TOKEN_STAMP_SIZE];
    ClickToken token = {
        .issued_at_us = input->at_us,
        .confirmed_at_us = merged->listing->confirmed_at_us,
        .source = merged->listing->source,
        .listing_id = merged->listing->id,
        .url = merged->listing->url,
        .bid = merged->bid,
    };
    bool sealed;

    g_string_append(text, "/c/");
    /* It fits: a listing whose token would not never becomes part of a reply (source_reply_takes()). */
    sealed = token_sealer_offer(&links->sealer, &token, text, ret_offer);
    g_assert(sealed);
    token_stamp(&links->stamper, ret_offer, position, stamp);
    g_string_append_len(text, stamp, sizeof stamp);
    return arena_str(arena, str_of_gstring(text));
}

/* The language is found out of what is shown, not of all that came. */
static const Listing *
with_language(const Listing *listing, Arena *arena)
{
    Listing *whole;

    if (listing->language.at != NULL)
        return listing;
    whole = ARENA_NEW(arena, Listing);
    *whole = *listing;
    whole->language = listing_language(listing);
    return whole;
}

AnsweredListing
present_listing(const PresentInput *input, PresentLinks *links, const Merged *merged, uint32_t position, Arena *arena)
{
    AnsweredListing answered = {
        .listing = with_language(merged->listing, arena),
        .id = merged->id,
        .bid = merged->bid,
        .position = position,
        .also_from = merged->also_from,
        .score = merged->score,
        .value = merged->value,
    };

    answered.click_url = click_url(input, links, merged, position, &answered.offer, arena);
    return answered;
}

/* NULL when it was not told, since nobody listened any more. */
static const AnsweredListing *
find_told(const PresentInput *input, Fingerprint id)
{
    for (size_t i = 0; i < input->told_count; i++)
        if (fingerprint_equal(input->told[i].id, id))
            return &input->told[i];
    return NULL;
}

/* In the order of the page, as they were told. */
static void
present_told(const PresentInput *input, SearchAnswer *answer, size_t begin, size_t end, AnsweredListing *listings)
{
    for (size_t i = begin; i < end; i++) {
        const Merged *merged = &g_array_index(input->pages->list, Merged, i);
        const AnsweredListing *told = find_told(input, merged->id);

        if (told == NULL)
            continue;
        listings[answer->listing_count] = *told;
        listings[answer->listing_count++].score = merged->score;
    }
    answer->shown = input->told;
    answer->shown_count = input->told_count;
}

static void
present_listings(const PresentInput *input, SearchAnswer *answer, Arena *arena)
{
    AnsweredListing *listings;
    PresentLinks links;
    size_t begin, end;

    pages_slice(input->pages, input->query->page, input->query->per_page, &begin, &end);
    listings = ARENA_ARRAY(arena, AnsweredListing, MAX(end - begin, 1));
    answer->listings = listings;
    if (input->is_watched) {
        present_told(input, answer, begin, end, listings);
        return;
    }
    present_links_init(&links, input);
    for (size_t i = begin; i < end; i++)
        listings[answer->listing_count++] = present_listing(
            input, &links, &g_array_index(input->pages->list, Merged, i), (uint32_t)(i - begin + 1), arena);
    answer->shown = listings;
    answer->shown_count = answer->listing_count;
}

static bool
is_whole(const RowOutcome *row)
{
    return source_status_is_answer(row->status) || (row->status == SOURCE_SKIPPED && !row->held);
}

AnsweredSource
present_source(const RowOutcome *row)
{
    return (AnsweredSource){
        .name = str_of(source_name(row->source)),
        .partner = str_of(source_partner(row->source)),
        .attribution = str_of(source_attribution(row->source)),
        .attribution_url = str_of(source_attribution_url(row->source)),
        .follow = source_wants_follow(row->source),
        .noindex = source_forbids_robots(row->source),
        .status = row->status,
        .count = row->count,
        .took_us = row->took_us,
        .reason = row->reason,
        .cache = row->cache,
        .ttl_us = row->ttl_us,
        .collapsed = row->collapsed,
        .attempts = row->attempts,
        .scored = row->scored,
        .explored = row->explored,
        .score = row->score,
    };
}

static void
present_sources(const PresentInput *input, SearchAnswer *answer, Arena *arena)
{
    AnsweredSource *sources = ARENA_ARRAY(arena, AnsweredSource, MAX(input->row_count, 1));

    for (size_t i = 0; i < input->row_count; i++) {
        sources[i] = present_source(&input->rows[i]);
        answer->partial = answer->partial || !is_whole(&input->rows[i]);
    }
    answer->sources = sources;
    answer->source_count = input->row_count;
}

/* Text of the cursor to the page after this one. */
static Str
next_cursor(const PresentInput *input, int64_t next_page, Arena *arena)
{
    PageCursor cursor = {.pages = input->pages->id, .page = next_page, .issued_at_us = input->at_us};
    size_t begin, end;

    pages_slice(input->pages, input->query->page, input->query->per_page, &begin, &end);
    cursor.shown = pages_shown_keys(input->pages, end, &cursor.shown_count, arena);
    return page_cursor_seal(&cursor, input->question, input->keys, input->random, arena);
}

SearchAnswer
present_answer(const PresentInput *input, Arena *arena)
{
    const SearchQuery *query = input->query;
    SearchAnswer answer = {
        .search_id = input->id,
        .at_us = input->at_us,
        .query = query,
        .took_us = input->took_us,
        .cache = input->cache,
        .ended = input->ended,
        .plan_us = input->plan_us,
        .total = input->pages->list->len,
        .rebuilt = input->rebuilt,
    };

    present_listings(input, &answer, arena);
    present_sources(input, &answer, arena);
    if (query->page < search_parameter_find(STR("page"))->max &&
        pages_have_more(input->pages, query->page, query->per_page)) {
        answer.next_page = query->page + 1;
        answer.next_cursor = next_cursor(input, answer.next_page, arena);
    }
    return answer;
}

/* The sources that were asked, as the event keeps them. */
static Str
sources_as_json(const SearchAnswer *answer, Arena *arena)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    json_begin_array(&json);
    for (size_t i = 0; i < answer->source_count; i++) {
        const AnsweredSource *source = &answer->sources[i];

        if (source->status == SOURCE_SKIPPED)
            continue;
        json_begin_object(&json);
        json_member_text(&json, "source", source->name);
        json_member_text(&json, "status", str_of(source_status_name(source->status)));
        json_member_int(&json, "count", (int64_t)source->count);
        json_member_int(&json, "took_ms", source->took_us / US_PER_MS);
        json_end_object(&json);
    }
    json_end_array(&json);
    return arena_str(arena, str_of_gstring(text));
}

static const ShownListing *
shown_of(const SearchAnswer *answer, Arena *arena)
{
    ShownListing *shown = ARENA_ARRAY(arena, ShownListing, MAX(answer->shown_count, 1));

    for (size_t i = 0; i < answer->shown_count; i++)
        shown[i] = (ShownListing){
            .source = answer->shown[i].listing->source,
            .listing_id = answer->shown[i].listing->id,
            .title = answer->shown[i].listing->title,
            .bid = answer->shown[i].bid,
        };
    return shown;
}

void
present_record_page(const SearchAnswer *answer, Id page_id, GString *to)
{
    g_autoptr(Arena) arena = arena_new(4096);
    PageEvent event = {
        .id = page_id,
        .made_at_us = answer->at_us,
        .shown = shown_of(answer, arena),
        .shown_count = answer->shown_count,
        .sources = sources_as_json(answer, arena),
    };

    event_write_page(&event, to);
}

static void
add_to_spool(const SearchAnswer *answer, const RecordedPage *page, Spool *spool, Arena *arena)
{
    const SearchQuery *query = answer->query;
    g_autoptr(GString) bytes = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    SearchEvent event = {
        .id = answer->search_id,
        .at_us = answer->at_us,
        .keywords = query->keywords,
        .location = query->location,
        .country = query->country,
        .mode = str_of(search_mode_name((SearchMode)query->mode)),
        .client = query->client,
        .took_us = answer->took_us,
        .partial = answer->partial,
        .shown_count = answer->shown_count,
        .page_id = page != NULL ? page->id : ID_NONE,
    };

    if (page == NULL) {
        event.shown = shown_of(answer, arena);
        event.sources = sources_as_json(answer, arena);
    }
    event_write_search(&event, bytes);
    if (!spool_add_search(spool, event.id, bytes, event.page_id, page != NULL ? page->event : STR_NONE, &error))
        log_event(LOG_LEVEL_WARN, "search.unrecorded", "the search is answered but will not be in the records",
                  LOG_ERROR(error));
}

void
present_record(const SearchAnswer *answer, const RecordedPage *page, Spool *spool, Metrics *metrics, Arena *arena)
{
    const char *mode = search_mode_name((SearchMode)answer->query->mode);

    metric_add(metrics, METRIC_SEARCHES, mode, answer->partial ? "partial" : "complete", 1);
    metric_add(metrics, METRIC_SEARCH_ENDS, mode, search_end_name(answer->ended), 1);
    metric_observe_us(metrics, METRIC_SEARCH_SECONDS, mode, answer->took_us);
    if (spool != NULL)
        add_to_spool(answer, page, spool, arena);
}
