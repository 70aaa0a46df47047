#include "search/attempts.h"

#define HEDGE_ROOM     0.5              /* of the source's limits, left to questions */
#define RETRY_PAUSE_US (50 * US_PER_MS) /* at most; chance says how long */

typedef struct {
    Attempts *attempts;
    SourceCall *call; /* NULL: not made, or over */
    bool is_left;     /* another was first */
    SourceAttempt *log;
} Attempt;

struct Attempts {
    const CallContext *context;
    SourceSet *set;
    const Source *source;
    const Question *question;
    AttemptPace pace;
    const CallReceiver *receiver;
    void *data;
    int64_t started_us, until_us;
    Attempt of[CALL_KINDS];
    SourceReply *reply; /* what waiters see; referenced */
    LoopTimer *timer;   /* until the hedge, or the retry */
    bool is_cancelled;
    AttemptLog log;
};

static int64_t
now_us(const Attempts *attempts)
{
    return clock_monotonic_us(attempts->context->loop->clock);
}

static void
stop_timer(Attempts *attempts)
{
    loop_timer_stop(attempts->context->loop, g_steal_pointer(&attempts->timer));
}

static void
attempts_free(Attempts *attempts)
{
    stop_timer(attempts);
    source_reply_unref(attempts->reply);
    source_set_unref(attempts->set);
    g_free(attempts);
}

static void
show(Attempts *attempts, SourceReply *reply)
{
    SourceReply *old = attempts->reply;

    attempts->reply = source_reply_ref(reply);
    source_reply_unref(old);
    reply->attempts = attempts->log;
}

/* A call that is under way besides; NULL when there is none. */
static Attempt *
under_way(Attempts *attempts)
{
    for (size_t i = 0; i < CALL_KINDS; i++)
        if (attempts->of[i].call != NULL)
            return &attempts->of[i];
    return NULL;
}

/* Whether a call that begins at at_us may well be answered while somebody waits. */
static bool
is_in_time(const Attempts *attempts, int64_t at_us)
{
    return at_us <= attempts->until_us && attempts->pace.usual_us <= attempts->until_us - at_us;
}

/* ---- calls end ---- */

static const char *
result_of(const Attempt *attempt)
{
    SourceStatus status = attempt->log->status;
    bool is_hedge = attempt->log->kind == CALL_HEDGE;

    if (source_status_is_answer(status))
        return is_hedge ? "hedge_won" : "retry_answered";
    if (attempt->is_left)
        return is_hedge ? "hedge_lost" : "retry_lost";
    if (status == SOURCE_LATE)
        return is_hedge ? "hedge_left" : "retry_left";
    return is_hedge ? "hedge_failed" : "retry_failed";
}

static void
note_end(Attempt *attempt, const SourceReply *reply)
{
    const Attempts *attempts = attempt->attempts;

    attempt->log->status = reply->status;
    attempt->log->took_us = reply->took_us;
    if (attempt->log->kind != CALL_FIRST)
        metric_add(attempts->context->metrics, METRIC_SOURCE_REPEATS, source_name(attempts->source), result_of(attempt),
                   1);
}

/* Hands the reply over, and is gone. */
static void
finish(Attempts *attempts, SourceReply *reply)
{
    Attempt *other;

    stop_timer(attempts);
    while ((other = under_way(attempts)) != NULL) {
        other->is_left = true;
        source_call_cancel(other->call);
    }
    show(attempts, reply);
    attempts->receiver->ended(attempts->data, attempts->reply);
    attempts_free(attempts);
}

static void retry_soon(Attempts *attempts);

static bool
may_retry(const Attempts *attempts, const SourceReply *reply)
{
    return reply->may_pass && reply->listings->len == 0 && !attempts->is_cancelled &&
           attempts->of[CALL_RETRY].log == NULL && operation_repeat(source_search(attempts->source)) != REPEAT_NEVER &&
           is_in_time(attempts, now_us(attempts));
}

static void
on_moved(void *data)
{
    const Attempt *attempt = data;
    const Attempts *attempts = attempt->attempts;

    if (attempts->reply == source_call_reply(attempt->call))
        attempts->receiver->moved(attempts->data);
}

