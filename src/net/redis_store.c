#include "net/redis_store.h"

#include "net/redis_link.h"

#define PAUSE_LEAST_US     (500 * US_PER_MS)
#define PAUSE_MOST_US      (30 * US_PER_SECOND)
#define CONNECT_LIMIT_US   US_PER_SECOND
#define LAST_LOOK_US       US_PER_MS /* enough for the loop to read once */
#define SLOW_IN_A_ROW      3
#define OPEN_LIMIT         512
#define OPEN_LIMIT_BYTES   ((size_t)8 << 20)
#define DEFAULT_PORT       6379
#define DATABASE_LIMIT     1023
#define GETRANGE_LAST_BYTE "1048575"

G_STATIC_ASSERT(REDIS_VALUE_LIMIT_BYTES == 1048576);

/* A command whose reply has not come. A get that was answered (too slow) or cancelled waits for its
 * reply without `found`. */
struct SharedGet {
    RedisStore *store;
    SharedFoundFn found; /* NULL: nobody waits */
    void *data;
    LoopTimer *timer;
    bool had_last_look;
    size_t bytes; /* of a set, until it is known to be there */
};

struct RedisStore {
    SharedStore base; /* first */
    UvLoop *loop;
    char *host, *password;
    uint16_t port;
    int database;
    int64_t timeout_us;
    Metrics *metrics;
    RedisLink *link; /* NULL: AWAY */
    bool ready;
    LoopTimer *timer; /* AWAY: of the pause; CONNECTING: of its limit */
    int64_t pause_us;
    unsigned slow;     /* gets in a row */
    unsigned open;     /* commands whose reply has not come */
    size_t open_bytes; /* of sets among them */
};

static void connect_now(void *data);

static void
count(const RedisStore *store, const char *command, const char *result)
{
    metric_add(store->metrics, METRIC_SHARED_CACHE, command, result, 1);
}

static void
set_ready(RedisStore *store, bool ready)
{
    if (store->ready != ready)
        metric_add(store->metrics, METRIC_SHARED_CACHE_UP, NULL, NULL, ready ? 1 : -1);
    store->ready = ready;
}

/* Also what is open ends: without a reply. */
static void
go_away(RedisStore *store)
{
    Loop *loop = uv_loop_base(store->loop);

    set_ready(store, false);
    redis_link_close(g_steal_pointer(&store->link));
    loop_timer_stop(loop, store->timer);
    store->timer = loop_timer_start(loop, store->pause_us, connect_now, store);
    store->pause_us = MIN(store->pause_us * 2, PAUSE_MOST_US);
}

/* ---- connecting ---- */

static void
on_lost(void *data)
{
    RedisStore *store = data;

    count(store, store->ready ? "link" : "connect", "lost");
    go_away(store);
}

static void
on_connect_limit(void *data)
{
    RedisStore *store = data;

    store->timer = NULL;
    count(store, "connect", "timeout");
    go_away(store);
}

static void
on_greeted(void *data, RedisAnswer answer, Str value G_GNUC_UNUSED)
{
    RedisStore *store = data;

    if (answer == REDIS_LOST) /* which on_lost() is told as well */
        return;
    if (answer == REDIS_REFUSED) {
        count(store, "connect", "refused");
        go_away(store);
        return;
    }
    loop_timer_stop(uv_loop_base(store->loop), g_steal_pointer(&store->timer));
    store->slow = 0;
    count(store, "connect", "ready");
    set_ready(store, true);
}

/* A stopped Redis accepts connections, by its kernel; so it must have said something. */
static void
greet(void *data)
{
    RedisStore *store = data;
    g_autofree char *database = g_strdup_printf("%d", store->database);
    const Str auth[] = {STR("AUTH"), str_of(store->password)}, select[] = {STR("SELECT"), str_of(database)};

    /* Where the password is refused so is what follows, whose reply alone is looked at. */
    if ((store->password != NULL && !redis_link_send(store->link, auth, 2, NULL, NULL)) ||
        !redis_link_send(store->link, select, 2, on_greeted, store))
        go_away(store);
}

