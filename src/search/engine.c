#include "search/engine.h"

#include "search/at_once.h"
#include "search/fanout.h"
#include "search/knowledge.h"
#include "search/plan.h"

#define DEFAULT_SEARCHES          2000
#define DEFAULT_LISTINGS_PER_CALL 200
#define DEFAULT_MEMORY_PER_CALL   ((size_t)4 << 20)
#define DEFAULT_BYTES_PER_ANSWER  (UINT64_C(16) << 20)
#define DEFAULT_SOURCE_TIMEOUT_US (10 * US_PER_SECOND)
#define DEFAULT_CACHE_BYTES       ((size_t)64 << 20)
#define DEFAULT_PAGES_BYTES       ((size_t)64 << 20)
#define DEFAULT_PAGES_LIFETIME_US (10 * US_PER_MINUTE)

struct SearchEngine {
    SearchEngineSpec spec;
    SearchShard *shards;
    SourceHealth *health;
    Learned *learned;
    GMutex mutex; /* of what follows */
    GCond ended;
    SourceSet *sources;
    unsigned active;
    bool stopping;
};

static void
fill_limits(SearchLimits *limits)
{
    limits->searches = limits->searches > 0 ? limits->searches : DEFAULT_SEARCHES;
    limits->listings_per_call = limits->listings_per_call > 0 ? limits->listings_per_call : DEFAULT_LISTINGS_PER_CALL;
    limits->memory_per_call = limits->memory_per_call > 0 ? limits->memory_per_call : DEFAULT_MEMORY_PER_CALL;
    limits->bytes_per_answer = limits->bytes_per_answer > 0 ? limits->bytes_per_answer : DEFAULT_BYTES_PER_ANSWER;
    limits->source_timeout_us = limits->source_timeout_us > 0 ? limits->source_timeout_us : DEFAULT_SOURCE_TIMEOUT_US;
    limits->cache_bytes = limits->cache_bytes > 0 ? limits->cache_bytes : DEFAULT_CACHE_BYTES;
    limits->pages_bytes = limits->pages_bytes > 0 ? limits->pages_bytes : DEFAULT_PAGES_BYTES;
    limits->pages_lifetime_us = limits->pages_lifetime_us > 0 ? limits->pages_lifetime_us : DEFAULT_PAGES_LIFETIME_US;
}

/* Rounded up, so that a small number is no 0. */
static unsigned
share_of(unsigned count, size_t shards)
{
    return (unsigned)((count + shards - 1) / shards);
}

static void
shard_init(SearchShard *shard, SearchEngine *engine, const SearchShardSpec *place)
{
    const SearchEngineSpec *spec = &engine->spec;
    const SearchLimits *limits = &spec->limits;

    shard->engine = engine;
    shard->spec = spec;
    shard->context = (CallContext){
        .loop = place->loop,
        .exchanges = exchanges_new(place->loop, place->client, spec->exchange, spec->allow_private_hosts),
        .random = spec->random,
        .health = engine->health,
        .learned = engine->learned,
        .metrics = spec->metrics,
        .mapping = spec->mapping,
        .places = place_memo_new(),
        .limits = {limits->listings_per_call, limits->memory_per_call, limits->bytes_per_answer,
                   limits->source_timeout_us},
    };
    shard->cache = answer_cache_new(limits->cache_bytes / spec->shard_count, spec->metrics);
    shard->flights = flights_new(&(FlightsSpec){
        .context = &shard->context,
        .cache = shard->cache,
        .rule = &spec->cache,
        .index = spec->index,
        .shared = place->shared,
        .background = {.questions = share_of(spec->background.questions, spec->shard_count),
                       .per_source = share_of(spec->background.per_source, spec->shard_count),
                       .time_us = spec->background.time_us},
    });
    /* Half of it for what each visitor was shown, half for what is shown to all. */
    shard->pages = page_store_new(spec->clock, limits->pages_bytes / spec->shard_count / 2, limits->pages_lifetime_us);
    shard->first_pages = first_pages_new(limits->pages_bytes / spec->shard_count / 2);
    g_queue_init(&shard->running);
}

