#include "exchange/details.h"

/* One listing on its way. */
typedef struct {
    Details *details;
    size_t tag;
    Arena *arena; /* of what follows */
    Listing listing, detail;
    Question question;
    Answer *answer;
    bool has_detail;
    Exchange *exchange;
} Item;

struct Details {
    Exchanges *exchanges;
    DetailsSpec spec;
    GQueue waiting, asked; /* of Item */
    LoopTimer *soon;       /* asking begins outside of the callback that brought the listing */
    int64_t taken;         /* listings that were asked about, or wait for it */
    bool closed, enough;   /* enough: the partner refused, and is left alone for this answer */
    uint64_t missed;
    char reason[200];
};

static void
item_free(Item *item)
{
    if (item->answer != NULL)
        answer_free(item->answer);
    arena_free(item->arena);
    g_free(item);
}

Details *
details_new(Exchanges *exchanges, const DetailsSpec *spec)
{
    Details *details = g_new0(Details, 1);

    details->exchanges = exchanges;
    details->spec = *spec;
    g_queue_init(&details->waiting);
    g_queue_init(&details->asked);
    return details;
}

void
details_free(Details *details)
{
    Item *item;

    if (details == NULL)
        return;
    loop_timer_stop(exchanges_loop(details->exchanges), details->soon);
    while ((item = g_queue_pop_head(&details->asked)) != NULL) {
        exchange_cancel(item->exchange);
        item_free(item);
    }
    while ((item = g_queue_pop_head(&details->waiting)) != NULL)
        item_free(item);
    g_free(details);
}

static void
miss(Details *details, const char *reason)
{
    details->missed++;
    g_strlcpy(details->reason, reason, sizeof details->reason);
}

/* Tells the listing as it is now; the item is gone. */
static void
tell(Item *item)
{
    const DetailsSpec *spec = &item->details->spec;
    Listing whole = item->has_detail ? listing_with_detail(&item->listing, &item->detail) : item->listing;

    spec->told(spec->data, item->tag, &whole);
    item_free(item);
}

static void
tell_all_waiting(Details *details)
{
    Item *item;

    while ((item = g_queue_pop_head(&details->waiting)) != NULL) {
        miss(details, details->reason);
        tell(item);
    }
}

/* ---- one call ---- */

static bool
on_listing(void *data, const Listing *listing)
{
    Item *item = data;

    item->detail = listing_copy(item->arena, listing);
    item->has_detail = true;
    return false; /* it has one only */
}

static void
on_rejected(void *data, uint64_t row, bool dropped, const char *field, const char *reason, Str text)
{
    const DetailsSpec *spec = &((Item *)data)->details->spec;

    if (spec->rejected != NULL)
        spec->rejected(spec->data, row, dropped, field, reason, text);
}

static void
on_sending(void *data, const HttpRequest *request G_GNUC_UNUSED, const Session *session)
{
    answer_hide(((Item *)data)->answer, session);
}

static void
on_head(void *data, int status, HttpHeaders headers)
{
    answer_head(((Item *)data)->answer, status, headers);
}

static bool
on_body(void *data, Str bytes)
{
    return answer_push(((Item *)data)->answer, bytes);
}

static bool ask(Item *item);

static void
go_on(Details *details)
{
    unsigned concurrency = operation_detail_concurrency(details->spec.operation);

    while (!details->enough && details->asked.length < concurrency && !g_queue_is_empty(&details->waiting)) {
        Item *item = g_queue_pop_head(&details->waiting);

        if (ask(item))
            g_queue_push_tail(&details->asked, item);
        else
            tell(item);
    }
    if (details->enough)
        tell_all_waiting(details);
    if (details->closed && g_queue_is_empty(&details->asked) && g_queue_is_empty(&details->waiting))
        details->spec.drained(details->spec.data);
}

/* Whether asking on would only be refused again. */
static bool
is_enough(AnswerStatus status)
{
    return status == ANSWER_QUOTA || status == ANSWER_CREDENTIAL;
}

static void
judge(Item *item, const HttpResult *result, const ExchangeRefusal *refusal)
{
    Details *details = item->details;
    bool answered = result->outcome == HTTP_OUTCOME_ANSWERED || result->outcome == HTTP_OUTCOME_STOPPED;
    Str message = STR_NONE;
    AnswerStatus status = refusal != NULL ? refusal->status
                          : answered ? answer_finish(item->answer, result->outcome == HTTP_OUTCOME_ANSWERED, &message)
                                     : ANSWER_TRANSIENT;

    if (status == ANSWER_OK && item->has_detail)
        return;
    item->has_detail = false;
    if (status == ANSWER_OK)
        miss(details, "the answer held no listing");
    else if (refusal != NULL || !answered)
        miss(details, result->message);
    else
        miss(details, arena_strdup(item->arena, message.at != NULL ? message : STR("")));
    details->enough |= is_enough(status);
}

static void
on_done(void *data, const HttpResult *result, const ExchangeRefusal *refusal)
{
    Item *item = data;
    Details *details = item->details;

    g_queue_remove(&details->asked, item);
    judge(item, result, refusal);
    tell(item);
    go_on(details);
}

/* False when it cannot be asked, which is noted. */
static bool
ask(Item *item)
{
    static const AnswerEvents EVENTS = {.listing = on_listing, .rejected = on_rejected};
    static const ExchangeReceiver RECEIVER = {on_sending, on_head, on_body, on_done};
    Details *details = item->details;
    const DetailsSpec *spec = &details->spec;
    g_autoptr(GError) error = NULL;
    const ExchangeSpec exchange = {.set = spec->set,
                                   .operation = operation_detail(spec->operation),
                                   .question = &item->question,
                                   .patience_us = spec->patience_us};

    item->answer =
        answer_new(exchange.operation, &item->question, exchanges_loop(details->exchanges)->clock, &EVENTS, item);
    item->exchange = exchange_start(details->exchanges, &exchange, &RECEIVER, item, &error);
    if (item->exchange != NULL)
        return true;
    miss(details, error->message);
    details->enough |= weir_error_code(error) == WEIR_ERROR_LIMIT;
    return false;
}

static void
on_soon(void *data)
{
    Details *details = data;

    details->soon = NULL;
    go_on(details);
}

void
details_add(Details *details, size_t tag, const Listing *listing)
{
    int64_t limit = operation_detail_limit(details->spec.operation);
    Item *item = g_new0(Item, 1);

    *item = (Item){.details = details, .tag = tag, .arena = arena_new(1024)};
    item->listing = listing_copy(item->arena, listing);
    if (details->enough || (limit > 0 && details->taken >= limit) || details->waiting.length >= DETAILS_WAITING_LIMIT) {
        miss(details, details->enough ? details->reason : "more listings than are asked about");
        tell(item);
        return;
    }
    details->taken++;
    item->question = question_about(details->spec.question, &item->listing);
    g_queue_push_tail(&details->waiting, item);
    if (details->soon == NULL)
        details->soon = loop_timer_start(exchanges_loop(details->exchanges), 0, on_soon, details);
}

void
details_close(Details *details)
{
    details->closed = true;
    if (details->soon == NULL)
        go_on(details);
}

uint64_t
details_missed(const Details *details, const char **ret_reason)
{
    *ret_reason = details->reason;
    return details->missed;
}
