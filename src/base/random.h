/*
 * Random: chance as an input. The system's is unpredictable; a seeded one replays the same run from the same seed.
 */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Random Random;
struct Random {
    void (*fill)(Random *random, void *bytes, size_t size);
};

static inline void
random_fill(Random *random, void *bytes, size_t size)
{
    random->fill(random, bytes, size);
}

uint64_t random_u64(Random *random);
/* Evenly from 0 to bound - 1; bound > 0. */
uint64_t random_below(Random *random, uint64_t bound);

/* The operating system's generator, safe for keys and from any thread. Only commands/ should ask for it. */
Random *random_system(void);

/* splitmix64: for tests, the sandbox and simulations; never for keys. Random must be the first member. */
typedef struct {
    Random random;
    uint64_t state;
} SeededRandom;

void seeded_random_init(SeededRandom *random, uint64_t seed);
