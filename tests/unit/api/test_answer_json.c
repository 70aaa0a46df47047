/* What is kept of an answer's text makes the next one's as if it had been written whole. */
#include "api/answer_json.h"

#include "base/clock.h"

#define LISTINGS 3

typedef struct {
    AnswerRendering rendering;
    Listing listings[LISTINGS];
    AnsweredListing answered[LISTINGS];
    AnsweredSource sources[4];
    SearchQuery query;
    Arena *arena;
} Fixture;

static void
fixture_set_up(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    static const char *const TITLES[LISTINGS] = {"Nurse", "\"Cook\" \\ <b>", "Caf\xc3\xa9"};

    f->arena = arena_new(4096);
    search_query_init(&f->query, f->arena);
    f->query.keywords = STR("nurse");
    f->rendering.limit_bytes = 100000;
    for (size_t i = 0; i < LISTINGS; i++)
        f->listings[i] = (Listing){.source = STR("acme"),
                                   .id = STR("17"),
                                   .title = str_of(TITLES[i]),
                                   .posted_at_us = TIMESTAMP_NONE,
                                   .expires_at_us = TIMESTAMP_NONE};
    f->sources[0] = (AnsweredSource){.name = STR("acme"), .status = SOURCE_OK, .count = 3, .cache = CACHE_HIT};
    f->sources[1] = (AnsweredSource){.name = STR("bolt"), .status = SOURCE_SKIPPED, .reason = STR("excluded")};
    f->sources[2] = (AnsweredSource){.name = STR("cram"), .status = SOURCE_EMPTY, .cache = CACHE_STALE};
    f->sources[3] = (AnsweredSource){.name = STR("dull"), .status = SOURCE_EMPTY, .cache = CACHE_HIT};
}

static void
fixture_tear_down(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    if (f->rendering.made != NULL)
        f->rendering.free_fn(f->rendering.made);
    arena_free(f->arena);
}

/* The answer to one more search; what differs is made of number. */
static SearchAnswer
answer_number(Fixture *f, int number)
{
    for (size_t i = 0; i < LISTINGS; i++)
        f->answered[i] = (AnsweredListing){.listing = &f->listings[i],
                                           .position = (uint32_t)i + 1,
                                           .click_url = arena_printf(f->arena, "https://feed.example/c/OFFER%zu.%0*d",
                                                                     i, TOKEN_STAMP_SIZE - 1, number * 100 + (int)i)};
    f->sources[0].ttl_us = 3600 * US_PER_SECOND / (number + 1);
    f->sources[2].ttl_us = -number * US_PER_SECOND;
    f->sources[3].ttl_us = (10 - number) * US_PER_SECOND;
    return (SearchAnswer){.search_id = 1000 + number,
                          .query = &f->query,
                          .took_us = number * US_PER_MS,
                          .cache = "hit",
                          .listings = f->answered,
                          .listing_count = LISTINGS,
                          .total = 50,
                          .next_page = 2,
                          .sources = f->sources,
                          .source_count = G_N_ELEMENTS(f->sources)};
}

static GString *
written(const SearchAnswer *answer)
{
    JsonWriter json = json_writer(g_string_new(NULL));

    json_search_answer(&json, answer);
    return json.to;
}

static void
an_answer_of_what_was_kept_reads_as_one_written_whole(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    for (int number = 0; number < 12; number++) {
        SearchAnswer answer = answer_number(f, number);
        g_autoptr(GString) whole = written(&answer);
        g_autoptr(GString) kept = NULL;

        answer.rendering = &f->rendering;
        kept = written(&answer);
        g_assert_cmpstr(kept->str, ==, whole->str);
        g_assert_nonnull(f->rendering.made);
    }
}

static void
an_answer_without_listings_or_sources_can_be_kept_too(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    for (int number = 0; number < 2; number++) {
        SearchAnswer answer = answer_number(f, number);
        g_autoptr(GString) whole = NULL, kept = NULL;

        answer.listing_count = answer.source_count = 0;
        whole = written(&answer);
        answer.rendering = &f->rendering;
        kept = written(&answer);
        g_assert_cmpstr(kept->str, ==, whole->str);
        g_assert_nonnull(strstr(kept->str, "\"listings\":[],\"sources\":[]}"));
    }
}

static void
what_is_too_long_is_written_each_time(Fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
    SearchAnswer answer = answer_number(f, 1);
    g_autoptr(GString) whole = written(&answer), again = NULL;

    f->rendering.limit_bytes = 100;
    answer.rendering = &f->rendering;
    again = written(&answer);
    g_assert_null(f->rendering.made);
    g_assert_cmpstr(again->str, ==, whole->str);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(test) g_test_add("/answer_json/" #test, Fixture, NULL, fixture_set_up, test, fixture_tear_down)
    ADD(an_answer_of_what_was_kept_reads_as_one_written_whole);
    ADD(an_answer_without_listings_or_sources_can_be_kept_too);
    ADD(what_is_too_long_is_written_each_time);
    return g_test_run();
}
