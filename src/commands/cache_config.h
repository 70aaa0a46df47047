/*
 * The part of the configuration that says how long answers are kept, and where.
 */
#pragma once

#include "base/yaml.h"
#include "search/answer_lifetime.h"

typedef struct {
    size_t memory_bytes;
    CacheRule rule;
    unsigned background; /* questions that go on when no search waits for them any more */
} CacheConfig;

extern const YamlKey CACHE_KEYS[];

/* From the mapping, which may be NULL. */
void cache_config_take(CacheConfig *config, const YamlNode *map);
