/*
 * The part of the configuration that says how long answers are kept, and where.
 */
#pragma once

#include "base/yaml.h"
#include "net/redis_store.h"
#include "search/flight.h"

typedef struct {
    size_t memory_bytes;
    CacheRule rule;
    bool has_redis;
    RedisStoreSpec redis; /* password and metrics are added by whoever opens it */
    BackgroundLimits background;
} CacheConfig;

extern const YamlKey CACHE_KEYS[];

/* From the mapping, which may be NULL; texts are in the arena. */
void cache_config_take(CacheConfig *config, const YamlNode *map, Arena *arena, YamlMistakes *mistakes);
