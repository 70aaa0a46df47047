#include "support/fake_client.h"

typedef struct {
    FakeAnswer answer;
    unsigned given;
    char *url, *method;
    HttpHeader *headers;
    GString *body;
} Script;

struct HttpCall {
    FakeClient *client;
    const Script *script; /* NULL: nobody is there */
    FakeRequest *request;
    HttpReceiver receiver;
    void *data;
    LoopTimer *timer, *timeout;
    bool headed, *gone; /* gone: set when the call ends while one of its callbacks runs */
    int status;
    size_t sent;
    int64_t first_byte_us;
};

struct FakeClient {
    HttpClient base; /* first */
    FakeLoop *loop;
    GPtrArray *scripts, *requests;
    GPtrArray *calls;  /* open */
    bool is_receiving; /* in head or body, where libcurl takes no new call */
};

static void
script_free(gpointer data)
{
    Script *script = data;

    for (size_t i = 0; i < script->answer.headers.count; i++) {
        g_free((char *)script->headers[i].name.at);
        g_free((char *)script->headers[i].value.at);
    }
    g_free(script->headers);
    g_free(script->url);
    g_free(script->method);
    g_string_free(script->body, TRUE);
    g_free(script);
}

static void
request_free(gpointer data)
{
    FakeRequest *request = data;

    g_free(request->method);
    g_free(request->url);
    g_string_free(request->headers, TRUE);
    if (request->body != NULL)
        g_string_free(request->body, TRUE);
    g_free(request);
}

void
fake_client_answer(FakeClient *client, const FakeAnswer *answer)
{
    Script *script = g_new0(Script, 1);
    const char *body = answer->body != NULL ? answer->body : "";

    script->answer = *answer;
    script->url = g_strdup(answer->url);
    script->method = g_strdup(answer->method);
    script->body = g_string_new_len(body, (gssize)(answer->body_size != 0 ? answer->body_size : strlen(body)));
    script->headers = g_new0(HttpHeader, answer->headers.count + 1);
    for (size_t i = 0; i < answer->headers.count; i++) {
        const HttpHeader *header = &answer->headers.items[i];

        script->headers[i].name = (Str){str_dup(header->name), header->name.size};
        script->headers[i].value = (Str){str_dup(header->value), header->value.size};
    }
    g_ptr_array_add(client->scripts, script);
}

static Script *
script_find(FakeClient *client, const HttpRequest *request)
{
    Script *best = NULL;

    for (guint i = 0; i < client->scripts->len; i++) {
        Script *script = g_ptr_array_index(client->scripts, i);
        size_t size = strlen(script->url), best_size = best != NULL ? strlen(best->url) : 0;

        if (!g_str_has_prefix(request->url, script->url) || size < best_size)
            continue;
        if (script->method != NULL && strcmp(script->method, request->method) != 0)
            continue;
        if (script->answer.times != 0 && script->given >= script->answer.times)
            continue;
        if (best != NULL && size == best_size && best->answer.times != 0)
            continue;
        best = script;
    }
    if (best != NULL)
        best->given++;
    return best;
}

static void
call_free(HttpCall *call)
{
    Loop *loop = fake_loop_base(call->client->loop);

    loop_timer_stop(loop, call->timer);
    loop_timer_stop(loop, call->timeout);
    if (call->gone != NULL)
        *call->gone = true;
    g_ptr_array_remove(call->client->calls, call);
    g_free(call);
}

static void
call_end(HttpCall *call, HttpOutcome outcome)
{
    HttpReceiver receiver = call->receiver;
    void *data = call->data;
    HttpResult result = {
        .outcome = outcome,
        .status = call->status,
        .message = outcome == HTTP_OUTCOME_ANSWERED ? "" : "the script says so",
        .body_bytes = call->sent,
        .first_byte_us = call->first_byte_us,
        .total_us = clock_monotonic_us(fake_loop_base(call->client->loop)->clock) - call->request->sent_at_us,
    };

    call->request->done = true;
    call_free(call);
    receiver.done(data, &result);
}

static void
on_timeout(void *data)
{
    HttpCall *call = data;

    call->timeout = NULL;
    call_end(call, HTTP_OUTCOME_TIMEOUT);
}

/* Within a callback, the receiver may cancel the call. False when it did. */
static bool
send_head(HttpCall *call)
{
    const FakeAnswer *answer = &call->script->answer;
    FakeClient *client = call->client;
    bool gone = false;

    call->headed = true;
    call->first_byte_us = clock_monotonic_us(fake_loop_base(call->client->loop)->clock) - call->request->sent_at_us;
    call->status = answer->status != 0 ? answer->status : answer->outcome == HTTP_OUTCOME_ANSWERED ? 200 : 0;
    if (call->status == 0 || call->receiver.head == NULL)
        return true;
    call->gone = &gone;
    client->is_receiving = true;
    call->receiver.head(call->data, call->status, (HttpHeaders){call->script->headers, answer->headers.count});
    client->is_receiving = false;
    if (!gone)
        call->gone = NULL;
    return !gone;
}

