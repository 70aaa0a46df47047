#include "search/flight_type.h"

#include "search/shared_answer.h"

/* The look into the index is quick, or the database is in trouble. */
#define INDEX_PATIENCE_US (5 * US_PER_SECOND)

void
flight_share(const Flight *flight, int64_t fresh_us)
{
    const FlightsSpec *spec = &flight->flights->spec;
    char buffer[SHARED_KEY_SIZE];
    g_autoptr(GString) bytes = NULL;

    if (spec->shared == NULL || fresh_us <= 0 || flight->reply->shared_ttl_us > 0 ||
        !source_status_is_answer(flight->reply->status) || !shared_answer_is_of(flight->source))
        return;
    bytes = g_string_sized_new(8192);
    shared_answer_write(flight->reply, clock_now_us(spec->context->loop->clock), fresh_us, bytes);
    shared_store_set(spec->shared, shared_answer_key(flight->key, buffer), str_of_gstring(bytes), fresh_us);
}

static void
take_reply(Flight *flight, SourceReply *reply)
{
    SourceReply *old = flight->reply;

    flight->reply = source_reply_ref(reply);
    source_reply_unref(old);
}

static void
on_moved(void *data)
{
    Flight *flight = data;

    take_reply(flight, attempts_reply(flight->attempts));
    flight_tell_waiters(flight);
}

static void
on_ended(void *data, SourceReply *reply)
{
    Flight *flight = data;

    flight->attempts = NULL;
    take_reply(flight, reply);
    flight_end(flight);
}

static const CallReceiver RECEIVER = {on_moved, on_ended};

static void
on_index(void *data, SourceReply *reply)
{
    Flight *flight = data;
    const CallContext *context = flight->flights->spec.context;

    flight->index = NULL;
    flight->reply = reply;
    learned_note_call(context->learned, LEARNED_INDEX, reply->status, reply->took_us,
                      clock_now_us(context->loop->clock));
    flight_end(flight);
}

static bool
ask_index(Flight *flight, StrList names, GError **error)
{
    const FlightsSpec *spec = &flight->flights->spec;

    flight->index =
        index_call_start(spec->index, spec->context->loop, &flight->question, names, (size_t)flight->question.per_page,
                         flights_now_us(flight->flights) + INDEX_PATIENCE_US, on_index, flight, error);
    return flight->index != NULL;
}

static bool
ask_source(Flight *flight, GError **error)
{
    flight->attempts = attempts_start(flight->flights->spec.context, flight->set, flight->source, &flight->question,
                                      flight->pace, &RECEIVER, flight, error);
    if (flight->attempts == NULL)
        return false;
    attempts_wait_until(flight->attempts, flight->until_us);
    take_reply(flight, attempts_reply(flight->attempts));
    return true;
}

SourceReply *
flight_refusal(const GError *error)
{
    SourceReply *reply = source_reply_new();

    reply->status = SOURCE_SKIPPED;
    reply->reason = arena_str(reply->arena, str_of(error->message));
    reply->held = weir_error_code(error) != WEIR_ERROR_INVALID;
    return reply;
}

static void
on_shared(void *data, Str value)
{
    Flight *flight = data;
    const CallContext *context = flight->flights->spec.context;
    g_autoptr(GError) error = NULL;
    int64_t fresh_us = 0;

    flight->shared = NULL;
    if (value.at != NULL)
        flight->reply = shared_answer_read(value, flight->source, &flight->question, &context->limits,
                                           clock_now_us(context->loop->clock), &fresh_us);
    if (flight->reply != NULL) {
        flight->reply->shared_ttl_us = fresh_us;
        flight_end(flight);
    } else if (!ask_source(flight, &error)) {
        flights_count(flight->flights, "refused");
        flight->reply = flight_refusal(error);
        flight_end(flight);
    }
}

/* Whether another process may have the answer, and is being asked for it. */
static bool
ask_shared(Flight *flight)
{
    SharedStore *store = flight->flights->spec.shared;
    char buffer[SHARED_KEY_SIZE];

    if (store == NULL || !shared_answer_is_of(flight->source))
        return false;
    flight->shared = shared_store_get(store, shared_answer_key(flight->key, buffer), on_shared, flight);
    return flight->shared != NULL;
}

bool
flight_ask(Flight *flight, StrList names, GError **error)
{
    if (flight->source == NULL)
        return ask_index(flight, names, error);
    return ask_shared(flight) || ask_source(flight, error);
}
