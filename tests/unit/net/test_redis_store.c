#include "net/redis_store.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/raw_server.h"

#define TIMEOUT_US (100 * US_PER_MS)
#define PATIENCE   (20 * US_PER_SECOND)

/* ---- the address ---- */

static void
assert_url(const char *url, const char *host, unsigned port, int database)
{
    g_autoptr(Arena) arena = arena_new(256);
    g_autoptr(GError) error = NULL;
    RedisStoreSpec spec = {0};
    bool good = redis_url_parse(url, arena, &spec, &error);

    if (host == NULL) {
        g_assert_false(good);
        g_assert_error(error, WEIR_ERROR, WEIR_ERROR_INVALID);
        return;
    }
    g_assert_no_error(error);
    g_assert_cmpstr(spec.host, ==, host);
    g_assert_cmpuint(spec.port, ==, port);
    g_assert_cmpint(spec.database, ==, database);
}

static void
an_address_names_host_port_and_database(void)
{
    assert_url("redis://cache.example", "cache.example", 6379, 0);
    assert_url("redis://cache.example:6380/", "cache.example", 6380, 0);
    assert_url("redis://10.0.0.7/3", "10.0.0.7", 6379, 3);
    assert_url("redis://[::1]:6400/1", "::1", 6400, 1);
    assert_url("redis://[::1]", "::1", 6379, 0);
    assert_url("rediss://cache.example", NULL, 0, 0);
    assert_url("cache.example", NULL, 0, 0);
    assert_url("redis://", NULL, 0, 0);
    assert_url("redis://:secret@cache.example", NULL, 0, 0);
    assert_url("redis://cache.example:0", NULL, 0, 0);
    assert_url("redis://cache.example:70000", NULL, 0, 0);
    assert_url("redis://cache.example/x", NULL, 0, 0);
    assert_url("redis://cache.example/-1", NULL, 0, 0);
}

/* ---- a Redis of the test's own ---- */

typedef struct {
    char *folder;
    uint16_t port;
    GPid pid;
    Metrics *metrics;
    UvLoop *loop;
    RedisStore *store;
} Redis;

static uint16_t
free_port(void)
{
    g_autoptr(GSocketListener) listener = g_socket_listener_new();
    GError *error = NULL;
    uint16_t port = g_socket_listener_add_any_inet_port(listener, NULL, &error);

    g_assert_no_error(error);
    g_socket_listener_close(listener);
    return port;
}

static void
redis_start(Redis *redis, const char *password)
{
    g_autofree char *port = g_strdup_printf("%u", redis->port);
    const char *command[] = {
        "redis-server", "--bind", "127.0.0.1",   "--port",        port,     "--save", "", "--appendonly",
        "no",           "--dir",  redis->folder, "--requirepass", password, NULL};
    GError *error = NULL;

    g_spawn_async(NULL, (char **)command, NULL,
                  G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, &redis->pid,
                  &error);
    g_assert_no_error(error);
}

static void
redis_kill(Redis *redis)
{
    kill(redis->pid, SIGKILL);
    waitpid(redis->pid, NULL, 0);
    redis->pid = 0;
}

static void
store_begin(Redis *redis, const char *host, int database, const char *password)
{
    redis->metrics = metrics_new();
    redis->loop = uv_loop_wrapper_new(clock_system());
    redis->store = redis_store_new(redis->loop, &(RedisStoreSpec){.host = host,
                                                                  .port = redis->port,
                                                                  .database = database,
                                                                  .password = password,
                                                                  .timeout_us = TIMEOUT_US,
                                                                  .metrics = redis->metrics});
}

static void
store_end(Redis *redis)
{
    redis_store_free(redis->store);
    uv_loop_wrapper_free(redis->loop);
    metrics_free(redis->metrics);
}

typedef struct {
    const char *name;
    void (*test)(Redis *redis);
    const char *password; /* that the store shows; NULL: none, and Redis wants none */
} Case;

static void
redis_set_up(Redis *redis, gconstpointer data)
{
    const Case *c = data;

    redis->folder = g_dir_make_tmp("weir-redis-XXXXXX", NULL);
    redis->port = free_port();
    redis_start(redis, c->password == NULL ? "" : "good");
    store_begin(redis, "localhost", 3, c->password);
}

static void
redis_tear_down(Redis *redis, gconstpointer data G_GNUC_UNUSED)
{
    store_end(redis);
    if (redis->pid != 0)
        redis_kill(redis);
    g_rmdir(redis->folder);
    g_free(redis->folder);
}

