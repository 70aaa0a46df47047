#include "search/latency.h"

#include <glib.h>

#define SHORTEST_US US_PER_MS
#define PARTS       8 /* of an octave */
#define OCTAVES     15

#define GUESS_FROM_US (30 * US_PER_MS)
#define GUESS_TO_US   (3 * US_PER_SECOND)
#define GUESS_NEVER   0.05F

static size_t
bucket_of(int64_t us)
{
    int64_t start_us = SHORTEST_US;
    size_t octave = 0;

    if (us < SHORTEST_US)
        return 0;
    while (octave < OCTAVES && us >= 2 * start_us) {
        start_us *= 2;
        octave++;
    }
    if (octave == OCTAVES)
        return LATENCY_NEVER;
    return 1 + octave * PARTS + (size_t)((us - start_us) * PARTS / start_us);
}

int64_t
latency_bucket_end_us(size_t bucket)
{
    size_t octave, part;

    g_assert(bucket < LATENCY_NEVER);
    if (bucket == 0)
        return SHORTEST_US;
    octave = (bucket - 1) / PARTS;
    part = (bucket - 1) % PARTS;
    return (SHORTEST_US << octave) * (int64_t)(PARTS + part + 1) / PARTS;
}

static int64_t
bucket_start_us(size_t bucket)
{
    return bucket == 0 ? 0 : latency_bucket_end_us(bucket - 1);
}

/* ---- sketch ---- */

static void
fade(LatencySketch *sketch, float memory)
{
    if (sketch->total < memory)
        return;
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        sketch->counts[i] /= 2;
    sketch->total /= 2;
}

static void
note(LatencySketch *sketch, size_t bucket, float memory)
{
    fade(sketch, memory);
    sketch->counts[bucket] += 1;
    sketch->total += 1;
}

void
latency_note(LatencySketch *sketch, int64_t took_us, float memory)
{
    note(sketch, bucket_of(took_us), memory);
}

void
latency_note_never(LatencySketch *sketch, float memory)
{
    note(sketch, LATENCY_NEVER, memory);
}

void
latency_note_longer(LatencySketch *sketch, int64_t than_us, float memory)
{
    size_t from = bucket_of(than_us);
    float beyond = 0;

    fade(sketch, memory);
    for (size_t i = from; i < LATENCY_BUCKETS; i++)
        beyond += sketch->counts[i];
    if (beyond <= 0) {
        sketch->counts[LATENCY_NEVER] += 1;
    } else {
        for (size_t i = from; i < LATENCY_BUCKETS; i++)
            sketch->counts[i] += sketch->counts[i] / beyond;
    }
    sketch->total += 1;
}

void
latency_add(LatencySketch *to, const LatencySketch *from, float weight)
{
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        to->counts[i] += from->counts[i] * weight;
    to->total += from->total * weight;
}

void
latency_add_guess(LatencySketch *to, float weight)
{
    size_t from = bucket_of(GUESS_FROM_US), end = bucket_of(GUESS_TO_US);
    float each = weight * (1 - GUESS_NEVER) / (float)(end - from);

    for (size_t i = from; i < end; i++)
        to->counts[i] += each;
    to->counts[LATENCY_NEVER] += weight * GUESS_NEVER;
    to->total += weight;
}

/* ---- curve ---- */

LatencyCurve
latency_curve(const LatencySketch *sketch)
{
    LatencyCurve curve;
    float sum = 0;

    g_assert(sketch->total > 0);
    for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
        sum += sketch->counts[i];
        curve.within[i] = MIN(sum / sketch->total, 1);
    }
    return curve;
}

double
latency_within(const LatencyCurve *curve, int64_t us)
{
    size_t bucket = bucket_of(us);
    double before, start_us, end_us;

    if (us <= 0)
        return 0;
    if (bucket == LATENCY_NEVER)
        return (double)curve->within[LATENCY_NEVER - 1];
    before = bucket == 0 ? 0 : (double)curve->within[bucket - 1];
    start_us = (double)bucket_start_us(bucket);
    end_us = (double)latency_bucket_end_us(bucket);
    return before + ((double)curve->within[bucket] - before) * ((double)us - start_us) / (end_us - start_us);
}

double
latency_soon(const LatencyCurve *curve, int64_t after_us, int64_t until_us)
{
    double before = latency_within(curve, after_us);

    if (until_us <= after_us || before >= 1)
        return 0;
    return (latency_within(curve, until_us) - before) / (1 - before);
}

LatencyCurve
latency_curve_of_two(const LatencyCurve *curve, int64_t second_after_us)
{
    LatencyCurve of_two = *curve;

    for (size_t i = 0; i < LATENCY_NEVER; i++) {
        double second = latency_within(curve, latency_bucket_end_us(i) - second_after_us);

        of_two.within[i] = (float)(1 - (1 - (double)curve->within[i]) * (1 - second));
    }
    return of_two;
}

int64_t
latency_quantile_us(const LatencyCurve *curve, double share)
{
    for (size_t i = 0; i < LATENCY_NEVER; i++) {
        double before = i == 0 ? 0 : (double)curve->within[i - 1], within = (double)curve->within[i];

        if (within >= share && within > before)
            return bucket_start_us(i) + (int64_t)((double)(latency_bucket_end_us(i) - bucket_start_us(i)) *
                                                  MAX(share - before, 0) / (within - before));
    }
    return INT64_MAX;
}
