#include "search/health_type.h"

SourceHealth *
source_health_new(Random *random, unsigned repeat_percent, Metrics *metrics)
{
    SourceHealth *health = g_new0(SourceHealth, 1);

    health->random = random;
    health->repeat_percent = repeat_percent;
    health->metrics = metrics;
    g_mutex_init(&health->mutex);
    health->patients = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return health;
}

void
source_health_free(SourceHealth *health)
{
    if (health == NULL)
        return;
    g_hash_table_unref(health->patients);
    g_mutex_clear(&health->mutex);
    g_free(health);
}

Patient *
source_health_patient(SourceHealth *health, const char *source)
{
    Patient *patient = g_hash_table_lookup(health->patients, source);

    if (patient != NULL)
        return patient;
    patient = g_new0(Patient, 1);
    limiter_init(&patient->limiter);
    g_hash_table_insert(health->patients, g_strdup(source), patient);
    return patient;
}

void
source_health_forget(SourceHealth *health)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);

    g_hash_table_remove_all(health->patients);
}

/* What a state is as a number, for charts. */
static int64_t
state_value(const Breaker *breaker)
{
    return breaker->state == BREAKER_CLOSED ? 0 : breaker->state == BREAKER_HALF_OPEN ? 1 : 2;
}

static void
show(const SourceHealth *health, const char *source, const Patient *patient)
{
    metric_set(health->metrics, METRIC_BREAKER_STATE, source, NULL, state_value(&patient->breaker));
    metric_set(health->metrics, METRIC_SOURCE_LIMIT, source, NULL, (int64_t)patient->limiter.limit);
}

static void
note_opened(const SourceHealth *health, const char *source, const Patient *patient)
{
    const char *why = patient->breaker.why == SOURCE_LATE ? "slow" : source_status_name(patient->breaker.why);

    metric_add(health->metrics, METRIC_BREAKER_OPENED, source, why, 1);
}

static Str
refusal(const Breaker *breaker, int64_t wait_us, Arena *arena)
{
    if (wait_us > 0)
        return arena_printf(arena, "cooling down after %s, for another %" G_GINT64_FORMAT " s", breaker_reason(breaker),
                            (wait_us + US_PER_SECOND - 1) / US_PER_SECOND);
    return arena_printf(arena, "cooling down after %s, one call is trying again", breaker_reason(breaker));
}

bool
source_health_may_ask(SourceHealth *health, const char *source, int64_t now_us, Arena *arena, Str *ret_reason)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    const Patient *patient = g_hash_table_lookup(health->patients, source);
    int64_t wait_us;

    if (patient == NULL || breaker_may_begin(&patient->breaker, now_us, &wait_us))
        return true;
    *ret_reason = refusal(&patient->breaker, wait_us, arena);
    return false;
}

/* Whether a source may get a call beside the first. */
static bool
may_repeat(const SourceHealth *health, const char *source, const Patient *patient, GError **error)
{
    const char *why = patient->breaker.state != BREAKER_CLOSED ? "breaker"
                      : !limiter_has_room(&patient->limiter)   ? "limit"
                      : !retry_budget_has(&patient->budget)    ? "budget"
                                                               : NULL;

    if (why == NULL)
        return true;
    metric_add(health->metrics, METRIC_REPEATS_REFUSED, source, why, 1);
    return weir_fail(error, WEIR_ERROR_LIMIT, "no call beside the first: %s", why);
}

bool
source_health_begin(SourceHealth *health, const char *source, CallKind kind, int64_t now_us, HealthTicket *ret_ticket,
                    GError **error)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    Patient *patient = source_health_patient(health, source);
    int64_t wait_us;

    if (kind != CALL_FIRST && !may_repeat(health, source, patient, error))
        return false;
    if (!breaker_may_begin(&patient->breaker, now_us, &wait_us)) {
        g_autoptr(Arena) arena = arena_new(256);

        return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "%.*s", STR_FORMAT(refusal(&patient->breaker, wait_us, arena)));
    }
    if (!limiter_has_room(&patient->limiter)) {
        metric_add(health->metrics, METRIC_SOURCE_LIMITED, source, NULL, 1);
        return weir_fail(error, WEIR_ERROR_LIMIT, "%u calls are under way, as many as it bears just now",
                         patient->limiter.under_way);
    }
    if (kind != CALL_FIRST)
        retry_budget_pay(&patient->budget);
    *ret_ticket = (HealthTicket){.kind = kind, .started_us = now_us, .slow_us = limiter_slow_us(&patient->limiter)};
    limiter_begin(&patient->limiter, now_us);
    (void)breaker_begin(&patient->breaker, now_us, &ret_ticket->breaker);
    show(health, source, patient);
    return true;
}

void
source_health_note_slow(SourceHealth *health, const char *source, HealthTicket *ticket, int64_t now_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    Patient *patient = source_health_patient(health, source);

    if (!breaker_note_slow(&patient->breaker, &ticket->breaker, now_us, health->random))
        return;
    note_opened(health, source, patient);
    show(health, source, patient);
}

void
source_health_end(SourceHealth *health, const char *source, const HealthTicket *ticket, SourceStatus status,
                  int64_t retry_after_us, int64_t now_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    Patient *patient = source_health_patient(health, source);
    BreakerState before = patient->breaker.state;

    if (ticket->kind == CALL_FIRST && source_status_is_answer(status))
        retry_budget_earn(&patient->budget, health->repeat_percent);
    if (ticket->kind != CALL_FIRST && status == SOURCE_SKIPPED)
        retry_budget_pay_back(&patient->budget);
    limiter_end(&patient->limiter, status, now_us - ticket->started_us, now_us);
    if (breaker_end(&patient->breaker, &ticket->breaker, status, retry_after_us, now_us, health->random))
        note_opened(health, source, patient);
    else if (before != BREAKER_CLOSED && patient->breaker.state == BREAKER_CLOSED)
        limiter_restart(&patient->limiter);
    show(health, source, patient);
}

void
source_health_try_keys_again(SourceHealth *health)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    GHashTableIter iter;
    void *name, *each;

    g_hash_table_iter_init(&iter, health->patients);
    while (g_hash_table_iter_next(&iter, &name, &each)) {
        Patient *patient = each;

        if (patient->breaker.state == BREAKER_OPEN && patient->breaker.why == SOURCE_CREDENTIAL)
            patient->breaker.until_us = 0;
    }
}

HealthView
source_health_view(SourceHealth *health, const char *source, int64_t now_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    const Patient *patient = g_hash_table_lookup(health->patients, source);
    HealthView view = {.state = "closed", .limit = LIMITER_START};

    if (patient == NULL)
        return view;
    view.state = breaker_state_name(&patient->breaker);
    view.under_way = patient->limiter.under_way;
    view.limit = (unsigned)patient->limiter.limit;
    if (patient->breaker.state == BREAKER_CLOSED)
        return view;
    view.reason = breaker_reason(&patient->breaker);
    (void)breaker_may_begin(&patient->breaker, now_us, &view.held_us);
    return view;
}
