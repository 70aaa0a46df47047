#include "api/answer_json.h"

#include "api/answer_template.h"
#include "api/listing_json.h"

/* All but the link, which is each visitor's own. */
static void
write_members(JsonWriter *json, const AnsweredListing *answered)
{
    json_member_int(json, "position", answered->position);
    json_listing_members(json, answered->listing, false);
    if (answered->bid.currency.code[0] != '\0')
        json_member_money(json, "bid", answered->bid.micros, answered->bid.currency);
    if (answered->also_from.count > 0) {
        json_key(json, "also_from");
        json_begin_array(json);
        for (size_t i = 0; i < answered->also_from.count; i++)
            json_text(json, answered->also_from.items[i]);
        json_end_array(json);
    }
}

/* holes: NULL when nobody keeps them. */
static void
note_hole(GArray *holes, const JsonWriter *json, size_t before_end, size_t size)
{
    TextHole hole = {json->to->len - before_end - size, size};

    if (holes != NULL)
        g_array_append_val(holes, hole);
}

static void
write_listing_score(JsonWriter *json, const AnsweredListing *answered)
{
    static const Currency DOLLARS = {"USD"};
    const ListingScore *score = &answered->score;

    json_key(json, "score");
    json_begin_object(json);
    json_member_int(json, "total", score->total);
    json_member_int(json, "relevance", score->relevance);
    json_member_int(json, "place", score->place);
    json_member_int(json, "freshness", score->freshness);
    json_member_int(json, "revenue", score->revenue);
    json_member_int(json, "repeats", score->repeats);
    json_member_int(json, "by_points", score->by_points);
    if (answered->value > 0) {
        json_member_money(json, "value", answered->value, DOLLARS);
        json_member_text(json, "value_of", answered->bid.micros > 0 ? STR("bid") : STR("clicks"));
    }
    json_end_object(json);
}

static void
write_listing(JsonWriter *json, const AnsweredListing *answered, bool explain, GArray *holes)
{
    write_members(json, answered);
    json_member_text(json, "url", answered->click_url);
    note_hole(holes, json, 1, TOKEN_STAMP_SIZE); /* before the quote */
    if (explain)
        write_listing_score(json, answered);
}

void
json_search_listing(JsonWriter *json, const AnsweredListing *answered, bool explain)
{
    write_listing(json, answered, explain, NULL);
}

static void
write_source_score(JsonWriter *json, const SourceScore *score)
{
    json_key(json, "score");
    json_begin_object(json);
    json_member_int(json, "total", score->score);
    json_member_int(json, "in_time", score->in_time);
    json_member_int(json, "new", score->fresh);
    json_member_int(json, "fit", score->fit);
    json_member_int(json, "value", score->value);
    json_member_int(json, "room", score->room);
    json_member_int(json, "calls", score->calls);
    if (score->p50_us < INT64_MAX)
        json_member_int(json, "p50_ms", score->p50_us / US_PER_MS);
    if (score->p95_us < INT64_MAX)
        json_member_int(json, "p95_ms", score->p95_us / US_PER_MS);
    json_end_object(json);
}

static void
write_attempts(JsonWriter *json, const AttemptLog *log)
{
    json_key(json, "attempts");
    json_begin_array(json);
    for (size_t i = 0; i < log->count; i++) {
        const SourceAttempt *attempt = &log->items[i];

        json_begin_object(json);
        json_member_text(json, "kind", str_of(call_kind_name(attempt->kind)));
        json_member_text(json, "status", str_of(source_status_name(attempt->status)));
        json_member_int(json, "after_ms", attempt->after_us / US_PER_MS);
        if (attempt->status != SOURCE_PENDING)
            json_member_int(json, "took_ms", attempt->took_us / US_PER_MS);
        json_end_object(json);
    }
    json_end_array(json);
}

static void
write_source(JsonWriter *json, const AnsweredSource *source, bool explain, GArray *holes)
{
    json_member_text(json, "source", source->name);
    json_member_text_if(json, "partner", source->partner);
    json_member_text(json, "status", str_of(source_status_name(source->status)));
    json_member_int(json, "count", (int64_t)source->count);
    json_member_int(json, "took_ms", source->took_us / US_PER_MS);
    json_member_text_if(json, "reason", source->reason);
    json_member_text_if(json, "attribution", source->attribution);
    json_member_text_if(json, "attribution_url", source->attribution_url);
    if (source->follow)
        json_member_bool(json, "follow", true);
    if (source->noindex)
        json_member_bool(json, "noindex", true);
    json_member_text_if(json, "cache", str_of(cache_use_name(source->cache)));
    if (answered_source_has_ttl(source)) {
        size_t from;

        json_key(json, "ttl_s");
        from = json->to->len;
        json_int(json, source->ttl_us / US_PER_SECOND);
        note_hole(holes, json, 0, json->to->len - from);
    }
    if (source->collapsed)
        json_member_bool(json, "collapsed", true);
    if (source->explored)
        json_member_bool(json, "explored", true);
    if (explain && source->scored)
        write_source_score(json, &source->score);
    if (explain && source->attempts.count > 0)
        write_attempts(json, &source->attempts);
}

