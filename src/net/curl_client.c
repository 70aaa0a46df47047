/*
 * Between libcurl and libuv: curl says which sockets and what time it waits for, uv says when they are there.
 *
 * curl must not be told to remove a call from within one of its callbacks, and receivers may cancel calls from
 * theirs; so a call that is cancelled while curl has the word is only marked, and removed as soon as curl returns.
 */
#include "net/curl_call.h"

#include <signal.h>

#define IDLE_HANDLES_MAX     64
#define IDLE_CONNECTIONS_MAX 256L
#define HOST_CONNECTIONS_MAX 256L
#define ALL_CONNECTIONS_MAX  1024L
/* What receivers get in one turn of the loop: all together, and each call. A millisecond's work, or two; the rest comes in
 * the next turns, between which timers and other sockets have theirs. */
#define TURN_BYTES      ((size_t)256 * 1024)
#define CALL_TURN_BYTES ((size_t)64 * 1024)

struct CurlClient {
    HttpClient base; /* first */
    uv_loop_t *uv;
    CURLM *multi;
    uv_timer_t *timer; /* what curl waits for */
    uv_timer_t *early; /* the end of calls that were refused at sight */
    GQueue calls;      /* handed to curl */
    GQueue refused;    /* not handed to curl */
    GPtrArray *idle;   /* easy handles */
    GQueue paused;     /* calls that have had their share of the turn */
    uv_idle_t *more;   /* goes on with them, in the next */
    uv_check_t *turn_end;
    uint64_t turn;
    size_t turn_bytes;
    unsigned depth; /* receivers or curl have the word */
    bool has_cancelled;
    bool is_ending; /* no call goes on */
};

typedef struct {
    uv_poll_t uv;
    CurlClient *client;
    curl_socket_t fd;
} Watch;

static void
on_closed(uv_handle_t *handle)
{
    g_free(handle);
}

static CURL *
easy_take(CurlClient *client)
{
    CURL *easy =
        client->idle->len > 0 ? g_ptr_array_steal_index_fast(client->idle, client->idle->len - 1) : curl_easy_init();

    g_assert(easy != NULL); /* out of memory */
    return easy;
}

static void
easy_give(CurlClient *client, CURL *easy)
{
    if (client->idle->len >= IDLE_HANDLES_MAX) {
        curl_easy_cleanup(easy);
        return;
    }
    curl_easy_reset(easy);
    g_ptr_array_add(client->idle, easy);
}

/* ---- shares of a turn ---- */

size_t
curl_client_share(CurlClient *client, HttpCall *call)
{
    if (call->turn != client->turn) {
        call->turn = client->turn;
        call->turn_bytes = 0;
    }
    if (client->turn_bytes >= TURN_BYTES || call->turn_bytes >= CALL_TURN_BYTES)
        return 0;
    return MIN(TURN_BYTES - client->turn_bytes, CALL_TURN_BYTES - call->turn_bytes);
}

void
curl_client_spend(CurlClient *client, HttpCall *call, size_t bytes)
{
    client->turn_bytes += bytes;
    call->turn_bytes += bytes;
}

static void on_more(uv_idle_t *idle);

void
curl_client_pause(CurlClient *client, HttpCall *call)
{
    if (!call->is_paused)
        g_queue_push_tail_link(&client->paused, &call->pause);
    call->is_paused = true;
    uv_idle_start(client->more, on_more);
}

static void
take_from_paused(HttpCall *call)
{
    if (call->is_paused)
        g_queue_unlink(&call->client->paused, &call->pause);
    call->is_paused = false;
}

/* A turn is what happens between two ends of waiting for sockets: timers, those that are paused, and then sockets. */
static void
on_turn_end(uv_check_t *check)
{
    CurlClient *client = check->data;

    client->turn++;
    client->turn_bytes = 0;
}

/* Forgets a call; not while curl has the word. */
static void
call_remove(HttpCall *call)
{
    CurlClient *client = call->client;

    take_from_paused(call);

    if (call->easy != NULL) {
        curl_multi_remove_handle(client->multi, call->easy);
        easy_give(client, call->easy);
        g_queue_unlink(&client->calls, &call->link);
    } else {
        g_queue_unlink(&client->refused, &call->link);
    }
    call_free(call);
}

