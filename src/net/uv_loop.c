#include "net/uv_loop.h"

#include "net/curl_client.h"

#define STOP_POLL_US (100 * US_PER_MS)

struct LoopTimer {
    uv_timer_t uv; /* first */
    LoopFn fn;
    void *fn_data;
};

typedef struct {
    LoopFn fn;
    void *data;
} Post;

struct UvLoop {
    Loop base; /* first */
    uv_loop_t uv;
    uv_async_t wake;
    uv_prepare_t before_wait;
    const bool *until; /* what uv_loop_run_until() waits for */
    bool (*should_stop)(void *data);
    void *stop_data;
    bool is_stopping;
    LoopTimer *stop_timer;
    GMutex lock;   /* of posts */
    GArray *posts; /* of Post */
    GThread *thread;
    CurlClient *client;
};

static void
on_timer_closed(uv_handle_t *handle)
{
    g_free(handle);
}

static void
on_timer(uv_timer_t *uv)
{
    LoopTimer *timer = (LoopTimer *)uv;
    LoopFn fn = timer->fn;
    void *data = timer->fn_data;

    uv_close((uv_handle_t *)uv, on_timer_closed);
    fn(data);
}

static LoopTimer *
timer_start(Loop *base, int64_t after_us, LoopFn fn, void *data)
{
    UvLoop *loop = (UvLoop *)base;
    LoopTimer *timer = g_new0(LoopTimer, 1);
    uint64_t after_ms = 0;

    /* uv counts whole milliseconds from a time that is cut to one, so one more keeps us from being early. */
    if (after_us > 0)
        after_ms = (uint64_t)((after_us + US_PER_MS - 1) / US_PER_MS) + 1;
    timer->fn = fn;
    timer->fn_data = data;
    uv_timer_init(&loop->uv, &timer->uv);
    uv_update_time(&loop->uv);
    uv_timer_start(&timer->uv, on_timer, after_ms, 0);
    return timer;
}

static void
timer_stop(Loop *base G_GNUC_UNUSED, LoopTimer *timer)
{
    uv_timer_stop(&timer->uv);
    uv_close((uv_handle_t *)&timer->uv, on_timer_closed);
}

static void
post(Loop *base, LoopFn fn, void *data)
{
    UvLoop *loop = (UvLoop *)base;
    Post what = {fn, data};

    g_mutex_lock(&loop->lock);
    g_array_append_val(loop->posts, what);
    g_mutex_unlock(&loop->lock);
    uv_async_send(&loop->wake);
}

static void
on_wake(uv_async_t *wake)
{
    UvLoop *loop = wake->data;
    GArray *posts;

    g_mutex_lock(&loop->lock);
    posts = loop->posts;
    loop->posts = g_array_new(FALSE, FALSE, sizeof(Post));
    g_mutex_unlock(&loop->lock);
    for (guint i = 0; i < posts->len; i++) {
        const Post *what = &g_array_index(posts, Post, i);

        what->fn(what->data);
    }
    g_array_unref(posts);
}

/* Just before the loop sleeps: what it was to run until may have happened in this turn. */
static void
on_before_wait(uv_prepare_t *prepare)
{
    UvLoop *loop = prepare->data;

    if (*loop->until)
        uv_stop(&loop->uv);
}

static const LoopOps OPS = {timer_start, timer_stop, post};

UvLoop *
uv_loop_wrapper_new(const Clock *clock)
{
    UvLoop *loop = g_new0(UvLoop, 1);
    int failure = uv_loop_init(&loop->uv);

    if (failure == 0)
        failure = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (failure == 0)
        failure = uv_prepare_init(&loop->uv, &loop->before_wait);
    if (failure != 0)
        g_error("no event loop: %s", uv_strerror(failure));
    loop->base = (Loop){&OPS, clock};
    loop->wake.data = loop;
    loop->before_wait.data = loop;
    loop->posts = g_array_new(FALSE, FALSE, sizeof(Post));
    g_mutex_init(&loop->lock);
    loop->client = curl_client_new(&loop->uv);
    return loop;
}

/* What is left are timers that were neither fired nor stopped. */
static void
close_handle(uv_handle_t *handle, void *data)
{
    UvLoop *loop = data;

    bool is_ours = handle == (uv_handle_t *)&loop->wake || handle == (uv_handle_t *)&loop->before_wait;

    if (!uv_is_closing(handle))
        uv_close(handle, is_ours ? NULL : on_timer_closed);
}

void
uv_loop_wrapper_free(UvLoop *loop)
{
    if (loop == NULL)
        return;
    uv_loop_stop(loop);
    curl_client_free(loop->client);
    uv_walk(&loop->uv, close_handle, loop);
    while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
        ;
    if (uv_loop_close(&loop->uv) != 0)
        g_error("the event loop is freed while it is in use");
    g_array_unref(loop->posts);
    g_mutex_clear(&loop->lock);
    g_free(loop);
}

Loop *
uv_loop_base(UvLoop *loop)
{
    return &loop->base;
}

uv_loop_t *
uv_loop_raw(UvLoop *loop)
{
    return &loop->uv;
}

HttpClient *
uv_loop_client(UvLoop *loop)
{
    return curl_client_base(loop->client);
}

static gpointer
run_thread(gpointer data)
{
    UvLoop *loop = data;

    uv_run(&loop->uv, UV_RUN_DEFAULT);
    return NULL;
}

void
uv_loop_start(UvLoop *loop, const char *thread_name)
{
    g_assert(loop->thread == NULL);
    loop->thread = g_thread_new(thread_name, run_thread, loop);
}

static void
stop_here(void *data)
{
    UvLoop *loop = data;

    curl_client_cancel_all(loop->client);
    uv_stop(&loop->uv);
}

void
uv_loop_stop(UvLoop *loop)
{
    if (loop->thread == NULL)
        return;
    post(&loop->base, stop_here, loop);
    g_thread_join(loop->thread);
    loop->thread = NULL;
}

void
uv_loop_set_stop(UvLoop *loop, bool (*should_stop)(void *data), void *data)
{
    loop->should_stop = should_stop;
    loop->stop_data = data;
}

static void
ask_to_stop(void *data)
{
    UvLoop *loop = data;

    loop->stop_timer = NULL;
    if (!loop->is_stopping && loop->should_stop(loop->stop_data)) {
        loop->is_stopping = true;
        curl_client_end_all(loop->client);
    }
    if (!loop->is_stopping)
        loop->stop_timer = timer_start(&loop->base, STOP_POLL_US, ask_to_stop, loop);
}

void
uv_loop_run_until(UvLoop *loop, const bool *done)
{
    g_assert(loop->thread == NULL);
    loop->until = done;
    uv_prepare_start(&loop->before_wait, on_before_wait);
    if (loop->should_stop != NULL && !*done)
        ask_to_stop(loop);
    while (!*done)
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    if (loop->stop_timer != NULL)
        timer_stop(&loop->base, g_steal_pointer(&loop->stop_timer));
    uv_prepare_stop(&loop->before_wait);
}

void
uv_loop_runner(void *loop, const bool *done)
{
    uv_loop_run_until(loop, done);
}
