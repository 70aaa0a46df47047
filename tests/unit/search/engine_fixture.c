#include "engine_fixture.h"

static const char *
no_secret(void *data, const char *name)
{
    (void)data;
    (void)name;
    return NULL;
}

SourceSet *
fixture_load_definitions(void)
{
    g_autofree char *directory = g_build_filename(g_getenv("WEIR_ROOT"), "tests/unit/search/definitions", NULL);
    SourceSetSpec spec = {.directory = directory, .secret = no_secret};
    GError *error = NULL;
    SourceSet *set = source_set_load(&spec, &error);

    g_assert_no_error(error);
    return set;
}

void
engine_fixture_set_up(EngineFixture *f, gconstpointer data)
{
    const EngineParts *parts = data;
    SearchShardSpec shard;

    fake_clock_init(&f->clock, START_US);
    f->loop = fake_loop_new(&f->clock);
    f->client = fake_client_new(f->loop);
    f->sources = fixture_load_definitions();
    seeded_random_init(&f->random, 7);
    id_mint_init(&f->mint, &f->clock.clock, 1);
    f->keys.count = 1;
    f->keys.keys[0].id = 1;
    random_fill(&f->random.random, f->keys.keys[0].key, TOKEN_KEY_BYTES);
    f->metrics = metrics_new();
    f->arena = arena_new(16384);
    f->caught = g_ptr_array_new();
    f->exchange = exchange_shared_new(&f->clock.clock, NULL);
    shard = (SearchShardSpec){
        .loop = fake_loop_base(f->loop), .client = fake_client_base(f->client), .shared = parts->shared};
    f->engine = search_engine_new(&(SearchEngineSpec){
        .sources = f->sources,
        .shards = &shard,
        .shard_count = 1,
        .clock = &f->clock.clock,
        .random = &f->random.random,
        .mint = &f->mint,
        .keys = &f->keys,
        .base_url = "https://feed.example",
        .exchange = f->exchange,
        .metrics = f->metrics,
        .limits = parts->limits,
        .spool = parts->spool,
        .index = parts->index,
        .cache = parts->cache,
        .background = parts->background,
    });
}

void
engine_fixture_tear_down(EngineFixture *f, gconstpointer data)
{
    (void)data;
    search_engine_stop(f->engine, 0);
    fake_loop_run(f->loop);
    search_engine_free(f->engine);
    exchange_shared_free(f->exchange);
    g_assert_cmpuint(fake_client_open_count(f->client), ==, 0);
    g_assert_cmpuint(fake_loop_timer_count(f->loop), ==, 0);
    for (guint i = 0; i < f->caught->len; i++) {
        Caught *caught = g_ptr_array_index(f->caught, i);

        g_string_free(caught->ids, TRUE);
        g_string_free(caught->shown, TRUE);
        g_string_free(caught->news, TRUE);
        g_array_unref(caught->told);
        arena_free(caught->arena);
        g_free(caught);
    }
    g_ptr_array_unref(f->caught);
    source_set_unref(f->sources);
    fake_client_free(f->client);
    fake_loop_free(f->loop);
    metrics_free(f->metrics);
    arena_free(f->arena);
}

SearchQuery
fixture_query(EngineFixture *f, const char *text)
{
    SearchQuery query;
    g_auto(GStrv) pairs = g_strsplit(text, "&", -1);
    GError *error = NULL;

    search_query_init(&query, f->arena);
    query.keywords = STR("nurse");
    query.per_page = 5;
    query.visitor_ip = str_of(f->visitor_ip);
    for (char **pair = pairs; *pair != NULL && **pair != '\0'; pair++) {
        Str value = str_of(*pair), name = str_cut(&value, '=');

        g_assert_true(search_query_set(&query, name, value, &error));
        g_assert_no_error(error);
    }
    return query;
}

static void
append_name(GString *to, const Listing *listing)
{
    g_string_append_printf(to, "%.*s:%.*s ", STR_FORMAT(listing->source), STR_FORMAT(listing->id));
}

