#include "warehouse/cloud.h"

typedef struct {
    const CloudSink *sink;
    Arena *arena;
    CloudAnswer answer;
    HttpOutcome outcome;
    char *message;
    bool is_refused; /* by the sink */
    bool done;
} Exchange;

void
cloud_answer_clear(CloudAnswer *answer)
{
    if (answer->body != NULL)
        g_string_free(answer->body, TRUE);
    *answer = (CloudAnswer){0};
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    Exchange *exchange = data;
    HttpHeader *copies = ARENA_ARRAY(exchange->arena, HttpHeader, headers.count + 1);

    for (size_t i = 0; i < headers.count; i++) {
        copies[i].name = arena_str(exchange->arena, headers.items[i].name);
        copies[i].value = arena_str(exchange->arena, headers.items[i].value);
    }
    exchange->answer.status = status;
    exchange->answer.headers = (HttpHeaders){copies, headers.count};
}

static bool
on_body(void *data, Str bytes)
{
    Exchange *exchange = data;
    bool wanted = exchange->answer.status == 200 || exchange->answer.status == 206;

    if (exchange->sink != NULL && wanted) {
        exchange->is_refused = !exchange->sink->take(exchange->sink->data, bytes);
        return !exchange->is_refused;
    }
    str_append(exchange->answer.body, bytes);
    return true;
}

static void
on_done(void *data, const HttpResult *result)
{
    Exchange *exchange = data;

    exchange->outcome = result->outcome;
    exchange->message = g_strdup(result->message);
    exchange->done = true;
}

static const HttpReceiver RECEIVER = {on_head, on_body, on_done};

static WeirError
code_of(const Exchange *exchange)
{
    switch (exchange->outcome) {
    case HTTP_OUTCOME_TIMEOUT:
        return WEIR_ERROR_TIMEOUT;
    case HTTP_OUTCOME_TOO_LARGE:
        return WEIR_ERROR_LIMIT;
    case HTTP_OUTCOME_STOPPED: /* or the process ends */
        return exchange->is_refused ? WEIR_ERROR_LIMIT : WEIR_ERROR_UNAVAILABLE;
    case HTTP_OUTCOME_REFUSED:
        return WEIR_ERROR_INVALID;
    case HTTP_OUTCOME_ANSWERED:
    case HTTP_OUTCOME_CONNECT:
    case HTTP_OUTCOME_BROKEN:
        break;
    }
    return WEIR_ERROR_UNAVAILABLE;
}

bool
cloud_call(const Cloud *cloud, const char *service, const HttpRequest *request, const CloudSink *sink, Arena *arena,
           CloudAnswer *ret_answer, GError **error)
{
    Exchange exchange = {.sink = sink, .arena = arena, .answer.body = g_string_new("")};
    HttpRequest sent = *request;

    sent.allow_private_hosts = sent.allow_private_hosts || cloud->allow_private_hosts;
    http_client_send(cloud->client, &sent, &RECEIVER, &exchange);
    cloud->run_until(cloud->runner, &exchange.done);
    if (exchange.outcome != HTTP_OUTCOME_ANSWERED) {
        g_autofree char *message = exchange.message;

        cloud_answer_clear(&exchange.answer);
        return weir_fail(error, code_of(&exchange), "%s gave no whole answer to %s (%s): %s", service, request->method,
                         http_outcome_name(exchange.outcome), message);
    }
    g_free(exchange.message);
    *ret_answer = exchange.answer;
    return true;
}

static void
on_time(void *data)
{
    *(bool *)data = true;
}

void
cloud_wait(const Cloud *cloud, int64_t us)
{
    bool done = false;

    loop_timer_start(cloud->timers, us, on_time, &done);
    cloud->run_until(cloud->runner, &done);
}
