#include "exchange/exchanges.h"
#include "exchange/order.h"

#include "sources/rate_headers.h"

/* Then it is asked whether that still holds. */
#define REST_LIMIT_US US_PER_DAY

struct Exchange {
    Exchanges *exchanges;
    ExchangeSpec spec;
    const ExchangeReceiver *receiver;
    void *data;
    Order *order;      /* until what is asked for was prepared */
    Question question; /* with what that gave */
    Arena *given;      /* its texts; NULL: nothing was ordered */
    LoopTimer *timer;  /* until the source's limits leave room */
    SessionWait *wait; /* for a session */
    HttpCall *call;
    int64_t give_up_us;  /* monotonic; when waiting for room ends */
    char *key;           /* of its login; NULL: none is needed */
    uint64_t generation; /* of the session it was asked with */
    bool retried, again; /* it was asked a second time; it is about to be */
};

static const Session NO_SESSION = {0};

ExchangeShared *
exchange_shared_new(const Clock *clock, Metrics *metrics)
{
    ExchangeShared *shared = g_new0(ExchangeShared, 1);

    shared->sessions = session_store_new(clock);
    shared->limits = source_limits_new();
    shared->metrics = metrics;
    return shared;
}

void
exchange_shared_free(ExchangeShared *shared)
{
    if (shared == NULL)
        return;
    session_store_free(shared->sessions);
    source_limits_free(shared->limits);
    g_free(shared);
}

Exchanges *
exchanges_new(Loop *loop, HttpClient *client, ExchangeShared *shared, bool allow_private_hosts)
{
    Exchanges *exchanges = g_new0(Exchanges, 1);

    *exchanges =
        (Exchanges){.loop = loop, .client = client, .shared = shared, .allow_private_hosts = allow_private_hosts};
    g_queue_init(&exchanges->logins);
    return exchanges;
}

Loop *
exchanges_loop(const Exchanges *exchanges)
{
    return exchanges->loop;
}

int64_t
exchanges_rest_us(const Exchanges *exchanges, const Source *source)
{
    return source_limits_rest_us(exchanges->shared->limits, source, clock_monotonic_us(exchanges->loop->clock));
}

double
exchanges_room(const Exchanges *exchanges, const Source *source)
{
    return source_limits_room(exchanges->shared->limits, source, clock_monotonic_us(exchanges->loop->clock));
}

void
exchanges_stop(Exchanges *exchanges)
{
    logins_stop(exchanges);
}

void
exchanges_free(Exchanges *exchanges)
{
    if (exchanges == NULL)
        return;
    exchanges_stop(exchanges);
    g_free(exchanges);
}

/* ---- one exchange ---- */

static const Source *
exchange_source(const Exchange *exchange)
{
    return operation_source(exchange->spec.operation);
}

static void
exchange_free(Exchange *exchange)
{
    if (exchange->spec.set != NULL)
        source_set_unref(exchange->spec.set);
    if (exchange->given != NULL)
        arena_free(exchange->given);
    g_free(exchange->key);
    g_free(exchange);
}

static void
give_room_back(const Exchange *exchange)
{
    source_limits_end(exchange->exchanges->shared->limits, exchange_source(exchange));
}

static void
end(Exchange *exchange, const HttpResult *result, const ExchangeRefusal *refusal)
{
    exchange->receiver->done(exchange->data, result, refusal);
    exchange_free(exchange);
}

static void
refuse(Exchange *exchange, AnswerStatus status, const char *message)
{
    const HttpResult result = {.outcome = HTTP_OUTCOME_REFUSED, .message = message};
    const ExchangeRefusal refusal = {status, message};

    end(exchange, &result, &refusal);
}

static void ask_for_session(Exchange *exchange);

/* Whatever the question was, all others of the account are told the same. */
static void
heed_quota(const Exchange *exchange, int status, HttpHeaders headers)
{
    const Clock *clock = exchange->exchanges->loop->clock;
    int64_t rest_us = MIN(rate_rest_us(headers, status, clock_now_us(clock)), REST_LIMIT_US);

    if (rest_us > 0)
        source_limits_rest(exchange->exchanges->shared->limits, exchange_source(exchange),
                           clock_monotonic_us(clock) + rest_us);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    Exchange *exchange = data;

    heed_quota(exchange, status, headers);
    exchange->again =
        exchange->key != NULL && !exchange->retried && operation_ends_session(exchange->spec.operation, status);
    if (!exchange->again && exchange->receiver->head != NULL)
        exchange->receiver->head(exchange->data, status, headers);
}

