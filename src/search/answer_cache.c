#include "search/answer_cache.h"

typedef struct Entry Entry;
struct Entry {
    Str key; /* owned */
    SourceReply *reply;
    size_t size;
    int64_t fresh_until_us, stale_until_us, gone_at_us; /* monotonic */
    int64_t quiet_until_us;                             /* after a failure to get a newer one */
    bool is_marked;                                     /* found since the hand was here */
    Entry *newer, *older;
};

struct AnswerCache {
    GHashTable *entries; /* &key -> Entry */
    Entry *newest, *oldest;
    Entry *hand; /* where the search for room goes on; NULL: at the oldest */
    size_t bytes, limit_bytes;
    Metrics *metrics;
};

AnswerCache *
answer_cache_new(size_t limit_bytes, Metrics *metrics)
{
    AnswerCache *cache = g_new0(AnswerCache, 1);

    cache->entries = g_hash_table_new(str_key_hash, str_key_equal);
    cache->limit_bytes = limit_bytes;
    cache->metrics = metrics;
    return cache;
}

static void
tell_size(AnswerCache *cache, size_t before)
{
    metric_add(cache->metrics, METRIC_CACHE_BYTES, NULL, NULL, (int64_t)cache->bytes - (int64_t)before);
}

static void
entry_remove(AnswerCache *cache, Entry *entry)
{
    size_t before = cache->bytes;

    if (cache->hand == entry)
        cache->hand = entry->newer;
    if (entry->newer != NULL)
        entry->newer->older = entry->older;
    else
        cache->newest = entry->older;
    if (entry->older != NULL)
        entry->older->newer = entry->newer;
    else
        cache->oldest = entry->newer;
    g_hash_table_remove(cache->entries, &entry->key);
    cache->bytes -= entry->size;
    tell_size(cache, before);
    __atomic_store_n(&entry->reply->is_kept, false, __ATOMIC_RELEASE);
    source_reply_unref(entry->reply);
    g_free((char *)entry->key.at);
    g_free(entry);
}

void
answer_cache_free(AnswerCache *cache)
{
    if (cache == NULL)
        return;
    while (cache->oldest != NULL)
        entry_remove(cache, cache->oldest);
    g_hash_table_unref(cache->entries);
    g_free(cache);
}

static Entry *
entry_find(AnswerCache *cache, Str key, int64_t now_us)
{
    Entry *entry = g_hash_table_lookup(cache->entries, &key);

    if (entry == NULL || entry->gone_at_us > now_us)
        return entry;
    metric_add(cache->metrics, METRIC_CACHE_REMOVED, "age", NULL, 1);
    entry_remove(cache, entry);
    return NULL;
}

KeptAnswer
answer_cache_find(AnswerCache *cache, Str key, int64_t now_us)
{
    Entry *entry = entry_find(cache, key, now_us);
    bool quiet;

    if (entry == NULL)
        return (KeptAnswer){.state = KEPT_NONE};
    entry->is_marked = true;
    quiet = entry->quiet_until_us > now_us;
    return (KeptAnswer){
        .state = entry->fresh_until_us > now_us            ? KEPT_FRESH
                 : entry->stale_until_us > now_us || quiet ? KEPT_STALE
                                                           : KEPT_FALLBACK,
        .reply = entry->reply,
        .ttl_us = entry->fresh_until_us - now_us,
        .may_ask = entry->fresh_until_us <= now_us && !quiet,
    };
}

/* Whether it was found since this was asked last, here or by source_reply_note_found(). */
static bool
take_mark(Entry *entry)
{
    bool was_marked = entry->is_marked;

    entry->is_marked = false;
    return __atomic_exchange_n(&entry->reply->was_found, false, __ATOMIC_RELAXED) || was_marked;
}

/* Removes the first entry from the hand on that nobody asked for since it was here last, or whose time is over. */
static void
make_room(AnswerCache *cache, int64_t now_us)
{
    Entry *entry = cache->hand != NULL ? cache->hand : cache->oldest;

    while (take_mark(entry) && entry->gone_at_us > now_us)
        entry = entry->newer != NULL ? entry->newer : cache->oldest;
    cache->hand = entry;
    metric_add(cache->metrics, METRIC_CACHE_REMOVED, entry->gone_at_us > now_us ? "room" : "age", NULL, 1);
    entry_remove(cache, entry);
}

static void
entry_add(AnswerCache *cache, Entry *entry)
{
    size_t before = cache->bytes;

    entry->older = cache->newest;
    if (cache->newest != NULL)
        cache->newest->newer = entry;
    else
        cache->oldest = entry;
    cache->newest = entry;
    g_hash_table_insert(cache->entries, &entry->key, entry);
    cache->bytes += entry->size;
    tell_size(cache, before);
}

void
answer_cache_keep(AnswerCache *cache, Str key, SourceReply *reply, AnswerLifetime lifetime, int64_t now_us)
{
    Entry *entry = entry_find(cache, key, now_us);
    size_t size = source_reply_bytes(reply) + key.size + sizeof(Entry);
    bool was_marked = false, is_answer = source_status_is_answer(reply->status);

    if (entry != NULL && !is_answer && source_status_is_answer(entry->reply->status)) {
        entry->quiet_until_us = now_us + lifetime.fresh_us;
        return;
    }
    if (lifetime.fresh_us <= 0 && !is_answer)
        return;
    if (entry != NULL) {
        was_marked = take_mark(entry);
        entry_remove(cache, entry);
    }
    if (lifetime.fresh_us <= 0 || size > cache->limit_bytes)
        return;
    while (cache->bytes + size > cache->limit_bytes)
        make_room(cache, now_us);
    entry = g_new0(Entry, 1);
    *entry = (Entry){
        .key = {g_memdup2(key.at, key.size), key.size},
        .reply = source_reply_ref(reply),
        .size = size,
        .fresh_until_us = now_us + lifetime.fresh_us,
        .stale_until_us = now_us + lifetime.fresh_us + lifetime.stale_us,
        .gone_at_us = now_us + lifetime.fresh_us + MAX(lifetime.stale_us, lifetime.stale_error_us),
        .is_marked = was_marked,
    };
    entry_add(cache, entry);
    __atomic_store_n(&reply->is_kept, true, __ATOMIC_RELEASE);
}

size_t
answer_cache_bytes(const AnswerCache *cache)
{
    return cache->bytes;
}