static void
on_answer(void *data, const SearchAnswer *answer)
{
    Caught *caught = data;
    AnsweredListing *listings = ARENA_ARRAY(caught->arena, AnsweredListing, answer->listing_count + 1);
    AnsweredSource *sources = ARENA_ARRAY(caught->arena, AnsweredSource, answer->source_count + 1);

    g_assert_false(caught->done);
    caught->done = true;
    caught->done_us = clock_monotonic_us(&caught->fixture->clock.clock) - caught->started_us;
    caught->answer = *answer;
    caught->answer.next_cursor = arena_str(caught->arena, answer->next_cursor);
    caught->answer.query = NULL;
    for (size_t i = 0; i < answer->listing_count; i++) {
        Listing *copy = ARENA_NEW(caught->arena, Listing);
        Str *also = ARENA_ARRAY(caught->arena, Str, answer->listings[i].also_from.count + 1);

        *copy = listing_copy(caught->arena, answer->listings[i].listing);
        listings[i] = answer->listings[i];
        listings[i].listing = copy;
        listings[i].click_url = arena_str(caught->arena, listings[i].click_url);
        for (size_t k = 0; k < listings[i].also_from.count; k++)
            also[k] = arena_str(caught->arena, listings[i].also_from.items[k]);
        listings[i].also_from.items = also;
        append_name(caught->ids, copy);
    }
    for (size_t i = 0; i < answer->shown_count; i++) {
        append_name(caught->shown, answer->shown[i].listing);
        g_assert_cmpuint(answer->shown[i].position, ==, i + 1);
    }
    for (size_t i = 0; i < answer->source_count; i++) {
        sources[i] = answer->sources[i];
        sources[i].name = arena_str(caught->arena, sources[i].name);
        sources[i].reason = arena_str(caught->arena, sources[i].reason);
    }
    caught->answer.listings = listings;
    caught->answer.sources = sources;
}

static size_t
place_of(const Caught *caught, Fingerprint id)
{
    size_t i = 0;

    while (i < caught->told->len && !fingerprint_equal(g_array_index(caught->told, Fingerprint, i), id))
        i++;
    return i;
}

static bool
on_news(void *data, const SearchNews *news)
{
    Caught *caught = data;
    int64_t now_us = clock_monotonic_us(&caught->fixture->clock.clock) - caught->started_us;

    g_assert_false(caught->done);
    g_string_append_printf(caught->news, "%d ms:", (int)(now_us / US_PER_MS));
    for (size_t i = 0; i < news->listing_count; i++) {
        const AnsweredListing *listing = &news->listings[i];

        g_assert_cmpuint(place_of(caught, listing->id), ==, caught->told->len); /* each once */
        g_array_append_val(caught->told, listing->id);
        g_string_append_printf(caught->news, " %.*s:%.*s@%u", STR_FORMAT(listing->listing->source),
                               STR_FORMAT(listing->listing->id), listing->position);
        for (size_t k = 0; k < listing->replaces_count; k++)
            g_string_append_printf(caught->news, " -%u", (unsigned)place_of(caught, listing->replaces[k]) + 1);
    }
    for (size_t i = 0; i < news->source_count; i++)
        g_string_append_printf(caught->news, " %.*s=%s/%u", STR_FORMAT(news->sources[i].name),
                               source_status_name(news->sources[i].status), (unsigned)news->sources[i].count);
    if (news->source_count > 0)
        g_assert_cmpuint(news->asked_count, >=, news->source_count);
    g_string_append_c(caught->news, '\n');
    return caught->listens > 0 && --caught->listens > 0;
}

static size_t
how_many_taken(void *data)
{
    return ((const Caught *)data)->taken;
}

static Caught *
start(EngineFixture *f, const char *text, const SearchReceiver *receiver)
{
    SearchQuery query = fixture_query(f, text);
    Caught *caught = g_new0(Caught, 1);
    GError *error = NULL;

    caught->fixture = f;
    caught->arena = arena_new(4096);
    caught->ids = g_string_new(NULL);
    caught->shown = g_string_new(NULL);
    caught->news = g_string_new(NULL);
    caught->told = g_array_new(FALSE, FALSE, sizeof(Fingerprint));
    caught->started_us = clock_monotonic_us(&f->clock.clock);
    g_ptr_array_add(f->caught, caught);
    g_assert_true(search_start(f->engine, &query, receiver, caught, &error));
    g_assert_no_error(error);
    return caught;
}