static void
remove_cancelled(CurlClient *client)
{
    GList *next;

    if (!client->has_cancelled)
        return;
    client->has_cancelled = false;
    for (GList *at = client->calls.head; at != NULL; at = next) {
        HttpCall *call = at->data;

        next = at->next;
        if (call->is_cancelled)
            call_remove(call);
    }
}

static void
call_end(HttpCall *call, CURLcode code)
{
    CurlClient *client = call->client;
    HttpReceiver receiver = call->receiver;
    void *data = call->data;
    HttpResult result;
    bool is_wanted = !call->is_cancelled;

    if (is_wanted && code == CURLE_OK && call->easy != NULL) {
        client->depth++;
        is_wanted = call_tell_head(call);
        client->depth--;
    }
    result = call_result(call, code);
    call_remove(call);
    if (is_wanted)
        receiver.done(data, &result);
    remove_cancelled(client);
}

/* After curl had the word: ends what is done. */
static void
settle(CurlClient *client)
{
    CURLMsg *message;
    int left;

    remove_cancelled(client);
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        char *call = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        call_end((HttpCall *)(void *)call, message->data.result);
    }
}

static void
curl_act(CurlClient *client, curl_socket_t fd, int events)
{
    int running;

    client->depth++;
    curl_multi_socket_action(client->multi, fd, events, &running);
    client->depth--;
    settle(client);
}

/* Those that wait now, as far as there is room: who is paused again stands behind the others. */
static void
on_more(uv_idle_t *idle)
{
    CurlClient *client = idle->data;
    guint left = client->paused.length;

    for (; left > 0 && client->paused.length > 0 && client->turn_bytes < TURN_BYTES; left--) {
        HttpCall *call = client->paused.head->data;
        CURLcode code;

        take_from_paused(call);
        client->depth++;
        code = curl_easy_pause(call->easy, CURLPAUSE_CONT);
        client->depth--;
        if (code != CURLE_OK && !call->is_cancelled)
            call_end(call, code);
        settle(client);
    }
    if (client->paused.length == 0)
        uv_idle_stop(client->more);
}

static void
on_ready(uv_poll_t *handle, int status, int events)
{
    Watch *watch = (Watch *)handle;
    int curl_events = (events & UV_READABLE ? CURL_CSELECT_IN : 0) | (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);

    curl_act(watch->client, watch->fd, status < 0 ? CURL_CSELECT_ERR : curl_events);
}

static void
on_timer(uv_timer_t *timer)
{
    curl_act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* curl asks to be called after timeout_ms; -1: not any more. */
static int
on_timeout_wanted(CURLM *multi G_GNUC_UNUSED, long timeout_ms, void *data)
{
    CurlClient *client = data;

    if (timeout_ms < 0)
        return uv_timer_stop(client->timer);
    uv_update_time(client->uv);
    return uv_timer_start(client->timer, on_timer, (uint64_t)timeout_ms, 0);
}

static int
on_socket_wanted(CURL *easy G_GNUC_UNUSED, curl_socket_t fd, int what, void *data, void *socket_data)
{
    CurlClient *client = data;
    Watch *watch = socket_data;
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);

    if (what == CURL_POLL_REMOVE) {
        if (watch != NULL) {
            uv_poll_stop(&watch->uv);
            uv_close((uv_handle_t *)&watch->uv, on_closed);
            curl_multi_assign(client->multi, fd, NULL);
        }
        return 0;
    }
    if (watch == NULL) {
        watch = g_new0(Watch, 1);
        watch->client = client;
        watch->fd = fd;
        if (uv_poll_init_socket(client->uv, &watch->uv, fd) != 0) {
            g_free(watch);
            return -1;
        }
        curl_multi_assign(client->multi, fd, watch);
    }
    return uv_poll_start(&watch->uv, events, on_ready);
}

/* Those that are there now; a receiver that asks again at once is told in its turn. */
static void
end_open_calls(CurlClient *client)
{
    for (guint left = client->calls.length; left > 0 && client->calls.length > 0; left--) {
        HttpCall *call = client->calls.head->data;

        call->is_stopped = true;
        call->refusal = "we are stopping";
        call_end(call, CURLE_ABORTED_BY_CALLBACK);
    }
}