static void
on_ended(void *data, SourceReply *reply)
{
    Attempt *attempt = data;
    Attempts *attempts = attempt->attempts;

    attempt->call = NULL;
    note_end(attempt, reply);
    if (attempt->is_left)
        return;
    if (source_status_is_answer(reply->status) || attempts->is_cancelled)
        finish(attempts, reply);
    else if (under_way(attempts) != NULL)
        show(attempts, source_call_reply(under_way(attempts)->call));
    else if (may_retry(attempts, reply))
        retry_soon(attempts);
    else
        finish(attempts, reply);
}

/* ---- calls begin ---- */

static bool
begin(Attempts *attempts, CallKind kind, GError **error)
{
    static const CallReceiver RECEIVER = {on_moved, on_ended};
    Attempt *attempt = &attempts->of[kind];

    attempt->attempts = attempts;
    attempt->call = source_call_start(attempts->context, attempts->set, attempts->source, attempts->question, kind,
                                      &RECEIVER, attempt, error);
    if (attempt->call == NULL)
        return false;
    attempt->log = &attempts->log.items[attempts->log.count++];
    *attempt->log = (SourceAttempt){.kind = kind, .after_us = now_us(attempts) - attempts->started_us};
    if (kind != CALL_HEDGE)
        show(attempts, source_call_reply(attempt->call));
    else
        attempts->reply->attempts = attempts->log;
    return true;
}

static void
on_retry(void *data)
{
    Attempts *attempts = data;

    attempts->timer = NULL;
    /* Why it can't be asked again is counted where that was found; how it failed at first is what is said. */
    if (!is_in_time(attempts, now_us(attempts)) || !begin(attempts, CALL_RETRY, NULL))
        finish(attempts, attempts->reply);
}

static void
retry_soon(Attempts *attempts)
{
    int64_t pause_us = (int64_t)random_below(attempts->context->random, RETRY_PAUSE_US);

    stop_timer(attempts);
    attempts->timer = loop_timer_start(attempts->context->loop, pause_us, on_retry, attempts);
}

/* A source that we may ask so often only keeps its calls for questions. */
static bool
has_room(const Attempts *attempts)
{
    if (exchanges_room(attempts->context->exchanges, attempts->source) >= HEDGE_ROOM)
        return true;
    metric_add(attempts->context->metrics, METRIC_REPEATS_REFUSED, source_name(attempts->source), "quota", 1);
    return false;
}

static void
on_slow(void *data)
{
    Attempts *attempts = data;

    attempts->timer = NULL;
    if (attempts->of[CALL_FIRST].call != NULL && !source_call_is_answered(attempts->of[CALL_FIRST].call) &&
        is_in_time(attempts, now_us(attempts)) && has_room(attempts))
        (void)begin(attempts, CALL_HEDGE, NULL);
}

static void
watch(Attempts *attempts)
{
    if (attempts->pace.slow_us > 0 && operation_repeat(source_search(attempts->source)) == REPEAT_HEDGE)
        attempts->timer = loop_timer_start(attempts->context->loop, attempts->pace.slow_us, on_slow, attempts);
}

Attempts *
attempts_start(const CallContext *context, SourceSet *set, const Source *source, const Question *question,
               AttemptPace pace, const CallReceiver *receiver, void *data, GError **error)
{
    Attempts *attempts = g_new0(Attempts, 1);

    *attempts = (Attempts){
        .context = context,
        .set = source_set_ref(set),
        .source = source,
        .question = question,
        .pace = pace,
        .receiver = receiver,
        .data = data,
        .started_us = clock_monotonic_us(context->loop->clock),
    };
    if (!begin(attempts, CALL_FIRST, error)) {
        attempts_free(attempts);
        return NULL;
    }
    watch(attempts);
    return attempts;
}

void
attempts_wait_until(Attempts *attempts, int64_t until_us)
{
    attempts->until_us = until_us;
}

SourceReply *
attempts_reply(Attempts *attempts)
{
    return attempts->reply;
}

void
attempts_cancel(Attempts *attempts)
{
    Attempt *first = under_way(attempts);

    attempts->is_cancelled = true;
    if (first != NULL)
        source_call_cancel(first->call); /* whose end cancels the others, too */
    else
        finish(attempts, attempts->reply);
}
