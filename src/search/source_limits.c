#include "search/source_limits.h"

/* The windows of one source, one a limit of its definition. */
typedef struct {
    size_t count;
    RateWindow windows[];
} Meter;

struct SourceLimits {
    GMutex mutex;
    GHashTable *meters; /* name -> Meter */
};

bool
rate_window_has_room(RateWindow *window, RateLimit limit, int64_t now_us)
{
    int64_t bucket = now_us / MAX(limit.window_us / RATE_BUCKETS, 1), sum = 0;

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

/* Begins anew when a reloaded definition has other limits. */
static Meter *
meter_of(SourceLimits *limits, const Source *source)
{
    size_t count = source_limit_count(source);
    Meter *meter = g_hash_table_lookup(limits->meters, source_name(source));

    if (meter != NULL && meter->count == count)
        return meter;
    meter = g_malloc0(sizeof(Meter) + count * sizeof(RateWindow));
    meter->count = count;
    g_hash_table_replace(limits->meters, g_strdup(source_name(source)), meter);
    return meter;
}

bool
source_limits_take(SourceLimits *limits, const Source *source, int64_t now_us, GError **error)
{
    g_autoptr(GMutexLocker) locker = NULL;
    Meter *meter;

    if (source_limit_count(source) == 0)
        return true;
    locker = g_mutex_locker_new(&limits->mutex);
    meter = meter_of(limits, source);
    for (size_t i = 0; i < meter->count; i++) {
        RateLimit limit = source_limit(source, i);

        if (!rate_window_has_room(&meter->windows[i], limit, now_us))
            return weir_fail(error, WEIR_ERROR_LIMIT,
                             "its limit of %" G_GINT64_FORMAT " calls in %" G_GINT64_FORMAT " s is used up",
                             limit.count, limit.window_us / US_PER_SECOND);
    }
    for (size_t i = 0; i < meter->count; i++)
        rate_window_add(&meter->windows[i]);
    return true;
}
