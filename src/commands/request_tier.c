#include "commands/request_tier.h"

#include "api/api.h"
#include "commands/earning_watch.h"
#include "commands/fetching.h"
#include "commands/key_watch.h"
#include "commands/knowledge_watch.h"
#include "commands/node.h"
#include "commands/spool_watch.h"
#include "commands/token_key_watch.h"
#include "ops/log.h"
#include "tracking/crawlers.h"
#include "tracking/key_ring.h"
#include "tracking/robots_list.h"

#define SPOOL_QUEUE_LIMIT 100000
#define INDEX_QUEUE_LIMIT 256
#define MAPPING_EVERY_US  (10 * US_PER_SECOND)

struct RequestTier {
    Deployment *deployment;
    TokenKeyRing ring; /* the first; newer ones follow it */
    TokenKeyWatch *ring_watch;
    UvLoop **loops;
    RedisStore **redis; /* one a loop; NULL: none */
    SearchShardSpec *shards;
    unsigned loop_count;
    DbWorkers *index;
    Spool *spool;
    RobotsList *robots; /* the operator's; NULL: none */
    SpoolWatch *spool_watch;
    SearchEngine *engine;
    MappingSink *mapping;
    EarningWatch *earnings;
    KnowledgeWatch *knowledge;
    KeyBook *keys; /* NULL: none are needed */
    KeyWatch *key_watch;
    Api *api;
};

static void
start_loops(RequestTier *tier)
{
    tier->loop_count = tier->deployment->config->search_threads;
    tier->loops = g_new0(UvLoop *, tier->loop_count);
    tier->shards = g_new0(SearchShardSpec, tier->loop_count);
    for (unsigned i = 0; i < tier->loop_count; i++) {
        tier->loops[i] = uv_loop_wrapper_new(tier->deployment->clock);
        tier->shards[i] =
            (SearchShardSpec){.loop = uv_loop_base(tier->loops[i]), .client = uv_loop_client(tier->loops[i])};
        uv_loop_start(tier->loops[i], "search");
    }
}

static void
start_redis(RequestTier *tier)
{
    Deployment *d = tier->deployment;
    RedisStoreSpec spec = d->config->cache.redis;

    if (!d->config->cache.has_redis)
        return;
    spec.password = deployment_secret(d, "WEIR_REDIS_PASSWORD");
    spec.metrics = d->metrics;
    tier->redis = g_new0(RedisStore *, tier->loop_count);
    for (unsigned i = 0; i < tier->loop_count; i++) {
        tier->redis[i] = redis_store_new(tier->loops[i], &spec);
        tier->shards[i].shared = redis_store_base(tier->redis[i]);
    }
}

static bool
open_spool(RequestTier *tier, GError **error)
{
    Deployment *d = tier->deployment;
    g_autofree char *path = deployment_path(d, "spool.db");

    tier->spool = spool_open(&(SpoolSpec){.path = path,
                                          .database_url = d->config->database_url,
                                          .queue_limit = SPOOL_QUEUE_LIMIT,
                                          .quarantine_age_us = d->config->retention.quarantined_events_us,
                                          .metrics = d->metrics,
                                          .clock = d->clock},
                             error);
    return tier->spool != NULL;
}

/* By which lists of robots clicks are flagged, and of which version these are. */
static bool
load_robots(RequestTier *tier, GError **error)
{
    Deployment *d = tier->deployment;

    metric_set(d->metrics, METRIC_ROBOT_PATTERNS, "crawler-user-agents", crawler_list_version(),
               (int64_t)crawler_pattern_count());
    if (d->config->robots_list == NULL)
        return true;
    tier->robots = robots_list_load(d->config->robots_list, error);
    if (tier->robots == NULL)
        return false;
    metric_set(d->metrics, METRIC_ROBOT_PATTERNS, tier->robots->name, tier->robots->version,
               (int64_t)agent_list_size(tier->robots->agents));
    return true;
}

static void
start_spool_watch(RequestTier *tier)
{
    g_autofree char *path = deployment_path(tier->deployment, "spool.db");

    tier->spool_watch = spool_watch_start(tier->deployment, tier->spool, path);
}

static void
start_engine(RequestTier *tier)
{
    Deployment *d = tier->deployment;
    SearchLimits limits = d->config->search_limits;

    limits.cache_bytes = d->config->cache.memory_bytes;
    tier->index = db_workers_new(d->config->database_url, d->config->database_threads, INDEX_QUEUE_LIMIT);
    tier->mapping = mapping_sink_start(&(MappingSinkSpec){
        .database_url = d->config->database_url, .every_us = MAPPING_EVERY_US, .clock = d->clock, .mint = &d->mint});
    tier->engine = search_engine_new(&(SearchEngineSpec){
        .sources = d->sources,
        .shards = tier->shards,
        .shard_count = tier->loop_count,
        .clock = d->clock,
        .random = d->random,
        .mint = &d->mint,
        .keys = &tier->ring,
        .base_url = d->config->public_url,
        .exchange = d->exchange,
        .spool = tier->spool,
        .index = tier->index,
        .metrics = d->metrics,
        .mapping = tier->mapping,
        .limits = limits,
        .cache = d->config->cache.rule,
        .ranking = &d->config->ranking,
        .background = d->config->cache.background,
        .allow_private_hosts = deployment_allows_private_hosts(d),
    });
}

/* The secret WEIR_POSTBACK_SOURCE, from where all secrets come. */
static const char *
postback_secret(void *data, const char *source)
{
    g_autofree char *name = g_ascii_strup(source, -1);
    g_autofree char *secret = g_strdup_printf("WEIR_POSTBACK_%s", g_strdelimit(name, "-.", '_'));

    return deployment_secret(data, secret);
}

