/* What was learned, as bytes: a count of sources, and of each its name, two means and its sketches, those of the hours first.
 * Of a sketch only the buckets that hold something. */
#include "search/learned_type.h"

#include "search/knowledge.h"

#include <math.h>

/* After so long without being looked at, half is believed. An hour of the day comes once a day only. */
#define ALL_HALF_LIFE_US  US_PER_DAY
#define HOUR_HALF_LIFE_US (7 * US_PER_DAY)
#define MEAN_HALF_LIFE_US (7 * US_PER_DAY)

#define COUNT_PARTS 256.0   /* a bucket's count is written in parts of one */
#define MEAN_PARTS  1000.0  /* a mean and its weight */
#define SHARE_LIMIT 10000.0 /* new listings of an answer, of a page of one */
#define VALUE_LIMIT 1e9     /* of a click: a thousand dollars */
#define NOTHING     0.5F    /* a source of which less is left is forgotten */

/* ---- writing ---- */

static void
put_mean(GString *to, const LearnedMean *mean, double limit)
{
    double value = mean->weight > 0 ? CLAMP(mean->sum / mean->weight, 0, limit) : 0;

    bytes_put_unsigned(to, (uint64_t)(mean->weight * MEAN_PARTS));
    bytes_put_unsigned(to, (uint64_t)(value * MEAN_PARTS));
}

static void
put_sketch(GString *to, const LatencySketch *sketch)
{
    uint64_t parts[LATENCY_BUCKETS], used = 0;

    for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
        parts[i] = (uint64_t)llround((double)sketch->counts[i] * COUNT_PARTS);
        used += parts[i] > 0 ? 1 : 0;
    }
    bytes_put_unsigned(to, used);
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        if (parts[i] > 0) {
            bytes_put_unsigned(to, i);
            bytes_put_unsigned(to, parts[i]);
        }
}

static void
put_pupil(GString *to, const char *name, const Pupil *pupil)
{
    bytes_put_text(to, str_of(name));
    put_mean(to, &pupil->share_new, SHARE_LIMIT);
    put_mean(to, &pupil->value, VALUE_LIMIT);
    for (size_t i = 0; i < LEARNED_HOURS; i++)
        put_sketch(to, &pupil->hours[i]);
    put_sketch(to, &pupil->all);
}

static GPtrArray *
names_of(Learned *learned)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter each;
    gpointer name;

    g_hash_table_iter_init(&each, learned->pupils);
    while (names->len < KNOWLEDGE_SOURCES_LIMIT && g_hash_table_iter_next(&each, &name, NULL))
        g_ptr_array_add(names, g_strdup(name));
    return names;
}

void
learned_put(Learned *learned, GString *to)
{
    g_autoptr(GPtrArray) names = names_of(learned);

    bytes_put_unsigned(to, names->len);
    for (guint i = 0; i < names->len; i++) {
        /* One at a time, so that searches never wait for long: a source is never taken away again. */
        g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);
        const char *name = names->pdata[i];

        put_pupil(to, name, g_hash_table_lookup(learned->pupils, name));
    }
}

/* ---- reading ---- */

static LearnedMean
get_mean(BytesReader *from, double limit, int64_t age_us)
{
    double weight = (double)bytes_get_unsigned(from) / MEAN_PARTS;
    double mean = (double)bytes_get_unsigned(from) / MEAN_PARTS;

    if (weight > LEARNED_MEAN_MEMORY || mean > limit)
        from->failed = true;
    weight *= knowledge_left(age_us, MEAN_HALF_LIFE_US);
    return (LearnedMean){.sum = mean * weight, .weight = weight};
}

static void
get_sketch(BytesReader *from, float memory, double left, LatencySketch *ret_sketch)
{
    uint64_t used = bytes_get_unsigned(from);

    *ret_sketch = (LatencySketch){0};
    for (uint64_t i = 0; i < used && !from->failed; i++) {
        uint64_t bucket = bytes_get_unsigned(from);
        double count = (double)bytes_get_unsigned(from) / COUNT_PARTS;

        if (bucket >= LATENCY_BUCKETS || ret_sketch->counts[bucket] > 0 || count > (double)memory + 1) {
            from->failed = true;
            return;
        }
        ret_sketch->counts[bucket] = (float)(count * left);
        ret_sketch->total += (float)(count * left);
    }
    from->failed |= ret_sketch->total > memory + 1;
}

static Pupil *
get_pupil(BytesReader *from, int64_t age_us)
{
    Pupil *pupil = g_new0(Pupil, 1);

    pupil->share_new = get_mean(from, SHARE_LIMIT, age_us);
    pupil->value = get_mean(from, VALUE_LIMIT, age_us);
    for (size_t i = 0; i < LEARNED_HOURS; i++)
        get_sketch(from, LEARNED_HOUR_MEMORY, knowledge_left(age_us, HOUR_HALF_LIFE_US), &pupil->hours[i]);
    get_sketch(from, LEARNED_MEMORY, knowledge_left(age_us, ALL_HALF_LIFE_US), &pupil->all);
    return pupil;
}

static bool
is_forgotten(const Pupil *pupil)
{
    float left = pupil->all.total + (float)pupil->share_new.weight;

    for (size_t i = 0; i < LEARNED_HOURS; i++)
        left += pupil->hours[i].total;
    return left < NOTHING;
}

bool
learned_get(Learned *learned, BytesReader *from, int64_t age_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);
    uint64_t count = knowledge_get_count(from);

    for (uint64_t i = 0; i < count && !from->failed; i++) {
        Str name = knowledge_get_name(from);
        Pupil *pupil = get_pupil(from, age_us);

        if (from->failed || is_forgotten(pupil))
            g_free(pupil);
        else
            g_hash_table_insert(learned->pupils, g_strndup(name.at, name.size), pupil);
    }
    return !from->failed;
}
