#include "search/cache_status.h"

Str
cache_status_write(const SearchAnswer *answer, Arena *arena)
{
    size_t hits = 0, stale = 0, misses = 0, collapsed = 0;
    int64_t ttl_us = INT64_MAX;

    if (g_strcmp0(answer->cache, "page") == 0)
        return STR("weir; hit; detail=page");
    for (size_t i = 0; i < answer->source_count; i++) {
        const AnsweredSource *source = &answer->sources[i];

        hits += source->cache == CACHE_HIT ? 1 : 0;
        stale += source->cache == CACHE_STALE ? 1 : 0;
        misses += source->cache == CACHE_MISS ? 1 : 0;
        collapsed += source->collapsed ? 1 : 0;
        if (source->cache == CACHE_HIT || source->cache == CACHE_STALE)
            ttl_us = MIN(ttl_us, source->ttl_us);
    }
    if (misses > 0 && hits + stale > 0)
        return arena_printf(arena, "weir; fwd=partial; detail=\"%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT "\"",
                            hits + stale, hits + stale + misses);
    if (misses > 0)
        return collapsed == misses ? STR("weir; fwd=uri-miss; collapsed") : STR("weir; fwd=uri-miss");
    if (hits + stale == 0)
        return STR("weir; detail=\"nothing was asked\"");
    return arena_printf(arena, "weir; hit; ttl=%" G_GINT64_FORMAT "%s", ttl_us / US_PER_SECOND,
                        stale > 0 ? "; detail=stale" : "");
}