void
json_search_source(JsonWriter *json, const AnsweredSource *source, bool explain)
{
    write_source(json, source, explain, NULL);
}

static void
write_sources(JsonWriter *json, const SearchAnswer *answer, GArray *holes)
{
    json_key(json, "sources");
    json_begin_array(json);
    for (size_t i = 0; i < answer->source_count; i++) {
        json_begin_object(json);
        write_source(json, &answer->sources[i], answer->query->explain, holes);
        json_end_object(json);
    }
    json_end_array(json);
}

void
json_search_sources(JsonWriter *json, const SearchAnswer *answer)
{
    write_sources(json, answer, NULL);
}

/* Where the place is that was asked for; null when nobody can tell. */
static void
write_place(JsonWriter *json, const SearchQuery *query)
{
    double latitude, longitude;

    if (str_is_empty(query->location))
        return;
    json_key(json, "place");
    if (!search_query_position(query, &latitude, &longitude)) {
        json_null(json);
        return;
    }
    json_begin_object(json);
    json_key(json, "latitude");
    json_double(json, latitude);
    json_key(json, "longitude");
    json_double(json, longitude);
    json_end_object(json);
}

/* The answer's text from the listings on, and where it is not the next answer's too. */
static void
write_page(JsonWriter *json, const SearchAnswer *answer, GArray *holes)
{
    json_key(json, "listings");
    json_begin_array(json);
    for (size_t i = 0; i < answer->listing_count; i++) {
        json_begin_object(json);
        write_listing(json, &answer->listings[i], answer->query->explain, holes);
        json_end_object(json);
    }
    json_end_array(json);
    write_sources(json, answer, holes);
}

/* Keeps what was written from there on for the next answer, unless it is too large or somebody has just done it. */
static void
keep_page(AnswerRendering *rendering, const JsonWriter *json, size_t from, GArray *holes)
{
    Str page = str_slice(str_of_gstring(json->to), from, json->to->len);
    TextHole *items = (TextHole *)holes->data;
    AnswerTemplate *template;
    gpointer nothing = NULL;

    for (guint i = 0; i < holes->len; i++)
        items[i].at -= from;
    if (answer_template_bytes(page, items, holes->len) > rendering->limit_bytes)
        return;
    template = answer_template_new(page, items, holes->len);
    /* Whoever else comes this far stores the same. */
    __atomic_store_n(&rendering->free_fn, answer_template_free, __ATOMIC_RELAXED);
    if (!__atomic_compare_exchange_n(&rendering->made, &nothing, template, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        answer_template_free(template);
}

static void
write_listings_and_sources(JsonWriter *json, const SearchAnswer *answer)
{
    AnswerRendering *rendering = answer->rendering;
    const AnswerTemplate *template = rendering == NULL ? NULL : __atomic_load_n(&rendering->made, __ATOMIC_ACQUIRE);
    g_autoptr(GArray) holes = NULL;
    size_t from;

    json_members(json, STR("")); /* the comma */
    from = json->to->len;
    if (template != NULL) {
        answer_template_fill(template, answer, json->to);
        return;
    }
    json->comma = false;
    if (rendering == NULL) {
        write_page(json, answer, NULL);
        return;
    }
    holes = g_array_new(FALSE, FALSE, sizeof(TextHole));
    write_page(json, answer, holes);
    keep_page(rendering, json, from, holes);
}

void
json_search_question(JsonWriter *json, Id search_id, const SearchQuery *query)
{
    json_member_id(json, "search_id", search_id);
    json_key(json, "query");
    search_query_write(query, json);
    write_place(json, query);
    json_member_text(json, "mode", str_of(search_mode_name((SearchMode)query->mode)));
}

void
json_search_outcome(JsonWriter *json, const SearchAnswer *answer)
{
    json_member_int(json, "took_ms", answer->took_us / US_PER_MS);
    json_member_text(json, "cache", str_of(answer->cache));
    json_member_text(json, "ended", str_of(search_end_name(answer->ended)));
    if (answer->query->explain && answer->plan_us > 0)
        json_member_int(json, "plan_ms", answer->plan_us / US_PER_MS);
    json_member_bool(json, "partial", answer->partial);
    json_member_int(json, "total", (int64_t)answer->total);
    if (answer->next_page > 0)
        json_member_int(json, "next_page", answer->next_page);
    json_member_text_if(json, "next_cursor", answer->next_cursor);
    if (answer->rebuilt)
        json_member_text(json, "snapshot", STR("rebuilt"));
}

void
json_search_answer(JsonWriter *json, const SearchAnswer *answer)
{
    json_begin_object(json);
    json_search_question(json, answer->search_id, answer->query);
    json_search_outcome(json, answer);
    write_listings_and_sources(json, answer);
    json_end_object(json);
}
