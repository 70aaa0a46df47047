/*
 * What is kept of each source's health: for what uses it (health.c), and for what writes it down (health_bytes.c).
 */
#pragma once

#include "search/health.h"

typedef struct {
    Breaker breaker;
    Limiter limiter;
    RetryBudget budget;
} Patient;

struct SourceHealth {
    Random *random;
    unsigned repeat_percent;
    Metrics *metrics;
    GMutex mutex;         /* of what follows */
    GHashTable *patients; /* name -> Patient; there is one for each source that was asked */
};
/* Finds it, or makes it; with the mutex. */
Patient *source_health_patient(SourceHealth *health, const char *source);
