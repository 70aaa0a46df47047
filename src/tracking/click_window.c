#include <sodium.h>

#include "tracking/click_quality.h"

#define DUPLICATE_US (30 * US_PER_SECOND)
#define REPEAT_US    US_PER_HOUR
#define WAYS         8 /* clicks that share a place */

/* Of one visitor on one listing. */
typedef struct {
    uint64_t key[2]; /* both 0: free */
    int64_t last_us, counted_us;
} SeenClick;

struct ClickWindow {
    const Clock *clock;
    GMutex lock;
    size_t sets; /* a power of two */
    SeenClick (*seen)[WAYS];
};

ClickWindow *
click_window_new(const Clock *clock, size_t capacity)
{
    ClickWindow *window = g_new0(ClickWindow, 1);

    window->clock = clock;
    window->sets = 1;
    while (window->sets * WAYS < capacity)
        window->sets *= 2;
    window->seen = g_malloc0_n(window->sets, sizeof *window->seen);
    g_mutex_init(&window->lock);
    return window;
}

void
click_window_free(ClickWindow *window)
{
    if (window == NULL)
        return;
    g_mutex_clear(&window->lock);
    g_free(window->seen);
    g_free(window);
}

/* A cryptographic hash, so that nobody can choose a listing that falls together with another's. */
static void
key_make(Str visitor_hash, Str source, Str listing_id, uint64_t key[2])
{
    const Str parts[] = {visitor_hash, source, listing_id};
    crypto_generichash_state state;

    crypto_generichash_init(&state, NULL, 0, 2 * sizeof key[0]);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        uint64_t size = parts[i].size;

        crypto_generichash_update(&state, (const unsigned char *)&size, sizeof size);
        crypto_generichash_update(&state, (const unsigned char *)parts[i].at, parts[i].size);
    }
    crypto_generichash_final(&state, (unsigned char *)key, 2 * sizeof key[0]);
}

/* The click's place; else the one to give up, made free: empty, or the longest untouched of its set. */
static SeenClick *
seen_get(ClickWindow *window, const uint64_t key[2])
{
    SeenClick *set = window->seen[key[0] & (window->sets - 1)], *oldest = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key[0] == key[0] && set[i].key[1] == key[1])
            return &set[i];
        if (set[i].last_us < oldest->last_us)
            oldest = &set[i];
    }
    *oldest = (SeenClick){.key = {key[0], key[1]}, .last_us = INT64_MIN, .counted_us = INT64_MIN};
    return oldest;
}

static bool
is_within(int64_t since_us, int64_t now_us, int64_t window_us)
{
    return since_us != INT64_MIN && now_us - since_us <= window_us;
}

unsigned
click_window_flags(ClickWindow *window, Str visitor_hash, Str source, Str listing_id)
{
    int64_t now_us = clock_monotonic_us(window->clock);
    uint64_t key[2];
    SeenClick *seen;
    unsigned flags = 0;

    key_make(visitor_hash, source, listing_id, key);
    g_mutex_lock(&window->lock);
    seen = seen_get(window, key);
    if (is_within(seen->last_us, now_us, DUPLICATE_US))
        flags = CLICK_DUPLICATE;
    else if (is_within(seen->counted_us, now_us, REPEAT_US))
        flags = CLICK_REPEAT;
    else
        seen->counted_us = now_us;
    seen->last_us = now_us;
    g_mutex_unlock(&window->lock);
    return flags;
}