static const RedisLinkEvents EVENTS = {greet, on_lost};

static void
connect_now(void *data)
{
    RedisStore *store = data;

    store->link = redis_link_open(uv_loop_raw(store->loop), store->host, store->port, &EVENTS, store);
    store->timer = loop_timer_start(uv_loop_base(store->loop), CONNECT_LIMIT_US, on_connect_limit, store);
}

/* ---- asking ---- */

static SharedGet *
command_new(RedisStore *store, SharedFoundFn found, void *data, size_t bytes)
{
    SharedGet *get = g_new0(SharedGet, 1);

    *get = (SharedGet){.store = store, .found = found, .data = data, .bytes = bytes};
    store->open++;
    store->open_bytes += bytes;
    return get;
}

static void
command_free(SharedGet *get)
{
    RedisStore *store = get->store;

    store->open--;
    store->open_bytes -= get->bytes;
    loop_timer_stop(uv_loop_base(store->loop), get->timer);
    g_free(get);
}

static void
on_found(void *data, RedisAnswer answer, Str value)
{
    SharedGet *get = data;
    RedisStore *store = get->store;
    SharedFoundFn found = get->found;
    void *found_data = get->data;

    command_free(get);
    if (found == NULL)
        return;
    if (answer == REDIS_TEXT) {
        store->slow = 0;
        store->pause_us = PAUSE_LEAST_US;
    }
    count(store, "get", answer != REDIS_TEXT ? "failed" : value.size > 0 ? "hit" : "miss");
    found(found_data, answer == REDIS_TEXT && value.size > 0 ? value : STR_NONE);
}

static void
on_slow(void *data)
{
    SharedGet *get = data;
    RedisStore *store = get->store;
    SharedFoundFn found = get->found;

    get->timer = NULL;
    /* If the loop itself was busy all the while, the reply may be there and unread: Redis was not slow then. */
    if (!get->had_last_look) {
        get->had_last_look = true;
        get->timer = loop_timer_start(uv_loop_base(store->loop), LAST_LOOK_US, on_slow, get);
        return;
    }
    get->found = NULL;
    count(store, "get", "timeout");
    found(get->data, STR_NONE);
    /* Not before: going away ends what is open, this get too. */
    if (++store->slow >= SLOW_IN_A_ROW && store->ready)
        go_away(store);
}

static SharedGet *
get(SharedStore *base, Str key, SharedFoundFn found, void *data)
{
    RedisStore *store = (RedisStore *)base;
    /* An absent key has an empty range. What is longer than it may be is cut, and then can't be read. */
    const Str words[] = {STR("GETRANGE"), key, STR("0"), STR(GETRANGE_LAST_BYTE)};
    SharedGet *get;

    if (!store->ready || store->open >= OPEN_LIMIT) {
        count(store, "get", store->ready ? "full" : "away");
        return NULL;
    }
    get = command_new(store, found, data, 0);
    if (!redis_link_send(store->link, words, G_N_ELEMENTS(words), on_found, get)) {
        command_free(get);
        return NULL;
    }
    get->timer = loop_timer_start(uv_loop_base(store->loop), store->timeout_us, on_slow, get);
    return get;
}

static void
cancel(SharedStore *base, SharedGet *get)
{
    get->found = NULL;
    loop_timer_stop(uv_loop_base(((RedisStore *)base)->loop), g_steal_pointer(&get->timer));
}

static void
on_set(void *data, RedisAnswer answer, Str value G_GNUC_UNUSED)
{
    SharedGet *get = data;

    count(get->store, "set", answer == REDIS_TEXT ? "kept" : "failed");
    command_free(get);
}

