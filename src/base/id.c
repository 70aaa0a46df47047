#include "base/id.h"

#define EPOCH_MS      INT64_C(1577836800000) /* 2020-01-01T00:00:00Z */
#define SEQUENCE_BITS 13
#define NODE_BITS     9
#define TIME_SHIFT    (SEQUENCE_BITS + NODE_BITS)
#define SEQUENCE_MASK ((INT64_C(1) << SEQUENCE_BITS) - 1)

void
id_mint_init(IdMint *mint, const Clock *clock, unsigned node)
{
    g_assert(node < ID_NODES);
    *mint = (IdMint){.clock = clock, .node = node};
}

/* The next id comes from a later millisecond, where the new number may be smaller than the old one. */
void
id_mint_move(IdMint *mint, unsigned node)
{
    Id last = __atomic_load_n(&mint->last, __ATOMIC_RELAXED), next;

    g_assert(node < ID_NODES);
    __atomic_store_n(&mint->node, node, __ATOMIC_RELAXED);
    do {
        next = ((last >> TIME_SHIFT) + 1) << TIME_SHIFT;
    } while (last != ID_NONE &&
             !__atomic_compare_exchange_n(&mint->last, &last, next, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

static Id
id_after(const IdMint *mint, Id last)
{
    int64_t ms = MAX(clock_now_us(mint->clock) / US_PER_MS - EPOCH_MS, 0);
    int64_t last_ms = last >> TIME_SHIFT, node = __atomic_load_n(&mint->node, __ATOMIC_RELAXED);
    int64_t sequence = 0;

    if (ms <= last_ms) {
        ms = last_ms;
        sequence = (last & SEQUENCE_MASK) + 1;
        if (sequence > SEQUENCE_MASK) {
            /* The millisecond is full: borrow from the next one rather than wait for it. */
            ms++;
            sequence = 0;
        }
    }
    return ms << TIME_SHIFT | node << SEQUENCE_BITS | sequence;
}

Id
id_mint(IdMint *mint)
{
    Id last = __atomic_load_n(&mint->last, __ATOMIC_RELAXED), next;

    do {
        next = id_after(mint, last);
    } while (!__atomic_compare_exchange_n(&mint->last, &last, next, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return next;
}

int64_t
id_time_us(Id id)
{
    return ((id >> TIME_SHIFT) + EPOCH_MS) * US_PER_MS;
}

Id
id_floor(int64_t us)
{
    int64_t ms = us / US_PER_MS - EPOCH_MS;

    return ms <= 0 ? 0 : ms << TIME_SHIFT;
}

const char *
id_format(Id id, char *to)
{
    uint64_t rest = (uint64_t)id;

    for (int i = ID_TEXT_SIZE - 2; i >= 0; i--) {
        to[i] = BASE32_DIGITS[rest & 31];
        rest >>= 5;
    }
    to[ID_TEXT_SIZE - 1] = '\0';
    return to;
}

int
base32_value(char c)
{
    const char *found;

    c = g_ascii_toupper(c);
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    found = c == '\0' ? NULL : strchr(BASE32_DIGITS, c);
    return found == NULL ? -1 : (int)(found - BASE32_DIGITS);
}

bool
id_parse(Str text, Id *ret_id)
{
    uint64_t id = 0;

    if (text.size != ID_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        int value = base32_value(text.at[i]);

        /* 13 characters hold 65 bits: the first may only be 0 to 7. */
        if (value < 0 || (i == 0 && value > 7))
            return false;
        id = id << 5 | (uint64_t)value;
    }
    *ret_id = (Id)id;
    return true;
}
