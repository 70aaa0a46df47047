#include "exchange/source_limits.h"

/* Calls end by themselves and nobody is told, so whoever waits for one looks again after this. */
#define CONCURRENCY_WAIT_US (100 * US_PER_MS)

/* The windows of one budget, one a limit of its definition, and its calls under way. */
typedef struct {
    unsigned under_way;
    size_t count;
    RateWindow windows[];
} Meter;

struct SourceLimits {
    GMutex mutex;
    GHashTable *meters; /* budget -> Meter */
};

static int64_t
bucket_us(RateLimit limit)
{
    return MAX(limit.window_us / RATE_BUCKETS, 1);
}

bool
rate_window_has_room(RateWindow *window, RateLimit limit, int64_t now_us)
{
    int64_t bucket = now_us / bucket_us(limit), sum = 0;

    for (int64_t each = MAX(window->bucket + 1, bucket - RATE_BUCKETS); each <= bucket; each++)
        window->counts[each % (RATE_BUCKETS + 1)] = 0;
    window->bucket = MAX(window->bucket, bucket);
    for (size_t i = 0; i <= RATE_BUCKETS; i++)
        sum += window->counts[i];
    return sum < limit.count;
}

void
rate_window_add(RateWindow *window)
{
    window->counts[window->bucket % (RATE_BUCKETS + 1)]++;
}

int64_t
rate_window_wait_us(const RateWindow *window, RateLimit limit, int64_t now_us)
{
    int64_t oldest = MAX(window->bucket - RATE_BUCKETS, 0);

    while (oldest < window->bucket && window->counts[oldest % (RATE_BUCKETS + 1)] == 0)
        oldest++;
    return MAX((oldest + RATE_BUCKETS + 1) * bucket_us(limit) - now_us, 1);
}

SourceLimits *
source_limits_new(void)
{
    SourceLimits *limits = g_new0(SourceLimits, 1);

    g_mutex_init(&limits->mutex);
    limits->meters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return limits;
}

void
source_limits_free(SourceLimits *limits)
{
    if (limits == NULL)
        return;
    g_hash_table_unref(limits->meters);
    g_mutex_clear(&limits->mutex);
    g_free(limits);
}

/* Begins anew when a reloaded definition has other limits; what is under way goes on being so. */
static Meter *
meter_of(SourceLimits *limits, const Source *source)
{
    size_t count = source_limit_count(source);
    Meter *old = g_hash_table_lookup(limits->meters, source_budget(source)), *meter;

    if (old != NULL && old->count == count)
        return old;
    meter = g_malloc0(sizeof(Meter) + count * sizeof(RateWindow));
    meter->count = count;
    meter->under_way = old != NULL ? old->under_way : 0;
    g_hash_table_replace(limits->meters, g_strdup(source_budget(source)), meter);
    return meter;
}

static bool
has_limits(const Source *source)
{
    return source_limit_count(source) > 0 || source_concurrency(source) > 0;
}

static bool
meter_has_room(Meter *meter, const Source *source, int64_t now_us, int64_t *ret_wait_us, GError **error)
{
    if (source_concurrency(source) > 0 && meter->under_way >= source_concurrency(source)) {
        *ret_wait_us = CONCURRENCY_WAIT_US;
        return weir_fail(error, WEIR_ERROR_LIMIT, "%u calls are under way, as many as it allows", meter->under_way);
    }
    for (size_t i = 0; i < meter->count; i++) {
        RateLimit limit = source_limit(source, i);

        if (rate_window_has_room(&meter->windows[i], limit, now_us))
            continue;
        *ret_wait_us = rate_window_wait_us(&meter->windows[i], limit, now_us);
        return weir_fail(error, WEIR_ERROR_LIMIT,
                         "its limit of %" G_GINT64_FORMAT " calls in %" G_GINT64_FORMAT " s is used up", limit.count,
                         limit.window_us / US_PER_SECOND);
    }
    return true;
}

static void
meter_add(Meter *meter)
{
    for (size_t i = 0; i < meter->count; i++)
        rate_window_add(&meter->windows[i]);
}

bool
source_limits_take(SourceLimits *limits, const Source *source, int64_t now_us, int64_t *ret_wait_us, GError **error)
{
    g_autoptr(GMutexLocker) locker = NULL;
    Meter *meter;

    *ret_wait_us = 0;
    if (!has_limits(source))
        return true;
    locker = g_mutex_locker_new(&limits->mutex);
    meter = meter_of(limits, source);
    if (!meter_has_room(meter, source, now_us, ret_wait_us, error))
        return false;
    meter_add(meter);
    meter->under_way++;
    return true;
}

void
source_limits_end(SourceLimits *limits, const Source *source)
{
    g_autoptr(GMutexLocker) locker = NULL;
    Meter *meter;

    if (!has_limits(source))
        return;
    locker = g_mutex_locker_new(&limits->mutex);
    meter = meter_of(limits, source);
    /* A definition that had no limits when the call began did not count it. */
    meter->under_way -= meter->under_way > 0;
}

void
source_limits_note(SourceLimits *limits, const Source *source, int64_t now_us)
{
    g_autoptr(GMutexLocker) locker = NULL;
    Meter *meter;

    if (!has_limits(source))
        return;
    locker = g_mutex_locker_new(&limits->mutex);
    meter = meter_of(limits, source);
    for (size_t i = 0; i < meter->count; i++)
        (void)rate_window_has_room(&meter->windows[i], source_limit(source, i), now_us);
    meter_add(meter);
}
