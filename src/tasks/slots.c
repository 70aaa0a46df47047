#include "tasks/slots.h"

#define LATE_US   US_PER_MINUTE
#define ALL_US    (7 * US_PER_DAY)
#define ALL_LIMIT 100

/* From the name alone, so that every node and every restart finds the same moments. */
static int64_t
offset_of(const char *name, int64_t every_us)
{
    return (int64_t)(str_hash(str_of(name)) % (uint64_t)every_us);
}

bool
slots_init(Slots *slots, const char *name, int64_t every_us, const char *cron, const char *zone, GError **error)
{
    Slots made = {.every_us = every_us};

    g_assert((every_us > 0) != (cron != NULL));
    if (cron == NULL)
        made.offset_us = offset_of(name, every_us);
    else if (!cron_parse(str_of(cron), &made.cron, error) || (made.zone = cron_zone_new(zone, error)) == NULL)
        return weir_fail_within(error, "schedule %s", name);
    *slots = made;
    return true;
}

void
slots_clear(Slots *slots)
{
    g_clear_pointer(&slots->zone, g_time_zone_unref);
}

int64_t
schedule_slot_at(int64_t every_us, int64_t offset_us, int64_t now_us)
{
    int64_t since = now_us - offset_us;
    int64_t ticks = since / every_us - (since % every_us < 0);

    return ticks * every_us + offset_us;
}

int64_t
slots_next(const Slots *slots, int64_t after_us)
{
    if (slots->every_us == 0)
        return cron_next(&slots->cron, slots->zone, after_us);
    return schedule_slot_at(slots->every_us, slots->offset_us, after_us) + slots->every_us;
}

/* The last slot from first_us to now_us. A rule is only good at looking ahead, so it looks from ever farther back: what
 * does not tick in an hour ticks seldom enough to be counted through for a day, and so on. */
static int64_t
last_slot(const Slots *slots, int64_t first_us, int64_t now_us)
{
    static const int64_t BACK_US[] = {US_PER_HOUR, US_PER_DAY, 32 * US_PER_DAY, 367 * US_PER_DAY};
    int64_t last_us = first_us, next_us;

    if (slots->every_us > 0)
        return MAX(first_us, schedule_slot_at(slots->every_us, slots->offset_us, now_us));
    for (size_t i = 0; i < G_N_ELEMENTS(BACK_US) && last_us == first_us; i++)
        for (int64_t at_us = MAX(first_us, now_us - BACK_US[i]); (next_us = slots_next(slots, at_us)) <= now_us;)
            last_us = at_us = next_us;
    return last_us;
}

static void
append_all(const Slots *slots, int64_t first_us, int64_t now_us, GArray *to)
{
    int64_t slot_us = first_us >= now_us - ALL_US ? first_us : slots_next(slots, now_us - ALL_US - 1);

    for (; slot_us <= now_us; slot_us = slots_next(slots, slot_us)) {
        if (to->len == ALL_LIMIT)
            g_array_remove_index(to, 0);
        g_array_append_val(to, slot_us);
    }
}

GArray *
slots_due(const Slots *slots, MissedPolicy missed, int64_t first_us, int64_t now_us)
{
    GArray *due = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t last_us;

    if (missed == MISSED_ALL) {
        append_all(slots, first_us, now_us, due);
        return due;
    }
    last_us = last_slot(slots, first_us, now_us);
    if (missed == MISSED_ONCE || now_us - last_us <= LATE_US)
        g_array_append_val(due, last_us);
    return due;
}