static bool
on_body(void *data, Str bytes)
{
    Exchange *exchange = data;

    return !exchange->again && exchange->receiver->body(exchange->data, bytes);
}

/* The session had ended before its time: once more with a new one. A second time it is the answer. */
static void
ask_again(Exchange *exchange)
{
    ExchangeShared *shared = exchange->exchanges->shared;

    exchange->retried = true;
    exchange->again = false;
    session_forget(shared->sessions, exchange->key, exchange->generation);
    source_limits_note(shared->limits, exchange_source(exchange), clock_monotonic_us(exchange->exchanges->loop->clock));
    ask_for_session(exchange);
}

static void
on_done(void *data, const HttpResult *result)
{
    Exchange *exchange = data;

    exchange->call = NULL;
    if (exchange->again && (result->outcome == HTTP_OUTCOME_ANSWERED || result->outcome == HTTP_OUTCOME_STOPPED)) {
        ask_again(exchange);
        return;
    }
    give_room_back(exchange);
    end(exchange, result, NULL);
}

static void
add_headers(HttpRequest *request, HttpHeaders more, Arena *arena)
{
    HttpHeader *items = ARENA_ARRAY(arena, HttpHeader, MAX(request->headers.count + more.count, 1));

    if (more.count == 0)
        return;
    if (request->headers.count > 0)
        memcpy(items, request->headers.items, request->headers.count * sizeof *items);
    memcpy(items + request->headers.count, more.items, more.count * sizeof *items);
    request->headers = (HttpHeaders){items, request->headers.count + more.count};
}

static bool
make_request(const Exchange *exchange, const Session *session, Arena *arena, HttpRequest *ret_request, GError **error)
{
    const ExchangeSpec *spec = &exchange->spec;

    if (!operation_request(spec->operation, spec->question, session, exchange->exchanges->loop->clock, arena,
                           ret_request, error))
        return false;
    add_headers(ret_request, spec->more_headers, arena);
    if (spec->timeout_us > 0)
        ret_request->timeout_us = spec->timeout_us;
    if (spec->body_limit_bytes > 0 &&
        (ret_request->body_limit_bytes == 0 || ret_request->body_limit_bytes > spec->body_limit_bytes))
        ret_request->body_limit_bytes = spec->body_limit_bytes;
    ret_request->allow_private_hosts |= exchange->exchanges->allow_private_hosts;
    return true;
}

static void
send(Exchange *exchange, const HttpRequest *request, const Session *session)
{
    static const HttpReceiver RECEIVER = {on_head, on_body, on_done};

    if (exchange->receiver->sending != NULL)
        exchange->receiver->sending(exchange->data, request, session);
    exchange->call = http_client_send(exchange->exchanges->client, request, &RECEIVER, exchange);
}

static void
send_with_session(Exchange *exchange, const Session *session)
{
    g_autoptr(Arena) arena = arena_new(4096);
    g_autoptr(GError) error = NULL;
    HttpRequest request;

    if (make_request(exchange, session, arena, &request, &error)) {
        send(exchange, &request, session);
        return;
    }
    give_room_back(exchange);
    refuse(exchange, ANSWER_PERMANENT, error->message);
}

static void
on_session(void *data, const SessionNews *news)
{
    Exchange *exchange = data;

    exchange->wait = NULL;
    switch (news->turn) {
    case SESSION_READY:
        exchange->generation = news->generation;
        send_with_session(exchange, &news->session);
        break;
    case SESSION_LEAD:
        login_start(exchange->exchanges, exchange->spec.set, exchange->spec.operation, exchange->key);
        ask_for_session(exchange);
        break;
    case SESSION_FAILED:
        give_room_back(exchange);
        refuse(exchange, news->status, news->message);
        break;
    }
}

static void
ask_for_session(Exchange *exchange)
{
    exchange->wait = session_ask(exchange->exchanges->shared->sessions, exchange->key, exchange->exchanges->loop,
                                 on_session, exchange);
}

/* ---- waiting for the source's limits ---- */

static bool take_room(Exchange *exchange, GError **error);

/* There is room, and it is taken. */
static void
go_on(Exchange *exchange)
{
    if (exchange->key != NULL)
        ask_for_session(exchange);
    else
        send_with_session(exchange, &NO_SESSION);
}

/* Under way already: nobody is there to hand an error to but the receiver. */
static void
go_on_with_room(Exchange *exchange)
{
    g_autoptr(GError) error = NULL;

    if (!take_room(exchange, &error))
        refuse(exchange, ANSWER_QUOTA, error->message);
    else if (exchange->timer == NULL)
        go_on(exchange);
}

