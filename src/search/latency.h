/*
 * Latency: how soon one source answers, as a histogram on a logarithmic scale. Rules without I/O.
 *
 * Eight buckets an octave, from 1 ms to 32 s, so that a quantile is right to a tenth, and a last one for what never came.
 * Two sketches add up, whoever made them. What is old fades: a sketch that holds as much as its memory is halved, so that
 * the last answers weigh at least as much as all before them.
 *
 * A call that was given up is known to have taken longer, no more: it is shared among the buckets beyond as the answers
 * there are (Efron's redistribution to the right), so that impatience doesn't make a source look fast.
 */
#pragma once

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

#define LATENCY_BUCKETS 122 /* below 1 ms; 15 octaves of 8; never */
#define LATENCY_NEVER   (LATENCY_BUCKETS - 1)

/* Begins zeroed. */
typedef struct {
    float counts[LATENCY_BUCKETS];
    float total;
} LatencySketch;

/* memory: so many answers are remembered at most, the last half of them in full. */
void latency_note(LatencySketch *sketch, int64_t took_us, float memory);
void latency_note_never(LatencySketch *sketch, float memory);
/* It had not come when so much time was over. */
void latency_note_longer(LatencySketch *sketch, int64_t than_us, float memory);
void latency_add(LatencySketch *to, const LatencySketch *from, float weight);
/* What is believed of a source that nothing is known of, as if so many answers had been seen: anything from 30 ms to 3 s,
 * one in twenty never. */
void latency_add_guess(LatencySketch *to, float weight);

/* The share of answers that came before the end of each bucket: the sketch, to be looked up often. */
typedef struct {
    float within[LATENCY_BUCKETS];
} LatencyCurve;
/* Of a sketch that is not empty. */
LatencyCurve latency_curve(const LatencySketch *sketch);
/* Of the first of two answers, when the same is asked once more so much later: as likely late as the first. */
LatencyCurve latency_curve_of_two(const LatencyCurve *curve, int64_t second_after_us);
/* The share of answers that come within so long, 0 to 1. */
double latency_within(const LatencyCurve *curve, int64_t us);
/* How likely one that had not come after after_us comes before until_us. */
double latency_soon(const LatencyCurve *curve, int64_t after_us, int64_t until_us);
/* Within how long that share of answers comes; INT64_MAX when so many never do. */
int64_t latency_quantile_us(const LatencyCurve *curve, double share);
/* Where a bucket ends; not of LATENCY_NEVER. */
int64_t latency_bucket_end_us(size_t bucket);
