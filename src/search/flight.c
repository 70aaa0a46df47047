#include "search/flight_type.h"

Flights *
flights_new(const FlightsSpec *spec)
{
    Flights *flights = g_new0(Flights, 1);

    flights->spec = *spec;
    flights->table = g_hash_table_new(str_key_hash, str_key_equal);
    flights->background_of = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return flights;
}

void
flights_free(Flights *flights)
{
    if (flights == NULL)
        return;
    g_assert(g_hash_table_size(flights->table) == 0);
    g_hash_table_unref(flights->table);
    g_hash_table_unref(flights->background_of);
    g_free(flights);
}

void
flights_count(const Flights *flights, const char *result)
{
    metric_add(flights->spec.context->metrics, METRIC_FLIGHTS, result, NULL, 1);
}

int64_t
flights_now_us(const Flights *flights)
{
    return clock_monotonic_us(flights->spec.context->loop->clock);
}

/* ---- what goes on for nobody ---- */

static const char *
name_of(const Source *source)
{
    return source == NULL ? LEARNED_INDEX : source_name(source);
}

static unsigned
background_of(const Flights *flights, const Source *source)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(flights->background_of, name_of(source)));
}

static bool
has_background_room(const Flights *flights, const Source *source)
{
    const BackgroundLimits *limits = &flights->spec.background;

    return flights->background < limits->questions &&
           (limits->per_source == 0 || background_of(flights, source) < limits->per_source);
}

static void flight_cancel(Flight *flight);

static void
on_late(void *data)
{
    Flight *flight = data;

    flight->late = NULL;
    flights_count(flight->flights, "background_late");
    flight_cancel(flight);
}

static void
set_background(Flight *flight, bool is_background)
{
    Flights *flights = flight->flights;
    Loop *loop = flights->spec.context->loop;
    unsigned of_source = background_of(flights, flight->source);

    if (flight->is_background == is_background)
        return;
    flight->is_background = is_background;
    of_source += is_background ? 1 : -1U;
    flights->background += is_background ? 1 : -1U;
    if (of_source == 0)
        g_hash_table_remove(flights->background_of, name_of(flight->source));
    else
        g_hash_table_insert(flights->background_of, g_strdup(name_of(flight->source)), GUINT_TO_POINTER(of_source));
    if (!is_background)
        loop_timer_stop(loop, g_steal_pointer(&flight->late));
    else if (flights->spec.background.time_us > 0)
        flight->late = loop_timer_start(loop, flights->spec.background.time_us, on_late, flight);
}

static void
flight_free(Flight *flight)
{
    g_array_unref(flight->waiters);
    source_set_unref(flight->set);
    arena_free(flight->arena);
    source_reply_unref(flight->reply);
    g_free((char *)flight->key.at);
    g_free(flight);
}

void
flight_tell_waiters(const Flight *flight)
{
    /* By index: a waiter may leave while it is told, and another may join. */
    for (guint i = 0; i < flight->waiters->len; i++) {
        Waiter waiter = g_array_index(flight->waiters, Waiter, i);

        if (waiter.moved != NULL)
            waiter.moved(waiter.data, flight->reply);
    }
}

/* The reply is complete. Out of the table before anybody is told: who then asks again finds it kept. */
void
flight_end(Flight *flight)
{
    const FlightsSpec *spec = &flight->flights->spec;
    AnswerLifetime lifetime = answer_lifetime(spec->rule, flight->source, flight->reply);

    if (flight->is_background && source_status_is_answer(flight->reply->status))
        flights_count(flight->flights, "background_kept");
    g_hash_table_remove(flight->flights->table, &flight->key);
    set_background(flight, false);
    answer_cache_keep(spec->cache, flight->key, flight->reply, lifetime, flights_now_us(flight->flights));
    flight_tell_waiters(flight);
    flight_share(flight, lifetime.fresh_us);
    flight_free(flight);
}

