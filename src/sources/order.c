/* What the answers of submit and poll say: the ticket, and whether it is ready. */
#include "sources/answer_type.h"

const Operation *
operation_submit(const Operation *operation)
{
    return operation->order != NULL ? operation->order->submit : NULL;
}

const Operation *
operation_poll(const Operation *operation)
{
    return operation->order != NULL ? operation->order->poll : NULL;
}

int64_t
operation_poll_every_us(const Operation *operation)
{
    return operation->order->every_us;
}

int64_t
operation_poll_deadline_us(const Operation *operation)
{
    return operation->order->deadline_us;
}

static bool
is_redirect(const Answer *answer)
{
    return answer->status >= 300 && answer->status < 400;
}

static Str
find_given(const Answer *answer)
{
    const Operation *step = answer->operation;
    bool there;

    return str_trim(step->given_header != NULL ? answer_header(answer, step->given_header)
                                               : answer_document_text(answer, step->given, &there));
}

/* Where all that counts is in the head, the body may be anything, or nothing. */
static AnswerStatus
status_of_head(const Answer *answer, AnswerStatus status, Str given)
{
    if (answer->operation->given_header != NULL && !str_is_empty(given) && is_redirect(answer))
        return ANSWER_OK;
    return status == ANSWER_MALFORMED || status == ANSWER_EMPTY ? ANSWER_OK : status;
}

AnswerStatus
submit_read(const Answer *answer, AnswerStatus status, Arena *arena, Str *ret_ticket, Str *message)
{
    Str ticket = find_given(answer);

    if (answer->operation->given_header != NULL)
        status = status_of_head(answer, status, ticket);
    if (status != ANSWER_OK && status != ANSWER_EMPTY)
        return status;
    if (str_is_empty(ticket)) {
        *message = STR("the answer has no ticket");
        return ANSWER_PERMANENT;
    }
    *ret_ticket = arena_str(arena, ticket);
    return ANSWER_OK;
}

bool
poll_reads_body(const Operation *operation)
{
    const OrderSteps *order = operation->order;

    return order->status >= 0 || order->poll->given >= 0 || order->poll->rule_count > 0;
}

static bool
is_one_of(Str text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (str_equal_ignoring_case(text, str_of(*words)))
            return true;
    return false;
}

/* What the partner calls the state of things. */
static OrderState
read_state(const OrderSteps *order, const Answer *answer, Arena *arena, AnswerStatus *status, Str *message)
{
    bool there;
    Str state = str_trim(answer_document_text(answer, order->status, &there));
    Str words = answer_document_text(answer, order->message, &there);

    if (is_one_of(state, order->ready))
        return ORDER_READY;
    *message = str_is_empty(words) ? arena_printf(arena, "it is %.*s", STR_FORMAT(str_slice(state, 0, 60)))
                                   : arena_str(arena, str_slice(words, 0, 300));
    if (!is_one_of(state, order->failed))
        return ORDER_WAITING;
    *status = ANSWER_PERMANENT;
    return ORDER_FAILED;
}

OrderState
poll_read(const Operation *operation, const Answer *answer, AnswerStatus *status, Arena *arena, Str *ret_result,
          Str *message)
{
    const OrderSteps *order = operation->order;
    bool gives = order->poll->given >= 0 || order->poll->given_header != NULL;
    Str result = find_given(answer);

    if (!poll_reads_body(operation) || is_redirect(answer))
        *status = status_of_head(answer, *status, result);
    if (answer->status == 202 && *status == ANSWER_MALFORMED) /* there need be nothing to read */
        *status = ANSWER_EMPTY;
    if (*status == ANSWER_TRANSIENT)
        return ORDER_WAITING;
    if (*status != ANSWER_OK && *status != ANSWER_EMPTY)
        return ORDER_FAILED;
    if (order->status >= 0) {
        OrderState state = read_state(order, answer, arena, status, message);

        if (state != ORDER_READY)
            return state;
        if (gives && str_is_empty(result)) {
            *message = STR("it is ready, but the answer does not say where");
            *status = ANSWER_PERMANENT;
            return ORDER_FAILED;
        }
    } else if (gives ? str_is_empty(result) : answer->status == 202) {
        *message = STR("it is not there yet");
        return ORDER_WAITING;
    }
    *ret_result = arena_str(arena, result);
    return ORDER_READY;
}
