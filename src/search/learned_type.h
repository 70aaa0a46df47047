/*
 * What is kept of each source: for what learns (learned.c), and for what writes it down (learned_bytes.c).
 */
#pragma once

#include "search/learned.h"

#define LEARNED_HOURS 24

/* So many answers are remembered. */
#define LEARNED_MEMORY      512.0F
#define LEARNED_HOUR_MEMORY 256.0F
#define LEARNED_MEAN_MEMORY 256.0

typedef struct {
    double sum, weight;
} LearnedMean;

typedef struct {
    LatencySketch hours[LEARNED_HOURS], all;
    LearnedMean share_new, value;
    ClickYield yield;
} Pupil;

struct Learned {
    GMutex mutex;
    GHashTable *pupils;       /* name -> Pupil */
    int64_t earned_per_click; /* of all sources; 0: unknown */
};
