/* Health, as bytes: a count of sources, and of each its name, its limiter, and why and for how much longer its breaker is
 * open. Marks of single calls and what a retry budget had saved are not worth keeping. */
#include "search/health_type.h"

#include "search/knowledge.h"

#include <math.h>

#define HALF_LIFE_US (US_PER_HOUR) /* of what a limiter found out */
#define PARTS        1000.0
#define OPENED_LIMIT 64
#define ANSWERS_MOST 1000 /* more say nothing more */
#define HELD_MOST_US (2 * BREAKER_RETRY_AFTER_LIMIT_US)

/* ---- writing ---- */

static void
put_limiter(GString *to, const Limiter *limiter)
{
    bytes_put_unsigned(to, (uint64_t)(limiter->limit * PARTS));
    bytes_put_unsigned(to, limiter->has_shrunk);
    bytes_put_unsigned(to, (uint64_t)limiter->usual_us);
    bytes_put_unsigned(to, MIN(limiter->answers, ANSWERS_MOST));
    bytes_put_unsigned(to, (uint64_t)(limiter->failing * PARTS));
}

/* Half open: a call was trying again, and one will. */
static void
put_breaker(GString *to, const Breaker *breaker, int64_t now_us)
{
    bool is_open = breaker->state != BREAKER_CLOSED;
    int64_t left_us = breaker->state == BREAKER_OPEN ? MAX(breaker->until_us - now_us, 0) : 0;

    bytes_put_text(to, is_open ? str_of(source_status_name(breaker->why)) : STR_NONE);
    bytes_put_unsigned(to, is_open ? breaker->opened : 0);
    bytes_put_unsigned(to, (uint64_t)left_us);
}

void
source_health_put(SourceHealth *health, int64_t now_us, GString *to)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    guint left = MIN(g_hash_table_size(health->patients), KNOWLEDGE_SOURCES_LIMIT);
    GHashTableIter each;
    gpointer name, value;

    bytes_put_unsigned(to, left);
    g_hash_table_iter_init(&each, health->patients);
    for (; left > 0 && g_hash_table_iter_next(&each, &name, &value); left--) {
        const Patient *patient = value;

        bytes_put_text(to, str_of(name));
        put_limiter(to, &patient->limiter);
        put_breaker(to, &patient->breaker, now_us);
    }
}

/* ---- reading ---- */

/* What it bore goes back to the beginning as time passes, and how long its answers usually took is to be learned again. */
static void
get_limiter(BytesReader *from, int64_t age_us, int64_t now_us, Limiter *limiter)
{
    double left = knowledge_left(age_us, HALF_LIFE_US);
    double limit = (double)bytes_get_unsigned(from) / PARTS;
    bool has_shrunk = bytes_get_unsigned(from) != 0;
    uint64_t usual_us = bytes_get_unsigned(from), answers = bytes_get_unsigned(from);
    double failing = (double)bytes_get_unsigned(from) / PARTS;

    limiter_init(limiter);
    if (limit < LIMITER_MIN || limit > LIMITER_MAX || usual_us > (uint64_t)US_PER_DAY || answers > ANSWERS_MOST ||
        failing > 1) {
        from->failed = true;
        return;
    }
    limiter->limit += (limit - limiter->limit) * left;
    limiter->answers = (uint64_t)((double)answers * left);
    limiter->has_shrunk = has_shrunk && left > 0.5;
    limiter->failing = failing * left;
    limiter->answered_at_us = now_us - age_us; /* when it was written, at the latest */
    if (limiter->answers > 0)
        limiter->usual_us = limiter->recent_us = (double)usual_us;
}

static bool
status_find(Str name, SourceStatus *ret_status)
{
    for (size_t i = 0; i < SOURCE_STATUSES; i++)
        if (str_is(name, source_status_name((SourceStatus)i))) {
            *ret_status = (SourceStatus)i;
            return true;
        }
    return false;
}

/* Another key may have been the reason for the restart: one call tries at once whether it is taken. */
static void
get_breaker(BytesReader *from, int64_t age_us, int64_t now_us, Breaker *breaker)
{
    Str why = bytes_get_text(from);
    uint64_t opened = bytes_get_unsigned(from), left_us = bytes_get_unsigned(from);

    *breaker = (Breaker){0};
    if (opened > OPENED_LIMIT)
        opened = OPENED_LIMIT;
    if (left_us > (uint64_t)HELD_MOST_US || (why.at != NULL && !status_find(why, &breaker->why)))
        from->failed = true;
    if (why.at == NULL || from->failed)
        return;
    breaker->state = BREAKER_OPEN;
    breaker->generation = 1;
    breaker->opened = (unsigned)opened;
    breaker->until_us = breaker->why == SOURCE_CREDENTIAL ? now_us : now_us + MAX((int64_t)left_us - age_us, 0);
}

bool
source_health_get(SourceHealth *health, BytesReader *from, int64_t age_us, int64_t now_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&health->mutex);
    uint64_t count = knowledge_get_count(from);

    for (uint64_t i = 0; i < count && !from->failed; i++) {
        Str name = knowledge_get_name(from);
        Limiter limiter;
        Breaker breaker;

        get_limiter(from, age_us, now_us, &limiter);
        get_breaker(from, age_us, now_us, &breaker);
        if (!from->failed) {
            g_autofree char *source = g_strndup(name.at, name.size);
            Patient *patient = source_health_patient(health, source);

            patient->limiter = limiter;
            patient->breaker = breaker;
        }
    }
    return !from->failed;
}
