#include "search/learned_type.h"

/* What is believed without answers weighs as much as so many. */
#define GUESS_WEIGHT     1.0F
#define ALL_HOURS_WEIGHT 50.0F
#define SHARE_GUESS      0.5
#define SHARE_WEIGHT     2.0

Learned *
learned_new(void)
{
    Learned *learned = g_new0(Learned, 1);

    g_mutex_init(&learned->mutex);
    learned->pupils = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return learned;
}

void
learned_free(Learned *learned)
{
    if (learned == NULL)
        return;
    g_hash_table_unref(learned->pupils);
    g_mutex_clear(&learned->mutex);
    g_free(learned);
}

void
learned_forget(Learned *learned)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);

    g_hash_table_remove_all(learned->pupils);
}

static Pupil *
pupil_of(Learned *learned, const char *source)
{
    Pupil *pupil = g_hash_table_lookup(learned->pupils, source);

    if (pupil == NULL) {
        pupil = g_new0(Pupil, 1);
        g_hash_table_insert(learned->pupils, g_strdup(source), pupil);
    }
    return pupil;
}

static size_t
hour_of(int64_t at_us)
{
    return (size_t)(at_us % US_PER_DAY / US_PER_HOUR);
}

static void
mean_note(LearnedMean *mean, double value)
{
    if (mean->weight >= LEARNED_MEAN_MEMORY) {
        mean->sum /= 2;
        mean->weight /= 2;
    }
    mean->sum += value;
    mean->weight += 1;
}

static void
sketch_note(LatencySketch *sketch, SourceStatus status, int64_t took_us, float memory)
{
    if (source_status_is_answer(status))
        latency_note(sketch, took_us, memory);
    else if (status == SOURCE_LATE)
        latency_note_longer(sketch, took_us, memory);
    else
        latency_note_never(sketch, memory);
}

void
learned_note_call(Learned *learned, const char *source, SourceStatus status, int64_t took_us, int64_t at_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);
    Pupil *pupil;

    if (status == SOURCE_SKIPPED || status == SOURCE_PERMANENT || status == SOURCE_CREDENTIAL ||
        status == SOURCE_QUOTA || status == SOURCE_REFUSED)
        return;
    pupil = pupil_of(learned, source);
    sketch_note(&pupil->all, status, took_us, LEARNED_MEMORY);
    sketch_note(&pupil->hours[hour_of(at_us)], status, took_us, LEARNED_HOUR_MEMORY);
}

void
learned_note_new(Learned *learned, const char *source, size_t fresh, int64_t per_page)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);

    mean_note(&pupil_of(learned, source)->share_new, (double)fresh / (double)MAX(per_page, 1));
}

void
learned_note_value(Learned *learned, const char *source, int64_t value)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);

    mean_note(&pupil_of(learned, source)->value, (double)value);
}

void
learned_set_earnings(Learned *learned, const SourceEarnings *earnings, size_t count)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);
    ClickYield all = {0};
    GHashTableIter each;
    gpointer pupil;

    g_hash_table_iter_init(&each, learned->pupils);
    while (g_hash_table_iter_next(&each, NULL, &pupil))
        ((Pupil *)pupil)->yield = (ClickYield){0};
    for (size_t i = 0; i < count; i++) {
        Pupil *known = pupil_of(learned, earnings[i].source);

        known->yield =
            (ClickYield){.clicks = earnings[i].clicks, .earned = earnings[i].earned, .bids = earnings[i].bids};
        all.clicks += MAX(earnings[i].clicks, 0);
        all.earned += MAX(earnings[i].earned, 0);
    }
    /* Of few clicks in all nothing is believed. */
    learned->earned_per_click = all.clicks >= LEARNED_CLICKS_ENOUGH ? all.earned / all.clicks : 0;
}

ClickYield
learned_yield(Learned *learned, Str source)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);
    g_autofree char *name = str_dup(source);
    const Pupil *pupil = g_hash_table_lookup(learned->pupils, name);
    ClickYield yield = pupil == NULL ? (ClickYield){0} : pupil->yield;

    yield.other = learned->earned_per_click;
    return yield;
}

static void
believe_latency(const Pupil *pupil, int64_t at_us, SourceBelief *belief)
{
    LatencySketch sketch = {0};

    latency_add_guess(&sketch, GUESS_WEIGHT);
    if (pupil != NULL) {
        const LatencySketch *hour = &pupil->hours[hour_of(at_us)];
        float all = pupil->all.total;

        latency_add(&sketch, hour, 1);
        latency_add(&sketch, &pupil->all, all > ALL_HOURS_WEIGHT ? ALL_HOURS_WEIGHT / all : 1);
        belief->calls = (double)all;
    }
    belief->curve = latency_curve(&sketch);
}

SourceBelief
learned_belief(Learned *learned, const char *source, int64_t at_us)
{
    g_autoptr(GMutexLocker) G_GNUC_UNUSED locker = g_mutex_locker_new(&learned->mutex);
    const Pupil *pupil = g_hash_table_lookup(learned->pupils, source);
    SourceBelief belief = {.share_new = SHARE_GUESS};

    believe_latency(pupil, at_us, &belief);
    if (pupil == NULL)
        return belief;
    belief.share_new = (pupil->share_new.sum + SHARE_GUESS * SHARE_WEIGHT) / (pupil->share_new.weight + SHARE_WEIGHT);
    belief.value_earned = pupil->yield.clicks >= LEARNED_CLICKS_ENOUGH;
    if (belief.value_earned)
        belief.value = MAX(pupil->yield.earned, 0) / pupil->yield.clicks;
    else if (pupil->value.weight > 0)
        belief.value = (int64_t)(pupil->value.sum / pupil->value.weight);
    return belief;
}