typedef struct {
    bool done;
    char *value; /* NULL: absent */
    size_t size;
} Got;

static void
on_got(void *data, Str value)
{
    Got *got = data;

    got->value = value.at == NULL ? NULL : g_memdup2(value.at, value.size);
    got->size = value.size;
    got->done = true;
}

static void
set_true(void *data)
{
    *(bool *)data = true;
}

static void
wait_us(Redis *redis, int64_t us)
{
    bool over = false;

    loop_timer_start(uv_loop_base(redis->loop), us, set_true, &over);
    uv_loop_run_until(redis->loop, &over);
}

/* Whether it was asked at all. */
static bool
try_get(Redis *redis, const char *key, Got *ret_got)
{
    *ret_got = (Got){false, NULL, 0};
    if (shared_store_get(redis_store_base(redis->store), str_of(key), on_got, ret_got) == NULL)
        return false;
    uv_loop_run_until(redis->loop, &ret_got->done);
    return true;
}

static bool
is_ready(Redis *redis)
{
    return metric_value(redis->metrics, METRIC_SHARED_CACHE_UP, NULL, NULL) == 1;
}

static void
wait_until_ready(Redis *redis, bool ready)
{
    int64_t until_us = clock_monotonic_us(clock_system()) + PATIENCE;

    while (is_ready(redis) != ready) {
        g_assert_cmpint(clock_monotonic_us(clock_system()), <, until_us);
        wait_us(redis, 10 * US_PER_MS);
    }
}

static void
assert_value(Redis *redis, const char *key, const char *value)
{
    Got got;

    g_assert_true(try_get(redis, key, &got));
    g_assert_cmpuint(got.size, ==, value == NULL ? 0 : strlen(value));
    g_assert_true(value == NULL ? got.value == NULL : memcmp(got.value, value, got.size) == 0);
    g_free(got.value);
}

static void
set_value(Redis *redis, const char *key, const char *value, int64_t lifetime_us)
{
    shared_store_set(redis_store_base(redis->store), str_of(key), str_of(value), lifetime_us);
}

/* ---- with it ---- */

static void
what_was_set_is_found_until_its_time_is_over(Redis *redis)
{
    Got got;

    g_assert_false(try_get(redis, "a", &got)); /* nobody waits for the connection */
    wait_until_ready(redis, true);
    assert_value(redis, "a", NULL);
    set_value(redis, "a", "one", US_PER_MINUTE);
    assert_value(redis, "a", "one");
    set_value(redis, "a", "two", 50 * US_PER_MS);
    assert_value(redis, "a", "two");
    wait_us(redis, 100 * US_PER_MS);
    assert_value(redis, "a", NULL);
}

static void
a_value_beyond_the_limit_is_not_kept(Redis *redis)
{
    g_autofree char *large = g_strnfill(REDIS_VALUE_LIMIT_BYTES + 1, 'x');

    wait_until_ready(redis, true);
    set_value(redis, "a", large, US_PER_MINUTE);
    assert_value(redis, "a", NULL);
    large[REDIS_VALUE_LIMIT_BYTES] = '\0';
    set_value(redis, "a", large, US_PER_MINUTE);
    assert_value(redis, "a", large);
}

static void
a_get_that_is_cancelled_tells_nothing(Redis *redis)
{
    Got got = {false, NULL, 0};
    SharedGet *get;

    wait_until_ready(redis, true);
    get = shared_store_get(redis_store_base(redis->store), STR("a"), on_got, &got);
    shared_store_cancel(redis_store_base(redis->store), get);
    wait_us(redis, 2 * TIMEOUT_US);
    g_assert_false(got.done);
}

static void
a_stopped_redis_costs_three_gets_their_limit_and_is_found_again(Redis *redis)
{
    int64_t started_us;
    int asked = 0;
    Got got;

    wait_until_ready(redis, true);
    kill(redis->pid, SIGSTOP);
    started_us = clock_monotonic_us(clock_system());
    while (try_get(redis, "a", &got)) {
        g_assert_null(got.value);
        asked++;
    }
    g_assert_cmpint(asked, ==, 3);
    g_assert_cmpint(clock_monotonic_us(clock_system()) - started_us, >=, 3 * TIMEOUT_US);
    g_assert_false(is_ready(redis));
    /* Its kernel takes connections, and bytes; it is not READY by that. */
    wait_us(redis, 800 * US_PER_MS);
    g_assert_false(is_ready(redis));
    set_value(redis, "a", "lost", US_PER_MINUTE);
    kill(redis->pid, SIGCONT);
    wait_until_ready(redis, true);
    assert_value(redis, "a", NULL);
    set_value(redis, "a", "again", US_PER_MINUTE);
    assert_value(redis, "a", "again");
}