SearchEngine *
search_engine_new(const SearchEngineSpec *spec)
{
    SearchEngine *engine = g_new0(SearchEngine, 1);

    g_assert(spec->shard_count > 0);
    engine->spec = *spec;
    fill_limits(&engine->spec.limits);
    if (engine->spec.ranking == NULL)
        engine->spec.ranking = &RANK_RULE;
    engine->sources = source_set_ref(spec->sources);
    engine->spec.sources = NULL;
    engine->health = source_health_new(spec->random, spec->limits.repeat_percent, spec->metrics);
    engine->learned = learned_new();
    g_mutex_init(&engine->mutex);
    g_cond_init(&engine->ended);
    engine->shards = g_new0(SearchShard, spec->shard_count);
    for (size_t i = 0; i < spec->shard_count; i++)
        shard_init(&engine->shards[i], engine, &spec->shards[i]);
    engine->spec.shards = NULL;
    return engine;
}

/* On the shard's thread. */
static void
end_all(void *data)
{
    SearchShard *shard = data;

    while (!g_queue_is_empty(&shard->running))
        search_end(g_queue_peek_head(&shard->running), SEARCH_END_STOPPING);
    flights_stop(shard->flights);
    exchanges_stop(shard->context.exchanges);
}

bool
search_engine_stop(SearchEngine *engine, int64_t grace_us)
{
    int64_t until_us = g_get_monotonic_time() + grace_us;
    bool waiting = grace_us > 0;
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&engine->mutex);

    engine->stopping = true;
    for (size_t i = 0; i < engine->spec.shard_count; i++)
        loop_post(engine->shards[i].context.loop, end_all, &engine->shards[i]);
    while (engine->active > 0 && waiting)
        waiting = g_cond_wait_until(&engine->ended, &engine->mutex, until_us);
    return engine->active == 0;
}

void
search_engine_free(SearchEngine *engine)
{
    if (engine == NULL)
        return;
    g_assert(engine->active == 0);
    for (size_t i = 0; i < engine->spec.shard_count; i++) {
        first_pages_free(engine->shards[i].first_pages);
        flights_free(engine->shards[i].flights);
        answer_cache_free(engine->shards[i].cache);
        page_store_free(engine->shards[i].pages);
        exchanges_free(engine->shards[i].context.exchanges);
        place_memo_free(engine->shards[i].context.places);
    }
    g_free(engine->shards);
    source_health_free(engine->health);
    learned_free(engine->learned);
    source_set_unref(engine->sources);
    g_mutex_clear(&engine->mutex);
    g_cond_clear(&engine->ended);
    g_free(engine);
}

void
search_engine_set_sources(SearchEngine *engine, SourceSet *sources)
{
    g_autoptr(SourceSet) old = NULL; /* is let go after the lock */
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&engine->mutex);

    old = engine->sources;
    engine->sources = source_set_ref(sources);
    source_health_try_keys_again(engine->health);
}

SourceSet *
search_engine_sources(SearchEngine *engine)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&engine->mutex);

    return source_set_ref(engine->sources);
}

HealthView
search_engine_health(SearchEngine *engine, const char *source)
{
    return source_health_view(engine->health, source, clock_monotonic_us(engine->spec.clock));
}

int64_t
search_engine_queue_delay_us(SearchEngine *engine)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&engine->mutex);
    int64_t now_us = clock_monotonic_us(engine->spec.clock), longest_us = 0;

    for (size_t i = 0; i < engine->spec.shard_count; i++)
        longest_us = MAX(longest_us, queue_delay_us(&engine->shards[i].queue, now_us));
    return longest_us;
}

void
search_engine_set_earnings(SearchEngine *engine, const SourceEarnings *earnings, size_t count)
{
    learned_set_earnings(engine->learned, earnings, count);
}

