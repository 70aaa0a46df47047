#include "engine_fixture.h"

#include "net/uv_loop.h"

/* Threads that search, loops that answer: what is shared between them must stand it. */

#define SHARDS        2
#define THREADS       4
#define SEARCHES_EACH 250

/* A client that answers everything after a millisecond. */
typedef struct {
    HttpClient client; /* first */
    Loop *loop;
} QuickClient;

struct HttpCall {
    const HttpReceiver *receiver;
    void *data;
    LoopTimer *timer;
};

static void
answer_call(void *data)
{
    static const char BODY[] = "{\"results\":[{\"id\":\"1\",\"title\":\"Nurse\",\"company\":\"Acme\",\"bid\":0.1,"
                               "\"url\":\"https://x.example/1\"}]}";
    HttpCall *call = data;
    HttpResult result = {.outcome = HTTP_OUTCOME_ANSWERED, .status = 200, .message = ""};

    call->receiver->head(call->data, 200, (HttpHeaders){NULL, 0});
    call->receiver->body(call->data, str_of(BODY));
    call->receiver->done(call->data, &result);
    g_free(call);
}

static HttpCall *
quick_send(HttpClient *client, const HttpRequest *request, const HttpReceiver *receiver, void *data)
{
    HttpCall *call = g_new0(HttpCall, 1);

    (void)request;
    call->receiver = receiver;
    call->data = data;
    call->timer = loop_timer_start(((QuickClient *)client)->loop, US_PER_MS, answer_call, call);
    return call;
}

static void
quick_cancel(HttpClient *client, HttpCall *call)
{
    loop_timer_stop(((QuickClient *)client)->loop, call->timer);
    g_free(call);
}

typedef struct {
    SearchEngine *engine;
    int number;
    gint *answered, *listings;
    GMutex *mutex;
    GCond *all;
} Asker;

static void
count_answer(void *data, const SearchAnswer *answer)
{
    Asker *asker = data;

    g_atomic_int_add(asker->listings, (gint)answer->listing_count);
    g_mutex_lock(asker->mutex);
    (*asker->answered)++;
    g_cond_signal(asker->all);
    g_mutex_unlock(asker->mutex);
}

static gpointer
ask(gpointer data)
{
    Asker *asker = data;
    SourceSet *sources = search_engine_sources(asker->engine);

    for (int i = 0; i < SEARCHES_EACH; i++) {
        g_autoptr(Arena) arena = arena_new(1024);
        g_autoptr(GError) error = NULL;
        SearchQuery query;

        search_query_init(&query, arena);
        query.keywords = arena_printf(arena, "nurse %d", i % 20);
        query.mode = i % 3;
        g_assert_true(search_query_set(&query, STR("sources"), STR("alpha,beta,kept"), &error));
        g_assert_true(search_start(asker->engine, &query, &(SearchReceiver){.done = count_answer}, asker, &error));
        g_assert_no_error(error);
        if (i % 50 == 0)
            search_engine_set_sources(asker->engine, sources);
    }
    source_set_unref(sources);
    return NULL;
}

static void
run_askers(SearchEngine *engine)
{
    gint answered = 0, listings = 0;
    GMutex mutex;
    GCond all;
    Asker askers[THREADS];
    GThread *threads[THREADS];

    g_mutex_init(&mutex);
    g_cond_init(&all);
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (Asker){engine, i, &answered, &listings, &mutex, &all};
        threads[i] = g_thread_new("asker", ask, &askers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    g_mutex_lock(&mutex);
    while (answered < THREADS * SEARCHES_EACH)
        g_cond_wait(&all, &mutex);
    g_mutex_unlock(&mutex);
    /* All sources show the same position; each search shows it once. */
    g_assert_cmpint(g_atomic_int_get(&listings), ==, THREADS * SEARCHES_EACH);
    g_mutex_clear(&mutex);
    g_cond_clear(&all);
}

static void
many_threads_search_at_once_and_each_search_is_answered_once(void)
{
    UvLoop *loops[SHARDS];
    QuickClient clients[SHARDS];
    SearchShardSpec shards[SHARDS];
    g_autoptr(SourceSet) sources = fixture_load_definitions();
    TokenKeyRing keys = {.count = 1, .keys = {{.id = 1}}};
    g_autoptr(ExchangeShared) exchange = exchange_shared_new(clock_system(), NULL);
    SearchEngine *engine;
    IdMint mint;

    id_mint_init(&mint, clock_system(), 1);
    for (int i = 0; i < SHARDS; i++) {
        loops[i] = uv_loop_wrapper_new(clock_system());
        clients[i] = (QuickClient){{quick_send, quick_cancel}, uv_loop_base(loops[i])};
        shards[i] = (SearchShardSpec){.loop = uv_loop_base(loops[i]), .client = &clients[i].client};
        uv_loop_start(loops[i], "shard");
    }
    engine = search_engine_new(&(SearchEngineSpec){
        .sources = sources,
        .shards = shards,
        .shard_count = SHARDS,
        .clock = clock_system(),
        .random = random_system(),
        .mint = &mint,
        .keys = &keys,
        .base_url = "https://feed.example",
        .exchange = exchange,
    });
    run_askers(engine);
    g_assert_true(search_engine_stop(engine, US_PER_MINUTE));
    for (int i = 0; i < SHARDS; i++)
        uv_loop_stop(loops[i]);
    search_engine_free(engine);
    for (int i = 0; i < SHARDS; i++)
        uv_loop_wrapper_free(loops[i]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/search/many_threads_search_at_once_and_each_search_is_answered_once",
                    many_threads_search_at_once_and_each_search_is_answered_once);
    return g_test_run();
}