static void
on_early(uv_timer_t *timer)
{
    CurlClient *client = timer->data;
    HttpCall *call;

    while ((call = g_queue_peek_head(&client->refused)) != NULL)
        call_end(call, CURLE_OK);
    if (client->is_ending)
        end_open_calls(client);
}

void
curl_client_end_all(CurlClient *client)
{
    g_assert(client->depth == 0);
    client->is_ending = true;
    end_open_calls(client);
}

static HttpCall *
client_send(HttpClient *base, const HttpRequest *request, const HttpReceiver *receiver, void *data)
{
    CurlClient *client = (CurlClient *)base;
    CURL *easy = easy_take(client);
    HttpCall *call = call_new(client, easy, request, receiver, data);

    if (call->easy == NULL) {
        easy_give(client, easy);
        g_queue_push_tail_link(&client->refused, &call->link);
        uv_timer_start(client->early, on_early, 0, 0);
        return call;
    }
    g_queue_push_tail_link(&client->calls, &call->link);
    if (curl_multi_add_handle(client->multi, easy) != CURLM_OK)
        g_error("libcurl does not take a request");
    if (client->is_ending)
        uv_timer_start(client->early, on_early, 0, 0);
    return call;
}

static void
client_cancel(HttpClient *base, HttpCall *call)
{
    CurlClient *client = (CurlClient *)base;

    g_assert(!call->is_cancelled);
    call->is_cancelled = true;
    if (client->depth > 0 && call->easy != NULL)
        client->has_cancelled = true;
    else
        call_remove(call);
}

void
curl_client_cancel_all(CurlClient *client)
{
    g_assert(client->depth == 0);
    while (client->calls.length > 0)
        call_remove(client->calls.head->data);
    while (client->refused.length > 0)
        call_remove(client->refused.head->data);
}

static uv_timer_t *
timer_new(CurlClient *client)
{
    uv_timer_t *timer = g_new0(uv_timer_t, 1);

    uv_timer_init(client->uv, timer);
    timer->data = client;
    return timer;
}

CurlClient *
curl_client_new(uv_loop_t *uv)
{
    static gsize is_ready;
    CurlClient *client = g_new0(CurlClient, 1);

    if (g_once_init_enter(&is_ready)) {
        struct sigaction ignore = {.sa_handler = SIG_IGN};

        sigemptyset(&ignore.sa_mask);
        sigaction(SIGPIPE, &ignore, NULL);
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            g_error("libcurl cannot be used");
        g_once_init_leave(&is_ready, 1);
    }
    client->base = (HttpClient){client_send, client_cancel};
    client->uv = uv;
    client->multi = curl_multi_init();
    g_assert(client->multi != NULL);
    client->timer = timer_new(client);
    client->early = timer_new(client);
    client->more = g_new0(uv_idle_t, 1);
    uv_idle_init(uv, client->more);
    client->more->data = client;
    client->turn_end = g_new0(uv_check_t, 1);
    uv_check_init(uv, client->turn_end);
    client->turn_end->data = client;
    uv_check_start(client->turn_end, on_turn_end);
    uv_unref((uv_handle_t *)client->turn_end); /* alone it keeps no loop going */
    client->idle = g_ptr_array_new_with_free_func(curl_easy_cleanup);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, IDLE_CONNECTIONS_MAX);
    curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, HOST_CONNECTIONS_MAX);
    curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, ALL_CONNECTIONS_MAX);
    return client;
}

void
curl_client_free(CurlClient *client)
{
    if (client == NULL)
        return;
    curl_client_cancel_all(client);
    g_ptr_array_unref(client->idle);
    curl_multi_cleanup(client->multi);
    uv_timer_stop(client->timer);
    uv_timer_stop(client->early);
    uv_idle_stop(client->more);
    uv_check_stop(client->turn_end);
    uv_close((uv_handle_t *)client->more, on_closed);
    uv_close((uv_handle_t *)client->turn_end, on_closed);
    uv_close((uv_handle_t *)client->timer, on_closed);
    uv_close((uv_handle_t *)client->early, on_closed);
    g_free(client);
}

HttpClient *
curl_client_base(CurlClient *client)
{
    return &client->base;
}