static bool
start_api(RequestTier *tier, GError **error)
{
    Deployment *d = tier->deployment;
    ApiSpec spec = {
        .host = d->config->listen_host,
        .port = d->config->listen_port,
        .threads = d->config->http_threads,
        .clock = d->clock,
        .random = d->random,
        .mint = &d->mint,
        .metrics = d->metrics,
        .admission = d->config->admission,
        .cors_origins = d->config->cors_origins,
        .key_scopes = d->config->key_scopes,
        .keys = tier->keys,
        .engine = tier->engine,
        .spool = tier->spool,
        .robots = tier->robots != NULL ? tier->robots->agents : NULL,
        .ring = &tier->ring,
        .token_lifetime_us = d->config->token_lifetime_us,
        .base_url = d->config->public_url,
        .trusted_proxies = d->config->trusted_proxies,
        .trusted_proxy_count = d->config->trusted_proxy_count,
        .database_url = d->config->database_url,
        .database_threads = d->config->database_threads,
        .postback_secret = postback_secret,
        .postback_data = d,
    };

    key_ring_secret(&tier->ring, "visitor", spec.visitor_secret);
    tier->api = api_start(&spec, error);
    return tier->api != NULL;
}

/* A database that is down is no reason not to start: it is brought up to date by whoever finds it up. */
static void
try_to_migrate(Deployment *deployment)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Db) db = deployment_db(deployment, &error);

    if (db == NULL)
        log_event(LOG_LEVEL_WARN, "database.unavailable", "starting without it; events wait in the spool",
                  LOG_ERROR(error));
}

RequestTier *
request_tier_start(Deployment *deployment, GError **error)
{
    RequestTier *tier = g_new0(RequestTier, 1);
    g_autofree char *ring_copy = deployment_path(deployment, "token-keys");

    tier->deployment = deployment;
    try_to_migrate(deployment);
    if (!key_ring_open(deployment->config->database_url, ring_copy, deployment->random, &tier->ring, error) ||
        !load_robots(tier, error) || !open_spool(tier, error)) {
        request_tier_stop(tier);
        return NULL;
    }
    node_take_when_possible(deployment); /* the spool's lock keeps others out of the folder */
    tier->ring_watch = token_key_watch_start(deployment, &tier->ring, g_steal_pointer(&ring_copy));
    start_spool_watch(tier);
    start_loops(tier);
    start_redis(tier);
    start_engine(tier);
    tier->knowledge =
        knowledge_watch_start(deployment_path(deployment, "knowledge"), tier->engine, deployment->metrics);
    tier->earnings = earning_watch_start(deployment->config->database_url, deployment->clock, tier->engine);
    if (deployment->config->key_scopes != 0) {
        tier->keys = key_book_new(deployment->config->key_limit, deployment->clock);
        tier->key_watch =
            key_watch_start(deployment->config->database_url, deployment_path(deployment, "api-keys"), tier->keys);
    }
    if (!start_api(tier, error)) {
        request_tier_stop(tier);
        return NULL;
    }
    return tier;
}

uint16_t
request_tier_port(const RequestTier *tier)
{
    return api_port(tier->api);
}

void
request_tier_set_sources(RequestTier *tier, SourceSet *sources)
{
    search_engine_set_sources(tier->engine, sources);
}

/* Of the time for stopping: the events' share is the last fifth, requests that take their time have half of the rest to
 * themselves. */
static int64_t
time_before_shipping(const RequestTier *tier, int64_t stopping_since_us)
{
    const Deployment *d = tier->deployment;

    return MAX(stopping_since_us + d->config->stop_within_us * 4 / 5 - clock_monotonic_us(d->clock), 0);
}

/* From the front door inwards, so that nothing is cut off from what it still needs. Searches that are still under way when
 * all others have ended give what they have. */
void
request_tier_stop(RequestTier *tier)
{
    const Deployment *d = tier->deployment;
    int64_t since_us;

    if (tier->api != NULL) {
        api_drain(tier->api);
        g_usleep((gulong)d->config->drain_us);
    }
    since_us = clock_monotonic_us(d->clock);
    if (tier->api != NULL)
        api_quiesce(tier->api, time_before_shipping(tier, since_us) / 2);
    if (tier->engine != NULL)
        search_engine_stop(tier->engine, time_before_shipping(tier, since_us));
    api_stop(tier->api, time_before_shipping(tier, since_us));
    db_workers_free(tier->index);
    for (unsigned i = 0; i < tier->loop_count; i++)
        uv_loop_stop(tier->loops[i]);
    key_watch_stop(tier->key_watch);
    key_book_free(tier->keys);
    earning_watch_stop(tier->earnings);
    knowledge_watch_stop(tier->knowledge);
    search_engine_free(tier->engine);
    mapping_sink_stop(tier->mapping);
    for (unsigned i = 0; i < tier->loop_count; i++) {
        redis_store_free(tier->redis == NULL ? NULL : tier->redis[i]);
        uv_loop_wrapper_free(tier->loops[i]);
    }
    spool_watch_stop(tier->spool_watch);
    token_key_watch_stop(tier->ring_watch);
    token_key_ring_clear(&tier->ring);
    if (tier->spool != NULL)
        spool_close(tier->spool, MAX(since_us + d->config->stop_within_us - clock_monotonic_us(d->clock), 0));
    robots_list_free(tier->robots);
    g_free(tier->redis);
    g_free(tier->shards);
    g_free(tier->loops);
    g_free(tier);
}