static void
on_timer(void *data)
{
    Exchange *exchange = data;

    exchange->timer = NULL;
    go_on_with_room(exchange);
}

/* Takes room, or starts the timer; false when there is none within the patience. */
static bool
take_room(Exchange *exchange, GError **error)
{
    Exchanges *exchanges = exchange->exchanges;
    int64_t now_us = clock_monotonic_us(exchanges->loop->clock), wait_us;
    g_autoptr(GError) full = NULL;

    if (source_limits_take(exchanges->shared->limits, exchange_source(exchange), now_us, &wait_us, &full))
        return true;
    if (wait_us > exchange->give_up_us - now_us) {
        g_propagate_error(error, g_steal_pointer(&full));
        return false;
    }
    exchange->timer = loop_timer_start(exchanges->loop, wait_us, on_timer, exchange);
    return true;
}

/* ---- what must be prepared first ---- */

/* A page behind the first is a link of what is there already. */
static bool
needs_order(const ExchangeSpec *spec)
{
    return operation_submit(spec->operation) != NULL && str_is_empty(spec->question->cursor);
}

static void
on_ordered(void *data, Str ticket, Str result, const ExchangeRefusal *refusal)
{
    Exchange *exchange = data;

    exchange->order = NULL;
    if (refusal != NULL) {
        refuse(exchange, refusal->status, refusal->message);
        return;
    }
    exchange->given = arena_new(256);
    exchange->question = *exchange->spec.question;
    exchange->question.ticket = arena_str(exchange->given, ticket);
    exchange->question.result = arena_str(exchange->given, result);
    exchange->spec.question = &exchange->question;
    exchange->give_up_us = clock_monotonic_us(exchange->exchanges->loop->clock) + exchange->spec.patience_us;
    go_on_with_room(exchange);
}

static bool
start_order(Exchange *exchange, GError **error)
{
    const ExchangeSpec *spec = &exchange->spec;
    const OrderSpec order = {.set = spec->set,
                             .operation = spec->operation,
                             .question = spec->question,
                             .patience_us = spec->patience_us,
                             .ended = on_ordered,
                             .data = exchange};

    exchange->order = order_start(exchange->exchanges, &order, error);
    return exchange->order != NULL;
}

/* Where a login is needed, its name is kept. */
static bool
find_login(Exchange *exchange, GError **error)
{
    if (operation_login(exchange->spec.operation) == NULL)
        return true;
    exchange->key = login_key(exchange->spec.operation, error);
    return exchange->key != NULL;
}

/* Sends it, or waits for room or a session. */
static bool
start_now(Exchange *exchange, GError **error)
{
    static const Session ANY = {.token = {"-", 1}}; /* for whether the question can be asked at all */
    g_autoptr(Arena) arena = arena_new(4096);
    HttpRequest request;

    if (!make_request(exchange, &ANY, arena, &request, error) || !take_room(exchange, error))
        return false;
    if (exchange->timer == NULL && exchange->key == NULL)
        send(exchange, &request, &NO_SESSION);
    else if (exchange->timer == NULL)
        ask_for_session(exchange);
    return true;
}

Exchange *
exchange_start(Exchanges *exchanges, const ExchangeSpec *spec, const ExchangeReceiver *receiver, void *data,
               GError **error)
{
    Exchange *exchange = g_new0(Exchange, 1);

    *exchange = (Exchange){.exchanges = exchanges,
                           .spec = *spec,
                           .receiver = receiver,
                           .data = data,
                           .give_up_us = clock_monotonic_us(exchanges->loop->clock) + spec->patience_us};
    if (spec->set != NULL)
        source_set_ref(spec->set);
    if (!find_login(exchange, error) ||
        !(needs_order(spec) ? start_order(exchange, error) : start_now(exchange, error))) {
        exchange_free(exchange);
        return NULL;
    }
    return exchange;
}

void
exchange_cancel(Exchange *exchange)
{
    Exchanges *exchanges = exchange->exchanges;

    order_cancel(exchange->order);
    if (exchange->timer != NULL)
        loop_timer_stop(exchanges->loop, exchange->timer);
    else if (exchange->order == NULL)
        give_room_back(exchange);
    if (exchange->wait != NULL)
        session_cancel(exchange->wait);
    if (exchange->call != NULL)
        http_client_cancel(exchanges->client, exchange->call);
    exchange_free(exchange);
}