Learned *
search_engine_learned(SearchEngine *engine)
{
    return engine->learned;
}

bool
search_engine_save(SearchEngine *engine, const char *path, GError **error)
{
    return knowledge_save(engine->learned, engine->health, engine->spec.clock, path, error);
}

bool
search_engine_load(SearchEngine *engine, const char *path, GError **error)
{
    return knowledge_load(engine->learned, engine->health, engine->spec.clock, path, error);
}

unsigned
search_engine_active(SearchEngine *engine)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&engine->mutex);

    return engine->active;
}

void
search_engine_note_end(SearchEngine *engine)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&engine->mutex);

    engine->active--;
    /* Waking nobody costs a call of the kernel. */
    if (engine->stopping)
        g_cond_broadcast(&engine->ended);
}

void
search_engine_note_begin(SearchShard *shard, int64_t waited_us)
{
    SearchEngine *engine = shard->engine;
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&engine->mutex);

    queue_delay_leave(&shard->queue, waited_us, clock_monotonic_us(engine->spec.clock));
    metric_observe_us(engine->spec.metrics, METRIC_SEARCH_QUEUE_SECONDS, NULL, waited_us);
}

static void
begin(void *data)
{
    search_begin(data);
}

/* Counts a search that begins. */
static bool
enter(SearchEngine *engine, GError **error)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&engine->mutex);

    if (engine->stopping)
        return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "the search engine is stopping");
    if (engine->active >= engine->spec.limits.searches)
        return weir_fail(error, WEIR_ERROR_LIMIT, "%u searches are under way, which is the limit", engine->active);
    engine->active++;
    return true;
}

static void
enqueue(SearchEngine *engine, SearchShard *shard, Search *search)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&engine->mutex);

    queue_delay_enter(&shard->queue, clock_monotonic_us(engine->spec.clock));
    loop_post(shard->context.loop, begin, search);
}

/* The page that the cursor asks for, if there is one. */
static bool
take_cursor(const SearchEngine *engine, SearchAsk *ask, SearchQuery *query, Arena *arena, GError **error)
{
    PageCursor *cursor;

    if (str_is_empty(query->cursor))
        return true;
    cursor = ARENA_NEW(arena, PageCursor);
    if (!page_cursor_open(query->cursor, search_query_first_key(query, ask->query_key, arena),
                          token_key_ring_now(engine->spec.keys), clock_now_us(engine->spec.clock), arena, cursor,
                          error))
        return false;
    query->page = cursor->page;
    ask->cursor = cursor;
    return true;
}

bool
search_start(SearchEngine *engine, const SearchQuery *query, const SearchReceiver *receiver, void *data, GError **error)
{
    g_autoptr(Arena) arena = arena_new(1024);
    g_autoptr(SourceSet) sources = search_engine_sources(engine);
    SearchQuery asked = *query;
    SearchAsk ask = {.set = sources,
                     .query = &asked,
                     .query_key = search_query_key(query, arena),
                     .receiver = receiver,
                     .data = data};
    /* Equal questions meet on one shard, whatever their mode and page. */
    SearchShard *shard = &engine->shards[str_hash(ask.query_key) % engine->spec.shard_count];

    if (!plan_check_names(sources, query, error) || !take_cursor(engine, &ask, &asked, arena, error) ||
        !enter(engine, error))
        return false;
    ask.id = id_mint(engine->spec.mint);
    ask.started_us = clock_monotonic_us(engine->spec.clock);
    ask.started_at_us = clock_now_us(engine->spec.clock);
    if (receiver->moved == NULL && search_answer_at_once(shard, &ask)) {
        metric_observe_us(engine->spec.metrics, METRIC_SEARCH_QUEUE_SECONDS, NULL, 0);
        search_engine_note_end(engine);
        return true;
    }
    enqueue(engine, shard, search_new(shard, &ask));
    return true;
}
