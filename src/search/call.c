#include "search/call.h"

#include "exchange/details.h"

#include "listings/normalise.h"

struct SourceCall {
    const CallContext *context;
    SourceSet *set;
    const Source *source;
    Question question;
    SourceReply *reply;
    int64_t arrived_at_us; /* when the answer began to come */
    Answer *answer;
    Exchange *exchange;  /* NULL: over */
    Details *details;    /* of its listings, which are in the reply already; NULL: none, or all are there */
    SourceStatus status; /* and what else is told when the details are there */
    Str reason;
    int64_t retry_after_us;
    HealthTicket ticket;
    LoopTimer *slow; /* until it takes long for its source; NULL: it does already */
    bool is_headed;  /* the answer has begun */
    bool full;       /* one of our limits for listings was reached: the rest is not wanted */
    const CallReceiver *receiver;
    void *data;
};

static void
call_free(SourceCall *call)
{
    loop_timer_stop(call->context->loop, call->slow);
    details_free(call->details);
    answer_free(call->answer);
    source_reply_unref(call->reply);
    source_set_unref(call->set);
    g_free(call);
}

static void
measure(const SourceCall *call)
{
    const char *name = source_name(call->source);
    Metrics *metrics = call->context->metrics;

    metric_add(metrics, METRIC_SOURCE_CALLS, name, source_status_name(call->reply->status), 1);
    metric_observe_us(metrics, METRIC_SOURCE_SECONDS, name, call->reply->took_us);
    metric_add(metrics, METRIC_SOURCE_LISTINGS, name, NULL, call->reply->listings->len);
    mapping_count(metrics, name, answer_tally(call->answer));
    mapping_sink_take(call->context->mapping, name, operation_name(source_search(call->source)),
                      answer_tally(call->answer));
}

/* Our key was refused, or was good. */
static void
tell_credential(const SourceCall *call)
{
    const SourceReply *reply = call->reply;

    if (reply->status == SOURCE_CREDENTIAL || source_status_is_answer(reply->status))
        mapping_sink_note_credential(call->context->mapping, source_name(call->source),
                                     reply->status == SOURCE_CREDENTIAL, reply->reason);
}

/* Fixes the reply, hands it over, and frees the call. */
static void
call_end(SourceCall *call, SourceStatus status, Str reason, int64_t retry_after_us)
{
    int64_t now_us = clock_monotonic_us(call->context->loop->clock);

    call->reply->status = status;
    call->reply->reason = reason;
    call->reply->took_us = now_us - call->ticket.started_us;
    source_health_end(call->context->health, source_name(call->source), &call->ticket, status, retry_after_us, now_us);
    learned_note_call(call->context->learned, source_name(call->source), status, call->reply->took_us,
                      clock_now_us(call->context->loop->clock));
    measure(call);
    tell_credential(call);
    call->receiver->ended(call->data, call->reply);
    call_free(call);
}

static bool
is_full(const SourceCall *call)
{
    const CallLimits *limits = &call->context->limits;
    const char *limit = call->reply->listings->len >= limits->listings                 ? "listings"
                        : arena_used_bytes(call->reply->arena) >= limits->memory_bytes ? "memory"
                                                                                       : NULL;

    if (limit != NULL)
        metric_add(call->context->metrics, METRIC_SOURCE_CUT, source_name(call->source), limit, 1);
    return limit != NULL;
}

static bool
on_listing(void *data, const Listing *listing)
{
    SourceCall *call = data;
    Listing normal = *listing;

    if (!source_reply_takes(listing)) {
        metric_add(call->context->metrics, METRIC_RECORDS_REJECTED, source_name(call->source), "url", 1);
        return true;
    }
    listing_normalise(call->reply->arena, call->context->places, &normal);
    normal.confirmed_at_us = call->arrived_at_us;
    source_reply_add(call->reply, &normal);
    if (call->details != NULL)
        details_add(call->details, call->reply->listings->len - 1, listing);
    call->full = is_full(call);
    return !call->full;
}

/* ---- details ---- */

static void
on_detail_rejected(void *data, uint64_t row G_GNUC_UNUSED, bool dropped G_GNUC_UNUSED, const char *field,
                   const char *reason G_GNUC_UNUSED, Str text G_GNUC_UNUSED)
{
    SourceCall *call = data;

    metric_add(call->context->metrics, METRIC_FIELDS_UNREAD, source_name(call->source), field, 1);
}