static void
set(SharedStore *base, Str key, Str value, int64_t lifetime_us)
{
    RedisStore *store = (RedisStore *)base;
    g_autofree char *lifetime_ms = g_strdup_printf("%" G_GINT64_FORMAT, MAX(lifetime_us / US_PER_MS, 1));
    const Str words[] = {STR("SET"), key, value, STR("PX"), str_of(lifetime_ms)};
    SharedGet *command;

    if (value.size > REDIS_VALUE_LIMIT_BYTES) {
        count(store, "set", "large");
    } else if (!store->ready || store->open >= OPEN_LIMIT || store->open_bytes + value.size > OPEN_LIMIT_BYTES) {
        count(store, "set", store->ready ? "full" : "away");
    } else {
        command = command_new(store, NULL, NULL, value.size);
        if (!redis_link_send(store->link, words, G_N_ELEMENTS(words), on_set, command))
            command_free(command);
    }
}

static const SharedStoreOps OPS = {get, cancel, set};

/* ---- life ---- */

RedisStore *
redis_store_new(UvLoop *loop, const RedisStoreSpec *spec)
{
    RedisStore *store = g_new0(RedisStore, 1);

    *store = (RedisStore){
        .base = {&OPS},
        .loop = loop,
        .host = g_strdup(spec->host),
        .password = g_strdup(spec->password),
        .port = spec->port,
        .database = spec->database,
        .timeout_us = spec->timeout_us,
        .metrics = spec->metrics,
        .pause_us = PAUSE_LEAST_US,
    };
    loop_post(uv_loop_base(loop), connect_now, store);
    return store;
}

void
redis_store_free(RedisStore *store)
{
    if (store == NULL)
        return;
    set_ready(store, false);
    redis_link_close(g_steal_pointer(&store->link));
    g_assert(store->open == 0);
    loop_timer_stop(uv_loop_base(store->loop), store->timer);
    g_free(store->host);
    g_free(store->password);
    g_free(store);
}

SharedStore *
redis_store_base(RedisStore *store)
{
    return &store->base;
}

static bool
number_parse(Str text, int64_t most, int64_t *ret_number)
{
    return str_to_int64(text, ret_number) && *ret_number >= 0 && *ret_number <= most;
}

bool
redis_url_parse(const char *url, Arena *arena, RedisStoreSpec *spec, GError **error)
{
    Str database = str_of(url), port, host;
    int64_t port_number = DEFAULT_PORT, database_number = 0;
    ptrdiff_t colon;

    if (!str_starts_with(database, STR("redis://")))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\" is not redis://HOST[:PORT][/DATABASE]", url);
    database = str_slice(database, strlen("redis://"), database.size);
    host = str_cut(&database, '/');
    colon = str_starts_with(host, STR("[")) ? str_find(host, STR("]:")) : str_find_char(host, ':');
    port = colon < 0 ? STR_NONE : str_slice(host, (size_t)colon + (host.at[colon] == ']' ? 2 : 1), host.size);
    host = colon < 0 ? host : str_slice(host, 0, (size_t)colon + (host.at[colon] == ']' ? 1 : 0));
    if (str_starts_with(host, STR("[")) && str_ends_with(host, STR("]")))
        host = str_slice(host, 1, host.size - 1);
    if (str_is_empty(host) || str_find_char(host, '@') >= 0)
        return weir_fail(error, WEIR_ERROR_INVALID,
                         "\"%s\" must name a host, and no user: the password is the secret WEIR_REDIS_PASSWORD", url);
    if (port.at != NULL && (!number_parse(port, UINT16_MAX, &port_number) || port_number == 0))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\": the port is no number from 1 to 65535", url);
    if (!str_is_empty(database) && !number_parse(database, DATABASE_LIMIT, &database_number))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%s\": the database is no number from 0 to %d", url,
                         DATABASE_LIMIT);
    spec->host = arena_strdup(arena, host);
    spec->port = (uint16_t)port_number;
    spec->database = (int)database_number;
    return true;
}
