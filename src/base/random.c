#include "base/random.h"

#include <sodium.h>
#include <string.h>

static void
system_fill(Random *random G_GNUC_UNUSED, void *bytes, size_t size)
{
    randombytes_buf(bytes, size);
}

Random *
random_system(void)
{
    static Random SYSTEM = {system_fill};

    if (sodium_init() < 0)
        g_error("random: the operating system gives no random numbers");
    return &SYSTEM;
}

static uint64_t
splitmix64(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void
seeded_fill(Random *random, void *bytes, size_t size)
{
    SeededRandom *seeded = (SeededRandom *)random;
    char *to = bytes;

    while (size > 0) {
        uint64_t next = splitmix64(&seeded->state);
        size_t part = MIN(size, sizeof next);

        memcpy(to, &next, part);
        to += part;
        size -= part;
    }
}

void
seeded_random_init(SeededRandom *random, uint64_t seed)
{
    *random = (SeededRandom){.random = {seeded_fill}, .state = seed};
}

uint64_t
random_u64(Random *random)
{
    uint64_t value;

    random_fill(random, &value, sizeof value);
    return value;
}

uint64_t
random_below(Random *random, uint64_t bound)
{
    uint64_t value, reject_below;

    g_assert(bound > 0);
    /* Values under 2^64 mod bound would make the low results likelier. */
    reject_below = (0 - bound) % bound;
    do {
        value = random_u64(random);
    } while (value < reject_below);
    return value % bound;
}