static void
on_told(void *data, size_t tag, const Listing *listing)
{
    SourceCall *call = data;
    Listing normal = *listing;

    if (!source_reply_takes(listing))
        return;
    listing_normalise(call->reply->arena, call->context->places, &normal);
    normal.confirmed_at_us = call->arrived_at_us;
    source_reply_replace(call->reply, tag, &normal);
}

static void
on_drained(void *data)
{
    SourceCall *call = data;

    call_end(call, call->status, call->reason, call->retry_after_us);
}

static Details *
new_details(SourceCall *call)
{
    const DetailsSpec spec = {.set = call->set,
                              .operation = source_search(call->source),
                              .question = &call->question,
                              .told = on_told,
                              .rejected = on_detail_rejected,
                              .drained = on_drained,
                              .data = call};

    return operation_detail(spec.operation) != NULL ? details_new(call->context->exchanges, &spec) : NULL;
}

static const AnswerEvents EVENTS = {.listing = on_listing};

static void
on_head(void *data, int status, HttpHeaders headers)
{
    SourceCall *call = data;

    call->is_headed = true;
    call->reply->keep_limit_us = http_keep_limit_us(headers);
    call->arrived_at_us = clock_now_us(call->context->loop->clock);
    answer_head(call->answer, status, headers);
}

static bool
on_body(void *data, Str bytes)
{
    SourceCall *call = data;
    guint before = call->reply->listings->len;
    bool more;

    more = answer_push(call->answer, bytes);
    /* Whoever looks at a listing sees it as it is then: with details, they are told when these are there. */
    if (call->reply->listings->len > before && call->details == NULL)
        call->receiver->moved(call->data);
    return more;
}

static SourceStatus
status_of_transfer(HttpOutcome outcome)
{
    switch (outcome) {
    case HTTP_OUTCOME_TIMEOUT:
        return SOURCE_TIMEOUT;
    case HTTP_OUTCOME_CONNECT:
        return SOURCE_UNREACHABLE;
    case HTTP_OUTCOME_TOO_LARGE:
        return SOURCE_TOO_LARGE;
    case HTTP_OUTCOME_REFUSED:
        return SOURCE_REFUSED;
    default:
        return SOURCE_BROKEN;
    }
}

static SourceStatus
status_of_answer(AnswerStatus status, bool any)
{
    switch (status) {
    case ANSWER_OK:
        return any ? SOURCE_OK : SOURCE_EMPTY;
    case ANSWER_EMPTY:
        return SOURCE_EMPTY;
    case ANSWER_CREDENTIAL:
        return SOURCE_CREDENTIAL;
    case ANSWER_QUOTA:
        return SOURCE_QUOTA;
    case ANSWER_TRANSIENT:
        return SOURCE_TRANSIENT;
    case ANSWER_PERMANENT:
        return SOURCE_PERMANENT;
    case ANSWER_MALFORMED:
        return SOURCE_MALFORMED;
    }
    g_assert_not_reached();
}

/* Whether the same question, asked again at once, may well be answered: nothing was heard of the first, or a proxy could
 * not reach who answers. Not when the partner says how long to stay away, nor after a failure of its program (500), which
 * usually comes again. */
static bool
failure_may_pass(const HttpResult *result, SourceStatus status, int64_t retry_after_us)
{
    switch (result->outcome) {
    case HTTP_OUTCOME_CONNECT:
        return true;
    case HTTP_OUTCOME_BROKEN:
        return result->status == 0;
    case HTTP_OUTCOME_ANSWERED:
        return status == SOURCE_TRANSIENT && retry_after_us == 0 && result->status >= 502 && result->status <= 504;
    default:
        return false;
    }
}

static void
keep_next(SourceCall *call)
{
    Question next;

    if (!answer_next(call->answer, &next))
        return;
    call->reply->has_next = true;
    call->reply->next = question_copy(call->reply->arena, &next);
}