static Flight *
flight_start(Flights *flights, const FlightSpec *spec, GError **error)
{
    Flight *flight = g_new0(Flight, 1);

    *flight = (Flight){
        .flights = flights,
        .key = {g_memdup2(spec->key.at, spec->key.size), spec->key.size},
        .source = spec->source,
        .set = spec->source == NULL ? NULL : source_set_ref(spec->set),
        .arena = arena_new(1024),
        .pace = spec->pace,
        .until_us = spec->until_us,
        .waiters = g_array_new(FALSE, FALSE, sizeof(Waiter)),
    };
    flight->question = question_copy(flight->arena, &spec->question);
    if (!flight_ask(flight, spec->names, error)) {
        flights_count(flights, "refused");
        flight_free(flight);
        return NULL;
    }
    g_hash_table_insert(flights->table, &flight->key, flight);
    return flight;
}

/* Ends it without an answer. */
static void
flight_cancel(Flight *flight)
{
    flights_count(flight->flights, "cancelled");
    if (flight->attempts != NULL) {
        attempts_cancel(flight->attempts); /* which ends the flight */
        return;
    }
    if (flight->shared != NULL)
        shared_store_cancel(flight->flights->spec.shared, flight->shared);
    else
        index_call_leave(flight->index);
    g_hash_table_remove(flight->flights->table, &flight->key);
    set_background(flight, false);
    flight_free(flight);
}

void
flights_stop(Flights *flights)
{
    g_autoptr(GList) all = g_hash_table_get_values(flights->table);

    for (const GList *each = all; each != NULL; each = each->next)
        flight_cancel(each->data);
}

/* ---- who waits ---- */

static void
set_until(Flight *flight, int64_t until_us)
{
    flight->until_us = until_us;
    if (flight->attempts != NULL)
        attempts_wait_until(flight->attempts, until_us);
}

FlightStart
flight_join(Flights *flights, const FlightSpec *spec, FlightMovedFn moved, void *data)
{
    Flight *flight = g_hash_table_lookup(flights->table, &spec->key);
    FlightStart start = {.joined = flight != NULL};
    Waiter waiter = {moved, data};
    g_autoptr(GError) error = NULL;

    if (flight == NULL)
        flight = flight_start(flights, spec, &error);
    if (flight == NULL) {
        start.reply = flight_refusal(error);
        return start;
    }
    flights_count(flights, start.joined ? "joined" : "started");
    set_background(flight, false);
    set_until(flight, MAX(flight->until_us, spec->until_us));
    g_array_append_val(flight->waiters, waiter);
    flight->waiting++;
    start.flight = flight;
    start.reply = flight->reply == NULL ? NULL : source_reply_ref(flight->reply);
    return start;
}

static bool
may_go_on(const Flight *flight)
{
    const FlightsSpec *spec = &flight->flights->spec;

    return has_background_room(flight->flights, flight->source) && answer_may_be_kept(spec->rule, flight->source);
}

void
flight_leave(Flight *flight, void *data, FlightLeave how)
{
    for (guint i = 0; i < flight->waiters->len; i++) {
        Waiter *waiter = &g_array_index(flight->waiters, Waiter, i);

        if (waiter->data == data && waiter->moved != NULL) {
            waiter->moved = NULL;
            flight->waiting--;
        }
    }
    if (flight->waiting > 0)
        return;
    if (how == FLIGHT_GO_ON && may_go_on(flight)) {
        flights_count(flight->flights, "background");
        set_background(flight, true);
        set_until(flight, 0);
    } else {
        flight_cancel(flight);
    }
}

void
flight_refresh(Flights *flights, const FlightSpec *spec)
{
    g_autoptr(GError) error = NULL;
    Flight *flight;

    if (g_hash_table_contains(flights->table, &spec->key) || !has_background_room(flights, spec->source))
        return;
    flight = flight_start(flights, spec, &error);
    if (flight == NULL)
        return;
    flights_count(flights, "refresh");
    set_background(flight, true);
}