Caught *
fixture_search(EngineFixture *f, const char *text)
{
    return start(f, text, &(SearchReceiver){.done = on_answer});
}

Caught *
fixture_watch(EngineFixture *f, const char *text, unsigned listens, size_t taken)
{
    Caught *caught = start(f, text, &(SearchReceiver){on_answer, on_news, how_many_taken});

    caught->listens = listens;
    caught->taken = taken;
    return caught;
}

void
fixture_run(EngineFixture *f, const Caught *caught)
{
    g_assert_true(fake_loop_run_until(f->loop, &caught->done, US_PER_MINUTE));
}

Caught *
fixture_answer(EngineFixture *f, const char *text)
{
    Caught *caught = fixture_search(f, text);

    fixture_run(f, caught);
    return caught;
}

const char *
fixture_body(EngineFixture *f, const char *source, const char *listings)
{
    g_autoptr(GString) body = g_string_new("{\"results\":[");
    g_auto(GStrv) items = g_strsplit(listings, ",", -1);

    for (char **item = items; *item != NULL && **item != '\0'; item++) {
        g_auto(GStrv) parts = g_strsplit(*item, "|", 4);

        g_assert_cmpuint(g_strv_length(parts), ==, 4);
        g_string_append_printf(body,
                               "%s{\"id\":\"%s\",\"title\":\"%s\",\"company\":\"%s\",\"bid\":%s,"
                               "\"url\":\"https://%s.example/go/%s?x=1\"}",
                               item == items ? "" : ",", parts[0], parts[1], parts[2], parts[3], source, parts[0]);
    }
    g_string_append(body, "]}");
    return arena_strdup(f->arena, str_of_gstring(body));
}

static const char *
url_of(EngineFixture *f, const char *source, int page)
{
    if (page == 0)
        return arena_printf(f->arena, "https://%s.example/", source).at;
    return arena_printf(f->arena, "https://%s.example/search?q=nurse&page=%d", source, page).at;
}

void
fixture_listings(EngineFixture *f, const char *source, int page, const char *listings, int64_t delay_ms)
{
    fake_client_answer(f->client, &(FakeAnswer){
                                      .url = url_of(f, source, page),
                                      .body = fixture_body(f, source, listings),
                                      .delay_us = delay_ms * US_PER_MS,
                                  });
}

void
fixture_failure(EngineFixture *f, const char *source, int status, HttpOutcome outcome, int64_t delay_ms)
{
    fake_client_answer(f->client, &(FakeAnswer){
                                      .url = url_of(f, source, 0),
                                      .status = status,
                                      .outcome = outcome,
                                      .body = "",
                                      .delay_us = delay_ms * US_PER_MS,
                                  });
}

ClickToken
fixture_open(EngineFixture *f, const AnsweredListing *listing)
{
    Str prefix = STR("https://feed.example/c/");
    g_autoptr(GError) error = NULL;
    ClickToken token = {0};

    g_assert_true(str_starts_with(listing->click_url, prefix));
    if (!token_open(&f->keys, str_slice(listing->click_url, prefix.size, listing->click_url.size),
                    clock_now_us(&f->clock.clock), US_PER_DAY, f->arena, &token, &error))
        g_assert_no_error(error);
    return token;
}

const AnsweredSource *
caught_source(const Caught *caught, const char *source)
{
    for (size_t i = 0; i < caught->answer.source_count; i++)
        if (str_is(caught->answer.sources[i].name, source))
            return &caught->answer.sources[i];
    g_assert_not_reached();
}

void
assert_status(const Caught *caught, const char *source, SourceStatus status)
{
    const AnsweredSource *row = caught_source(caught, source);

    if (row->status != status)
        g_test_message("%s: %.*s", source, STR_FORMAT(row->reason));
    g_assert_cmpstr(source_status_name(row->status), ==, source_status_name(status));
}
