#include "search/cache.h"

typedef struct {
    char *key;
    SourceReply *reply;
    size_t size;
    int64_t expires_us; /* monotonic */
    GList *place;       /* in the order of use */
} Entry;

/* A call under way. */
typedef struct {
    ReplyCache *cache;
    char *key;
    int64_t lifetime_us;
    SourceCall *call;
} Flight;

struct ReplyCache {
    const CallContext *context;
    GHashTable *entries; /* key -> Entry */
    GHashTable *flights; /* key -> Flight */
    GQueue used;         /* of Entry, last used first */
    size_t bytes, limit_bytes;
};

ReplyCache *
reply_cache_new(const CallContext *context, size_t limit_bytes)
{
    ReplyCache *cache = g_new0(ReplyCache, 1);

    cache->context = context;
    cache->limit_bytes = limit_bytes;
    cache->entries = g_hash_table_new(g_str_hash, g_str_equal);
    cache->flights = g_hash_table_new(g_str_hash, g_str_equal);
    g_queue_init(&cache->used);
    return cache;
}

static void
entry_remove(ReplyCache *cache, Entry *entry)
{
    g_hash_table_remove(cache->entries, entry->key);
    g_queue_delete_link(&cache->used, entry->place);
    cache->bytes -= entry->size;
    source_reply_unref(entry->reply);
    g_free(entry->key);
    g_free(entry);
}

void
reply_cache_free(ReplyCache *cache)
{
    if (cache == NULL)
        return;
    g_assert(g_hash_table_size(cache->flights) == 0);
    while (!g_queue_is_empty(&cache->used))
        entry_remove(cache, g_queue_peek_head(&cache->used));
    g_hash_table_unref(cache->entries);
    g_hash_table_unref(cache->flights);
    g_free(cache);
}

Str
reply_cache_key(const Source *source, Str query_key, const Question *question, Arena *arena)
{
    bool kept = source_cache_us(source) > 0;
    Str ip = kept ? STR("") : question->user_ip, agent = kept ? STR("") : question->user_agent;

    return arena_printf(arena, "%s\n%.*s\n%" G_GINT64_FORMAT "\n%.*s\n%.*s\n%.*s", source_name(source),
                        STR_FORMAT(query_key), question->page, STR_FORMAT(question->cursor), STR_FORMAT(ip),
                        STR_FORMAT(agent));
}

SourceReply *
reply_cache_find(ReplyCache *cache, Str key)
{
    Entry *entry = g_hash_table_lookup(cache->entries, key.at);

    if (entry == NULL)
        return NULL;
    if (entry->expires_us <= clock_monotonic_us(cache->context->loop->clock)) {
        entry_remove(cache, entry);
        return NULL;
    }
    g_queue_unlink(&cache->used, entry->place);
    g_queue_push_head_link(&cache->used, entry->place);
    return source_reply_ref(entry->reply);
}

static void
keep(ReplyCache *cache, const char *key, SourceReply *reply, int64_t lifetime_us)
{
    Entry *entry = g_hash_table_lookup(cache->entries, key);
    size_t size = source_reply_bytes(reply) + strlen(key) + sizeof(Entry);

    if (entry != NULL)
        entry_remove(cache, entry);
    if (size > cache->limit_bytes)
        return;
    while (cache->bytes + size > cache->limit_bytes)
        entry_remove(cache, g_queue_peek_tail(&cache->used));
    entry = g_new0(Entry, 1);
    entry->key = g_strdup(key);
    entry->reply = source_reply_ref(reply);
    entry->size = size;
    entry->expires_us = clock_monotonic_us(cache->context->loop->clock) + lifetime_us;
    g_queue_push_head(&cache->used, entry);
    entry->place = cache->used.head;
    g_hash_table_insert(cache->entries, entry->key, entry);
    cache->bytes += size;
}

static void
flight_ended(void *data, SourceReply *reply)
{
    Flight *flight = data;

    g_hash_table_remove(flight->cache->flights, flight->key);
    if (flight->lifetime_us > 0 && source_status_is_answer(reply->status))
        keep(flight->cache, flight->key, reply, flight->lifetime_us);
    g_free(flight->key);
    g_free(flight);
}

SourceCall *
reply_cache_call(ReplyCache *cache, Str key, SourceSet *set, const Source *source, const Question *question,
                 bool *ret_shared, GError **error)
{
    Flight *flight = g_hash_table_lookup(cache->flights, key.at);
    SourceCall *call;

    if (flight != NULL) {
        *ret_shared = true;
        return flight->call;
    }
    flight = g_new0(Flight, 1);
    call = source_call_start(cache->context, set, source, question, flight_ended, flight, error);
    if (call == NULL) {
        g_free(flight);
        return NULL;
    }
    *flight = (Flight){cache, str_dup(key), source_cache_us(source), call};
    g_hash_table_insert(cache->flights, flight->key, flight);
    *ret_shared = false;
    return call;
}
