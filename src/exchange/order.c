#include "exchange/order.h"

#include "exchange/exchanges.h"

struct Order {
    Exchanges *exchanges;
    OrderSpec spec;
    Arena *arena; /* of what was given, and of messages */
    Question question;
    Exchange *exchange; /* NULL between calls */
    Answer *answer;     /* of the call under way */
    LoopTimer *timer;   /* until the next poll */
    int64_t started_us, deadline_us;
    unsigned polls;
    Str waits_for; /* what the last poll said; in arena */
};

static Loop *
order_loop(const Order *order)
{
    return exchanges_loop(order->exchanges);
}

static void
order_free(Order *order)
{
    if (order->answer != NULL)
        answer_free(order->answer);
    arena_free(order->arena);
    g_free(order);
}

void
order_cancel(Order *order)
{
    if (order == NULL)
        return;
    loop_timer_stop(order_loop(order), order->timer);
    if (order->exchange != NULL)
        exchange_cancel(order->exchange);
    order_free(order);
}

/* ---- how it ends ---- */

static bool
is_submit(const Order *order)
{
    return str_is_empty(order->question.ticket);
}

static void
order_end(Order *order, const char *outcome, const ExchangeRefusal *refusal)
{
    Metrics *metrics = order->exchanges->shared->metrics;
    const char *source = source_name(operation_source(order->spec.operation));

    metric_add(metrics, METRIC_ORDERS, source, outcome, 1);
    metric_add(metrics, METRIC_ORDER_POLLS, source, NULL, order->polls);
    metric_observe_us(metrics, METRIC_ORDER_SECONDS, source,
                      clock_monotonic_us(order_loop(order)->clock) - order->started_us);
    order->spec.ended(order->spec.data, order->question.ticket, order->question.result, refusal);
    order_free(order);
}

static void
order_fail(Order *order, const char *outcome, AnswerStatus status, Str words)
{
    const Operation *operation = order->spec.operation;
    Str text = arena_printf(order->arena, "%s: %.*s", is_submit(order) ? "submit" : "poll", STR_FORMAT(words));
    const ExchangeRefusal refusal = {status,
                                     arena_strdup(order->arena, operation_redact(operation, text, order->arena))};

    order_end(order, outcome, &refusal);
}

static void
order_fail_late(Order *order)
{
    int64_t waited_s = operation_poll_deadline_us(order->spec.operation) / US_PER_SECOND;
    Str text = arena_printf(order->arena, "not ready after %" G_GINT64_FORMAT " s and %u times asked%s%.*s", waited_s,
                            order->polls, str_is_empty(order->waits_for) ? "" : ": ", STR_FORMAT(order->waits_for));

    order_fail(order, "late", ANSWER_TRANSIENT, text);
}

/* ---- one call ---- */

static bool order_ask(Order *order, const Operation *step, GError **error);

static void
on_timer(void *data)
{
    Order *order = data;
    g_autoptr(GError) error = NULL;

    order->timer = NULL;
    order->polls++;
    if (!order_ask(order, operation_poll(order->spec.operation), &error))
        order_fail(order, "refused", weir_error_code(error) == WEIR_ERROR_LIMIT ? ANSWER_QUOTA : ANSWER_PERMANENT,
                   str_of(error->message));
}

/* A partner that says how long to wait is heeded, but a poll behind the deadline would be for nothing. */
static void
order_wait(Order *order, int64_t retry_after_us)
{
    int64_t wait_us = MAX(operation_poll_every_us(order->spec.operation), retry_after_us);

    if (clock_monotonic_us(order_loop(order)->clock) + wait_us > order->deadline_us)
        order_fail_late(order);
    else
        order->timer = loop_timer_start(order_loop(order), wait_us, on_timer, order);
}

static void
order_take_ticket(Order *order, AnswerStatus status, Str message)
{
    status = submit_read(order->answer, status, order->arena, &order->question.ticket, &message);
    if (status == ANSWER_OK)
        order_wait(order, answer_retry_after_us(order->answer));
    else
        order_fail(order, "failed", status, message);
}

static void
order_take_poll(Order *order, AnswerStatus status, Str message)
{
    int64_t retry_after_us = answer_retry_after_us(order->answer);

    switch (poll_read(order->spec.operation, order->answer, &status, order->arena, &order->question.result, &message)) {
    case ORDER_READY:
        order_end(order, "ready", NULL);
        break;
    case ORDER_WAITING:
        order->waits_for = arena_str(order->arena, message);
        order_wait(order, retry_after_us);
        break;
    case ORDER_FAILED:
        order_fail(order, "failed", status, message);
        break;
    }
}

/* A transfer that fails while it is prepared is tried again at the next poll. */
static void
order_take_break(Order *order, const HttpResult *result)
{
    if (is_submit(order) || result->outcome == HTTP_OUTCOME_REFUSED) {
        order_fail(order, "failed", result->outcome == HTTP_OUTCOME_REFUSED ? ANSWER_PERMANENT : ANSWER_TRANSIENT,
                   str_of(result->message));
        return;
    }
    order->waits_for = arena_str(order->arena, str_of(result->message));
    order_wait(order, 0);
}

static void
on_sending(void *data, const HttpRequest *request G_GNUC_UNUSED, const Session *session)
{
    answer_hide(((Order *)data)->answer, session);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    answer_head(((Order *)data)->answer, status, headers);
}

static bool
on_body(void *data, Str bytes)
{
    Order *order = data;

    return (is_submit(order) || poll_reads_body(order->spec.operation)) && answer_push(order->answer, bytes);
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    Order *order = data;
    bool answered = result->outcome == HTTP_OUTCOME_ANSWERED || result->outcome == HTTP_OUTCOME_STOPPED;
    Str message = STR_NONE;
    AnswerStatus status;

    order->exchange = NULL;
    if (refusal != NULL) {
        order_fail(order, "refused", refusal->status, str_of(refusal->message));
    } else if (!answered) {
        order_take_break(order, result);
    } else {
        status = answer_finish(order->answer, result->outcome == HTTP_OUTCOME_ANSWERED, &message);
        if (is_submit(order))
            order_take_ticket(order, status, message);
        else
            order_take_poll(order, status, message);
    }
}

static bool
order_ask(Order *order, const Operation *step, GError **error)
{
    static const AnswerEvents NO_EVENTS = {0};
    static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};
    const ExchangeSpec exchange = {.set = order->spec.set,
                                   .operation = step,
                                   .question = &order->question,
                                   .patience_us = order->spec.patience_us};

    if (order->answer != NULL)
        answer_free(order->answer);
    order->answer = answer_new(step, &order->question, order_loop(order)->clock, &NO_EVENTS, order);
    order->exchange = exchange_start(order->exchanges, &exchange, &RECEIVER, order, error);
    return order->exchange != NULL;
}

Order *
order_start(Exchanges *exchanges, const OrderSpec *spec, GError **error)
{
    Order *order = g_new(Order, 1);
    int64_t now_us = clock_monotonic_us(exchanges_loop(exchanges)->clock);

    *order = (Order){.exchanges = exchanges,
                     .spec = *spec,
                     .arena = arena_new(1024),
                     .question = *spec->question,
                     .started_us = now_us,
                     .deadline_us = now_us + operation_poll_deadline_us(spec->operation)};
    if (order_ask(order, operation_submit(spec->operation), error))
        return order;
    order_free(order);
    return NULL;
}
