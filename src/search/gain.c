#include "search/gain.h"

#include <glib.h>
#include <math.h>

/* How much longer a search may take is looked at in these steps, in per cent; and up to its limit. From twice as long on:
 * what some hundred answers tell of the next tenth is mostly chance, and plans made of it were a fifth off. */
static const int64_t AHEAD_PERCENT[] = {200, 300, 500, 900, INT32_MAX};

/* The plan looks so many buckets ahead: from an octave to the limit. */
static const size_t AHEAD_BUCKETS[] = {8, 16, 32, LATENCY_BUCKETS};

/* Of the demand, long before the plan's end. */
#define DEMAND_BEFORE 0.3
/* A search that takes a twentieth longer than planned must expect 1.05^32, nearly five times as much of it. */
#define DEMAND_STEEPNESS 32.0

/* Nothing is decided before this part of the plan, and then every so often. */
#define FIRST_LOOK_PERCENT 50
#define LOOK_PERCENT       2
#define LOOK_LEAST_US      (2 * US_PER_MS)

/* What is expected to come between now and until, both from the start of the search. */
static double
gain_between(const Awaited *const *awaited, size_t count, int64_t now_us, int64_t until_us)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += awaited[i]->gain * latency_soon(&awaited[i]->curve, now_us, until_us);
    return sum;
}

/* What is expected to be there at the end of each bucket. */
static void
sum_curves(const Awaited *const *awaited, size_t count, double have, double ret_sum[LATENCY_NEVER])
{
    for (size_t b = 0; b < LATENCY_NEVER; b++)
        ret_sum[b] = have;
    for (size_t i = 0; i < count; i++)
        for (size_t b = 0; b < LATENCY_NEVER; b++)
            ret_sum[b] += awaited[i]->gain * (double)awaited[i]->curve.within[b];
}

/* By how much waiting on from the end of a bucket is expected to bring more than is asked for; negative: less. */
static double
margin_at(const double *sum, const double *log_end, size_t bucket, size_t last, double demand)
{
    double best = -1;

    for (size_t i = 0; i < G_N_ELEMENTS(AHEAD_BUCKETS); i++) {
        size_t ahead = MIN(bucket + AHEAD_BUCKETS[i], last);
        double longer = log_end[ahead] - log_end[bucket];

        if (ahead > bucket)
            best = MAX(best, (sum[ahead] - sum[bucket]) / (sum[bucket] * longer) - demand);
    }
    return best;
}

int64_t
gain_plan_us(const Awaited *const *awaited, size_t count, double have, double demand, int64_t limit_us)
{
    double sum[LATENCY_NEVER], log_end[LATENCY_NEVER], before = 0;
    size_t last = 0;

    if (demand <= 0)
        return limit_us;
    sum_curves(awaited, count, have, sum);
    for (size_t b = 0; b < LATENCY_NEVER; b++)
        log_end[b] = log((double)latency_bucket_end_us(b));
    while (last + 1 < LATENCY_NEVER && latency_bucket_end_us(last + 1) <= limit_us)
        last++;
    for (size_t b = 0; b < last; b++) {
        int64_t end_us = latency_bucket_end_us(b);
        double margin = sum[b] > 0 ? margin_at(sum, log_end, b, last, demand) : 1;

        if (margin <= 0 && b == 0)
            return end_us;
        if (margin <= 0) /* somewhere within this bucket */
            return end_us - (int64_t)((double)(end_us - latency_bucket_end_us(b - 1)) * margin / (margin - before));
        before = margin;
    }
    return limit_us;
}

bool
gain_is_worth_it(const Awaited *const *awaited, size_t count, double have, double demand, int64_t now_us,
                 int64_t plan_us, int64_t limit_us)
{
    double asked = demand * MAX(DEMAND_BEFORE, pow((double)now_us / (double)MAX(plan_us, 1), DEMAND_STEEPNESS));

    if (have <= 0 || demand <= 0 || now_us <= 0 || now_us * 100 < plan_us * FIRST_LOOK_PERCENT)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(AHEAD_PERCENT); i++) {
        int64_t until_us = MIN(now_us * AHEAD_PERCENT[i] / 100, limit_us);

        if (until_us > now_us &&
            gain_between(awaited, count, now_us, until_us) > asked * have * log((double)until_us / (double)now_us))
            return true;
    }
    return false;
}

int64_t
gain_look_again_us(int64_t now_us, int64_t plan_us)
{
    int64_t first_us = plan_us * FIRST_LOOK_PERCENT / 100;

    return now_us < first_us ? first_us : now_us + MAX(now_us * LOOK_PERCENT / 100, LOOK_LEAST_US);
}
