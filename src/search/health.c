#include "search/health.h"

typedef struct {
    unsigned failures;     /* in a row */
    unsigned holds;        /* in a row */
    int64_t held_until_us; /* 0: not held */
    bool probing;
    SourceStatus why;
} Patient;

struct SourceHealth {
    GMutex mutex;
    GHashTable *patients; /* name -> Patient; a source without one is well */
};

SourceHealth *
source_health_new(void)
{
    SourceHealth *health = g_new0(SourceHealth, 1);

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

bool
source_health_may_ask(SourceHealth *health, const char *source, int64_t now_us, Arena *arena, Str *ret_reason)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    const Patient *patient = g_hash_table_lookup(health->patients, source);

    if (patient == NULL)
        return true;
    if (patient->held_until_us > now_us) {
        *ret_reason = arena_printf(arena, "cooling down after %s, for another %" G_GINT64_FORMAT " s",
                                   source_status_name(patient->why),
                                   (patient->held_until_us - now_us + US_PER_SECOND - 1) / US_PER_SECOND);
        return false;
    }
    if (patient->probing) {
        *ret_reason =
            arena_printf(arena, "cooling down after %s, one call is trying again", source_status_name(patient->why));
        return false;
    }
    return true;
}

bool
source_health_begin(SourceHealth *health, const char *source, int64_t now_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    Patient *patient = g_hash_table_lookup(health->patients, source);

    if (patient == NULL || patient->held_until_us == 0)
        return true;
    if (patient->held_until_us > now_us || patient->probing)
        return false;
    patient->probing = true;
    return true;
}

static int64_t
doubled(int64_t us, unsigned times, int64_t limit_us)
{
    for (unsigned i = 0; i < times && us < limit_us; i++)
        us *= 2;
    return MIN(us, limit_us);
}

/* How long a failure holds its source; 0: not yet. */
static int64_t
hold_of(const Patient *patient, SourceStatus status)
{
    switch (status) {
    case SOURCE_CREDENTIAL:
        return doubled(HEALTH_CREDENTIAL_HOLD_US, patient->holds, HEALTH_CREDENTIAL_LIMIT_US);
    case SOURCE_QUOTA:
        return doubled(HEALTH_QUOTA_HOLD_US, patient->holds, HEALTH_HOLD_LIMIT_US);
    default:
        if (patient->failures < HEALTH_FAILURES_BEFORE_HOLD && patient->holds == 0)
            return 0;
        return doubled(HEALTH_HOLD_US, patient->holds, HEALTH_HOLD_LIMIT_US);
    }
}

static void
note_failure(Patient *patient, SourceStatus status, int64_t retry_after_us, int64_t now_us)
{
    /* Calls that were under way when the hold began tell nothing new. */
    bool held_already = patient->held_until_us > now_us;
    int64_t hold_us;

    patient->failures++;
    patient->probing = false;
    hold_us = MAX(hold_of(patient, status), MIN(retry_after_us, HEALTH_RETRY_AFTER_LIMIT_US));
    if (hold_us == 0)
        return;
    if (!held_already)
        patient->holds++;
    patient->why = status;
    if (!held_already || retry_after_us > 0 || status == SOURCE_CREDENTIAL)
        patient->held_until_us = MAX(patient->held_until_us, now_us + hold_us);
}

void
source_health_report(SourceHealth *health, const char *source, SourceStatus status, int64_t retry_after_us,
                     int64_t now_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    Patient *patient = g_hash_table_lookup(health->patients, source);

    switch (status) {
    case SOURCE_LATE:
    case SOURCE_SKIPPED: /* begun, but not asked after all */
    case SOURCE_PENDING:
        if (patient != NULL)
            patient->probing = false;
        return;
    case SOURCE_OK:
    case SOURCE_EMPTY:
    case SOURCE_PERMANENT: /* this question was wrong; the partner itself is there */
        g_hash_table_remove(health->patients, source);
        return;
    default:
        if (patient == NULL) {
            patient = g_new0(Patient, 1);
            g_hash_table_insert(health->patients, g_strdup(source), patient);
        }
        note_failure(patient, status, retry_after_us, now_us);
    }
}
