#include "exchange/source_limits.h"

/* Calls end by themselves and nobody is told, so whoever waits for one looks again after this. */
#define CONCURRENCY_WAIT_US (100 * US_PER_MS)

/* The calls of one budget. */
typedef struct {
    unsigned under_way;
    int64_t rest_until_us; /* as the partner asked for */
    GArray *windows; /* of MeterWindow: one for each length of which a definition of the budget has a limit, or had */
} Meter;

typedef struct {
    int64_t window_us;
    RateWindow window;
} MeterWindow;

struct SourceLimits {
    GMutex mutex;
    GHashTable *meters; /* budget -> Meter */
};

static int64_t
bucket_us(RateLimit limit)
{
    return MAX(limit.window_us / RATE_BUCKETS, 1);
}

static int64_t
rate_window_left(RateWindow *window, RateLimit limit, int64_t now_us)
{
    int64_t bucket = now_us / bucket_us(limit), sum = 0;

    for (int64_t each = MAX(window->bucket + 1, bucket - RATE_BUCKETS); each <= bucket; each++)
        window->counts[each % (RATE_BUCKETS + 1)] = 0;
    window->bucket = MAX(window->bucket, bucket);
    for (size_t i = 0; i <= RATE_BUCKETS; i++)
        sum += window->counts[i];
    return limit.count - sum;
}

bool
rate_window_has_room(RateWindow *window, RateLimit limit, int64_t now_us)
{
    return rate_window_left(window, limit, now_us) > 0;
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

static void
meter_free(gpointer data)
{
    Meter *meter = data;

    g_array_unref(meter->windows);
    g_free(meter);
}

SourceLimits *
source_limits_new(void)
{
    SourceLimits *limits = g_new0(SourceLimits, 1);

    g_mutex_init(&limits->mutex);
    limits->meters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, meter_free);
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

/* Locks: to be followed by an unlock. */
static Meter *
meter_lock(SourceLimits *limits, const Source *source)
{
    Meter *meter;

    g_mutex_lock(&limits->mutex);
    meter = g_hash_table_lookup(limits->meters, source_budget(source));
    if (meter == NULL) {
        meter = g_new0(Meter, 1);
        meter->windows = g_array_new(FALSE, FALSE, sizeof(MeterWindow));
        g_hash_table_insert(limits->meters, g_strdup(source_budget(source)), meter);
    }
    return meter;
}

/* Of a length that a reloaded definition brings no calls are known: others were counted in buckets of another length. */
static RateWindow *
meter_window(Meter *meter, int64_t window_us)
{
    MeterWindow news = {.window_us = window_us};

    for (guint i = 0; i < meter->windows->len; i++) {
        MeterWindow *known = &g_array_index(meter->windows, MeterWindow, i);

        if (known->window_us == window_us)
            return &known->window;
    }
    g_array_append_val(meter->windows, news);
    return &g_array_index(meter->windows, MeterWindow, meter->windows->len - 1).window;
}

/* How long nobody may ask, as the partner said. */
static int64_t
meter_rest_us(const Meter *meter, int64_t now_us)
{
    return MAX(meter->rest_until_us - now_us, 0);
}

static bool
meter_has_room(Meter *meter, const Source *source, int64_t now_us, int64_t *ret_wait_us, GError **error)
{
    *ret_wait_us = meter_rest_us(meter, now_us);
    if (*ret_wait_us > 0)
        return weir_fail(error, WEIR_ERROR_LIMIT,
                         "the partner says that its quota is used up for another %" G_GINT64_FORMAT " s",
                         (*ret_wait_us + US_PER_SECOND - 1) / US_PER_SECOND);
    if (source_concurrency(source) > 0 && meter->under_way >= source_concurrency(source)) {
        *ret_wait_us = CONCURRENCY_WAIT_US;
        return weir_fail(error, WEIR_ERROR_LIMIT, "%u calls are under way, as many as it allows", meter->under_way);
    }
    for (size_t i = 0; i < source_limit_count(source); i++) {
        RateLimit limit = source_limit(source, i);
        RateWindow *window = meter_window(meter, limit.window_us);

        if (rate_window_has_room(window, limit, now_us))
            continue;
        *ret_wait_us = rate_window_wait_us(window, limit, now_us);
        return weir_fail(error, WEIR_ERROR_LIMIT,
                         "its limit of %" G_GINT64_FORMAT " calls in %" G_GINT64_FORMAT " s is used up", limit.count,
                         limit.window_us / US_PER_SECOND);
    }
    return true;
}

double
source_limits_room(SourceLimits *limits, const Source *source, int64_t now_us)
{
    Meter *meter = meter_lock(limits, source);
    double room = meter_rest_us(meter, now_us) > 0 ? 0 : 1;

    for (size_t i = 0; i < source_limit_count(source); i++) {
        RateLimit limit = source_limit(source, i);
        int64_t left = rate_window_left(meter_window(meter, limit.window_us), limit, now_us);

        room = MIN(room, (double)MAX(left, 0) / (double)limit.count);
    }
    g_mutex_unlock(&limits->mutex);
    return room;
}

/* Whether there is room or not. */
static void
meter_add(Meter *meter, int64_t now_us)
{
    for (guint i = 0; i < meter->windows->len; i++) {
        MeterWindow *each = &g_array_index(meter->windows, MeterWindow, i);

        (void)rate_window_has_room(&each->window, (RateLimit){.window_us = each->window_us}, now_us);
        rate_window_add(&each->window);
    }
}

bool
source_limits_take(SourceLimits *limits, const Source *source, int64_t now_us, int64_t *ret_wait_us, GError **error)
{
    Meter *meter = meter_lock(limits, source);
    bool has_room = meter_has_room(meter, source, now_us, ret_wait_us, error);

    if (has_room) {
        meter_add(meter, now_us);
        meter->under_way++;
    }
    g_mutex_unlock(&limits->mutex);
    return has_room;
}

int64_t
source_limits_rest_us(SourceLimits *limits, const Source *source, int64_t now_us)
{
    int64_t rest_us = meter_rest_us(meter_lock(limits, source), now_us);

    g_mutex_unlock(&limits->mutex);
    return rest_us;
}

void
source_limits_end(SourceLimits *limits, const Source *source)
{
    Meter *meter = meter_lock(limits, source);

    g_assert(meter->under_way > 0);
    meter->under_way--;
    g_mutex_unlock(&limits->mutex);
}

void
source_limits_note(SourceLimits *limits, const Source *source, int64_t now_us)
{
    Meter *meter = meter_lock(limits, source);

    meter_add(meter, now_us);
    g_mutex_unlock(&limits->mutex);
}

void
source_limits_rest(SourceLimits *limits, const Source *source, int64_t until_us)
{
    Meter *meter = meter_lock(limits, source);

    meter->rest_until_us = MAX(meter->rest_until_us, until_us);
    g_mutex_unlock(&limits->mutex);
}