/* It was not asked after all. */
static void
on_refused(SourceCall *call, const ExchangeRefusal *refusal)
{
    Str message = operation_redact(source_search(call->source), str_of(refusal->message), call->reply->arena);

    call_end(call, status_of_answer(refusal->status, false), arena_str(call->reply->arena, message), 0);
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    SourceCall *call = data;
    Arena *arena = call->reply->arena;
    bool answered = result->outcome == HTTP_OUTCOME_ANSWERED;
    Str message = STR_NONE;
    SourceStatus status;

    call->exchange = NULL;
    if (refusal != NULL) {
        on_refused(call, refusal);
        return;
    }
    if (!answered && result->outcome != HTTP_OUTCOME_STOPPED) {
        call->reply->may_pass = failure_may_pass(result, SOURCE_PENDING, 0);
        call_end(call, status_of_transfer(result->outcome), arena_str(arena, str_of(result->message)), 0);
        return;
    }
    status = status_of_answer(answer_finish(call->answer, answered, &message), call->reply->listings->len > 0);
    if (call->full) {
        status = SOURCE_OK;
        message = STR("");
    }
    if (source_status_is_answer(status))
        keep_next(call);
    call->status = status;
    call->reason = arena_str(arena, message.at == NULL ? STR("") : message);
    call->retry_after_us = answer_retry_after_us(call->answer);
    call->reply->may_pass = failure_may_pass(result, status, call->retry_after_us);
    if (call->details != NULL)
        details_close(call->details);
    else
        call_end(call, call->status, call->reason, call->retry_after_us);
}

static void
on_sending(void *data, const HttpRequest *request G_GNUC_UNUSED, const Session *session)
{
    SourceCall *call = data;

    answer_hide(call->answer, session);
}

static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};

static bool
ask(SourceCall *call, GError **error)
{
    const CallContext *context = call->context;
    const Operation *operation = source_search(call->source);
    const ExchangeSpec spec = {
        .set = call->set,
        .operation = operation,
        .question = &call->question,
        .timeout_us = operation_timeout_us(operation) > 0 ? 0 : context->limits.timeout_us,
        .body_limit_bytes = context->limits.answer_bytes,
    };

    call->exchange = exchange_start(context->exchanges, &spec, &RECEIVER, call, error);
    return call->exchange != NULL;
}

static void
on_slow(void *data)
{
    SourceCall *call = data;
    const CallContext *context = call->context;

    call->slow = NULL;
    source_health_note_slow(context->health, source_name(call->source), &call->ticket,
                            clock_monotonic_us(context->loop->clock));
}

SourceCall *
source_call_start(const CallContext *context, SourceSet *set, const Source *source, const Question *question,
                  CallKind kind, const CallReceiver *receiver, void *data, GError **error)
{
    const Clock *clock = context->loop->clock;
    int64_t now_us = clock_monotonic_us(clock);
    HealthTicket ticket;
    SourceCall *call;

    if (!source_health_begin(context->health, source_name(source), kind, now_us, &ticket, error))
        return NULL;
    call = g_new0(SourceCall, 1);
    *call = (SourceCall){
        .context = context,
        .set = source_set_ref(set),
        .source = source,
        .reply = source_reply_new(),
        .ticket = ticket,
        .receiver = receiver,
        .data = data,
    };
    call->question = question_copy(call->reply->arena, question);
    call->answer = answer_new(source_search(source), &call->question, clock, &EVENTS, call);
    call->details = new_details(call);
    if (!ask(call, error)) {
        if (kind != CALL_FIRST)
            metric_add(context->metrics, METRIC_REPEATS_REFUSED, source_name(source), "quota", 1);
        source_health_end(context->health, source_name(source), &ticket, SOURCE_SKIPPED, 0, now_us);
        call_free(call);
        return NULL;
    }
    call->slow = loop_timer_start(context->loop, ticket.slow_us, on_slow, call);
    return call;
}

SourceReply *
source_call_reply(SourceCall *call)
{
    return call->reply;
}

bool
source_call_is_answered(const SourceCall *call)
{
    return call->is_headed;
}

void
source_call_cancel(SourceCall *call)
{
    if (call->exchange == NULL) { /* only details are missing, and what is there is good without them */
        g_clear_pointer(&call->details, details_free);
        call_end(call, call->status, call->reason, call->retry_after_us);
        return;
    }
    exchange_cancel(call->exchange);
    call_end(call, SOURCE_LATE, STR("not waited for"), 0);
}
