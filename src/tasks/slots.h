/*
 * Slots: the moments at which a schedule ticks, an interval's or a rule's.
 */
#pragma once

#include "tasks/cron.h"
#include "tasks/schedule.h"

typedef struct {
    int64_t every_us, offset_us; /* every_us 0: */
    Cron cron;
    GTimeZone *zone;
} Slots;

/* INVALID for a rule or zone that can't be. */
bool slots_init(Slots *slots, const char *name, int64_t every_us, const char *cron, const char *zone,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void slots_clear(Slots *slots);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Slots, slots_clear)

/* The first slot after the moment. */
int64_t slots_next(const Slots *slots, int64_t after_us);
/* Those of the slots from first_us to now_us that are to fire, oldest first: int64_t. first_us is a slot that is due. */
GArray *slots_due(const Slots *slots, MissedPolicy missed, int64_t first_us, int64_t now_us);