static void
a_killed_redis_ends_what_is_open_and_its_successor_is_found(Redis *redis)
{
    Got got;

    wait_until_ready(redis, true);
    kill(redis->pid, SIGSTOP);
    got = (Got){false, NULL, 0};
    g_assert_nonnull(shared_store_get(redis_store_base(redis->store), STR("a"), on_got, &got));
    set_value(redis, "a", "lost", US_PER_MINUTE);
    redis_kill(redis);
    uv_loop_run_until(redis->loop, &got.done);
    g_assert_null(got.value);
    wait_until_ready(redis, false);
    g_assert_false(try_get(redis, "a", &got));
    redis_start(redis, "");
    wait_until_ready(redis, true);
    assert_value(redis, "a", NULL);
}

static void
the_right_password_opens(Redis *redis)
{
    wait_until_ready(redis, true);
    set_value(redis, "a", "one", US_PER_MINUTE);
    assert_value(redis, "a", "one");
}

static void
a_wrong_password_is_counted_and_leaves_it_away(Redis *redis)
{
    int64_t until_us = clock_monotonic_us(clock_system()) + PATIENCE;
    Got got;

    while (metric_value(redis->metrics, METRIC_SHARED_CACHE, "connect", "refused") == 0) {
        g_assert_cmpint(clock_monotonic_us(clock_system()), <, until_us);
        wait_us(redis, 10 * US_PER_MS);
    }
    g_assert_false(try_get(redis, "a", &got));
}

/* ---- without ---- */

static void
whoever_accepts_and_says_nothing_is_not_asked(void)
{
    g_autoptr(RawServer) server = raw_server_new(STR(""), RAW_HANG, STR_NONE);
    Redis redis = {.port = raw_server_port(server)};
    Got got;

    store_begin(&redis, "127.0.0.1", 0, NULL);
    wait_us(&redis, 1200 * US_PER_MS);
    g_assert_cmpint(metric_value(redis.metrics, METRIC_SHARED_CACHE, "connect", "timeout"), ==, 1);
    g_assert_false(try_get(&redis, "a", &got));
    store_end(&redis);
}

static void
a_host_that_is_not_there_is_asked_for_again_later(void)
{
    Redis redis = {.port = free_port()};

    store_begin(&redis, "127.0.0.1", 0, NULL);
    wait_us(&redis, 800 * US_PER_MS);
    g_assert_cmpint(metric_value(redis.metrics, METRIC_SHARED_CACHE, "connect", "lost"), ==, 2);
    store_end(&redis);
}

#define CASE(test, password)                                                                                           \
    {                                                                                                                  \
        "/net/redis_store/" #test, test, password                                                                      \
    }
static const Case CASES[] = {
    CASE(what_was_set_is_found_until_its_time_is_over, NULL),
    CASE(a_value_beyond_the_limit_is_not_kept, NULL),
    CASE(a_get_that_is_cancelled_tells_nothing, NULL),
    CASE(a_stopped_redis_costs_three_gets_their_limit_and_is_found_again, NULL),
    CASE(a_killed_redis_ends_what_is_open_and_its_successor_is_found, NULL),
    CASE(the_right_password_opens, "good"),
    CASE(a_wrong_password_is_counted_and_leaves_it_away, "bad"),
};

static void
run_case(Redis *redis, gconstpointer data)
{
    ((const Case *)data)->test(redis);
}

static void
skip(void)
{
    g_test_skip("redis-server is not installed");
}

int
main(int argc, char **argv)
{
    g_autofree char *program = g_find_program_in_path("redis-server");

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net/redis_store/an_address_names_host_port_and_database",
                    an_address_names_host_port_and_database);
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
        if (program != NULL)
            g_test_add(CASES[i].name, Redis, &CASES[i], redis_set_up, run_case, redis_tear_down);
        else
            g_test_add_func(CASES[i].name, skip);
    g_test_add_func("/net/redis_store/whoever_accepts_and_says_nothing_is_not_asked",
                    whoever_accepts_and_says_nothing_is_not_asked);
    g_test_add_func("/net/redis_store/a_host_that_is_not_there_is_asked_for_again_later",
                    a_host_that_is_not_there_is_asked_for_again_later);
    return g_test_run();
}