/* False when the call is over. */
static bool
send_piece(HttpCall *call)
{
    const FakeAnswer *answer = &call->script->answer;
    size_t left = call->script->body->len - call->sent;
    size_t size = answer->piece_size != 0 ? MIN(answer->piece_size, left) : left;
    Str piece = {call->script->body->str + call->sent, size};
    uint64_t limit = call->request->body_limit_bytes;
    FakeClient *client = call->client;
    bool gone = false, more;

    if (limit != 0 && call->sent + size > limit) {
        call_end(call, HTTP_OUTCOME_TOO_LARGE);
        return false;
    }
    call->sent += size;
    call->gone = &gone;
    client->is_receiving = true;
    more = call->receiver.body(call->data, piece);
    client->is_receiving = false;
    if (gone)
        return false;
    call->gone = NULL;
    if (!more)
        call_end(call, HTTP_OUTCOME_STOPPED);
    return more;
}

static void
on_turn(void *data)
{
    HttpCall *call = data;
    Loop *loop = fake_loop_base(call->client->loop);

    call->timer = NULL;
    if (call->script == NULL) {
        call_end(call, HTTP_OUTCOME_CONNECT);
        return;
    }
    if (!call->headed && !send_head(call))
        return;
    while (call->sent < call->script->body->len) {
        if (!send_piece(call))
            return;
        if (call->script->answer.piece_gap_us > 0) {
            call->timer = loop_timer_start(loop, call->script->answer.piece_gap_us, on_turn, call);
            return;
        }
    }
    /* A call that times out hangs until its own time is over. */
    if (call->script->answer.outcome != HTTP_OUTCOME_TIMEOUT)
        call_end(call, call->script->answer.outcome);
}

static FakeRequest *
request_copy(FakeClient *client, const HttpRequest *from)
{
    FakeRequest *request = g_new0(FakeRequest, 1);

    request->method = g_strdup(from->method);
    request->url = g_strdup(from->url);
    request->headers = g_string_new(NULL);
    for (size_t i = 0; i < from->headers.count; i++)
        g_string_append_printf(request->headers, "%.*s: %.*s\n", STR_FORMAT(from->headers.items[i].name),
                               STR_FORMAT(from->headers.items[i].value));
    if (from->body.at != NULL)
        request->body = g_string_new_len(from->body.at, (gssize)from->body.size);
    request->timeout_us = from->timeout_us;
    request->sent_at_us = clock_monotonic_us(fake_loop_base(client->loop)->clock);
    request->body_limit_bytes = from->body_limit_bytes;
    request->allow_private_hosts = from->allow_private_hosts;
    g_ptr_array_add(client->requests, request);
    return request;
}

static HttpCall *
fake_send(HttpClient *base, const HttpRequest *request, const HttpReceiver *receiver, void *data)
{
    FakeClient *client = (FakeClient *)base;
    Loop *loop = fake_loop_base(client->loop);
    HttpCall *call = g_new0(HttpCall, 1);

    g_assert(!client->is_receiving);
    call->client = client;
    call->script = script_find(client, request);
    call->request = request_copy(client, request);
    call->receiver = *receiver;
    call->data = data;
    call->timer = loop_timer_start(loop, call->script != NULL ? call->script->answer.delay_us : 0, on_turn, call);
    if (request->timeout_us > 0)
        call->timeout = loop_timer_start(loop, request->timeout_us, on_timeout, call);
    g_ptr_array_add(client->calls, call);
    return call;
}

static void
fake_cancel(HttpClient *base G_GNUC_UNUSED, HttpCall *call)
{
    call->request->cancelled = true;
    call_free(call);
}

FakeClient *
fake_client_new(FakeLoop *loop)
{
    FakeClient *client = g_new0(FakeClient, 1);

    client->base = (HttpClient){fake_send, fake_cancel};
    client->loop = loop;
    client->scripts = g_ptr_array_new_with_free_func(script_free);
    client->requests = g_ptr_array_new_with_free_func(request_free);
    client->calls = g_ptr_array_new();
    return client;
}

void
fake_client_free(FakeClient *client)
{
    if (client == NULL)
        return;
    while (client->calls->len > 0)
        call_free(g_ptr_array_index(client->calls, 0));
    g_ptr_array_unref(client->calls);
    g_ptr_array_unref(client->requests);
    g_ptr_array_unref(client->scripts);
    g_free(client);
}

HttpClient *
fake_client_base(FakeClient *client)
{
    return &client->base;
}

size_t
fake_client_request_count(const FakeClient *client)
{
    return client->requests->len;
}

const FakeRequest *
fake_client_request(const FakeClient *client, size_t index)
{
    g_assert_cmpuint(index, <, client->requests->len);
    return g_ptr_array_index(client->requests, index);
}

size_t
fake_client_open_count(const FakeClient *client)
{
    return client->calls->len;
}
