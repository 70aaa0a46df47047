#include "commands/cache_config.h"

const YamlKey CACHE_KEYS[] = {
    {.name = "memory_mb",
     .type = YAML_INTEGER,
     .default_text = "64",
     .min = 1,
     .max = 65536,
     .help = "Megabytes of kept answers; those that nobody asked for again leave first."},
    {.name = "lifetime",
     .type = YAML_DURATION,
     .default_text = "1m",
     .help =
         "How long an answer is kept, for the same visitor only, where a source's terms say nothing of it. Its "
         "Cache-Control may shorten it. Where terms say something (terms.cache of the definition), that counts. 0s: "
         "not at all."},
    {.name = "index_lifetime",
     .type = YAML_DURATION,
     .default_text = "10s",
     .help = "How long what was found among the stored listings is kept. 0s: not at all."},
    {.name = "stale",
     .type = YAML_DURATION,
     .default_text = "30s",
     .help = "How much longer either is given while a newer one is fetched."},
    {.name = "stale_if_error",
     .type = YAML_DURATION,
     .default_text = "10m",
     .help = "How much longer either stands in when the partner, or the database, fails."},
    {.name = "empty",
     .type = YAML_DURATION,
     .default_text = "5s",
     .help = "How long it is kept that a source found nothing, at most as long as an answer."},
    {.name = "failure",
     .type = YAML_DURATION,
     .default_text = "2s",
     .help = "How long a failure counts as the answer to the same question."},
    {.name = "background",
     .type = YAML_INTEGER,
     .default_text = "64",
     .min = 0,
     .max = 10000,
     .help = "Questions that go on when no search waits for them any more, so that their answers are there for the "
             "next. Beyond, they are cancelled."},
    {.name = "background_per_source",
     .type = YAML_INTEGER,
     .default_text = "8",
     .min = 0,
     .max = 10000,
     .help =
         "How many of them may be to one source, so that one that hangs doesn't take the room of all. 0: any number."},
    {.name = "background_time",
     .type = YAML_DURATION,
     .default_text = "5s",
     .help = "How long each goes on before it is cancelled, too. 0s: as long as its source may take."},
    {.name = "redis",
     .type = YAML_TEXT,
     .help = "redis://HOST[:PORT][/DATABASE]: where processes share answers that terms allow keeping. The secret "
             "WEIR_REDIS_PASSWORD is its password. Default: nowhere; each process keeps its own."},
    {.name = "redis_timeout",
     .type = YAML_DURATION,
     .default_text = "10ms",
     .help = "How long a question to a partner waits for Redis first; after three in a row that took longer Redis is "
             "left alone for a while."},
    {.name = NULL},
};

static void
take_redis(CacheConfig *config, const YamlNode *map, Arena *arena, YamlMistakes *mistakes)
{
    g_autofree char *url = str_dup(yaml_get_text(map, CACHE_KEYS, "redis"));
    g_autoptr(GError) error = NULL;

    config->redis.timeout_us = yaml_get_duration_us(map, CACHE_KEYS, "redis_timeout");
    config->has_redis = url != NULL;
    if (url != NULL && !redis_url_parse(url, arena, &config->redis, &error))
        yaml_mistake(mistakes, yaml_find(map, "redis"), "redis", "%s", error->message);
}

void
cache_config_take(CacheConfig *config, const YamlNode *map, Arena *arena, YamlMistakes *mistakes)
{
    AnswerLifetime lifetime = {
        .fresh_us = yaml_get_duration_us(map, CACHE_KEYS, "lifetime"),
        .stale_us = yaml_get_duration_us(map, CACHE_KEYS, "stale"),
        .stale_error_us = yaml_get_duration_us(map, CACHE_KEYS, "stale_if_error"),
    };

    config->memory_bytes = (size_t)yaml_get_integer(map, CACHE_KEYS, "memory_mb") << 20;
    config->rule = (CacheRule){
        .unsaid = lifetime,
        .index = lifetime,
        .empty_us = yaml_get_duration_us(map, CACHE_KEYS, "empty"),
        .failure_us = yaml_get_duration_us(map, CACHE_KEYS, "failure"),
    };
    config->rule.index.fresh_us = yaml_get_duration_us(map, CACHE_KEYS, "index_lifetime");
    config->background = (BackgroundLimits){
        .questions = (unsigned)yaml_get_integer(map, CACHE_KEYS, "background"),
        .per_source = (unsigned)yaml_get_integer(map, CACHE_KEYS, "background_per_source"),
        .time_us = yaml_get_duration_us(map, CACHE_KEYS, "background_time"),
    };
    take_redis(config, map, arena, mistakes);
}
