/*
 * Cron: moments by the clock on the wall, as five fields say them.
 *
 *     minute hour day month weekday          "30 6 * * mon-fri"
 *
 * Each field: * or a list of values and ranges, each * or range with an optional step (a-b/n). Months and weekdays may be
 * named (jan, sun); 0 and 7 are Sunday. As in Vixie's cron, where day and weekday are both restricted (neither begins
 * with *), either is enough.
 *
 * When the wall's clock is moved by less than three hours (DST): rules of a fixed time (neither minute nor hour begins
 * with *) whose time is skipped are due at the moment of the change, and those whose time is repeated only the first
 * time; the others follow the clock as it is. A greater change is a correction: rules follow the new clock.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

typedef struct {
    uint64_t minutes; /* bit per value, as in all of them */
    uint32_t hours, days;
    uint16_t months;
    uint8_t weekdays; /* from Sunday */
    bool any_day, any_weekday;
    bool fixed; /* a fixed time, see above */
} Cron;

/* INVALID, naming the field, for what is malformed, out of range, or never comes (February 30). */
bool cron_parse(Str text, Cron *ret_cron, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A time zone by its name in the tz database; NULL and "" are UTC. INVALID when there is none; free with
 * g_time_zone_unref(). */
GTimeZone *cron_zone_new(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#define CRON_NEVER INT64_MAX
/* The first moment after after_us; CRON_NEVER when none comes in 41 years. After 1970. */
int64_t cron_next(const Cron *cron, GTimeZone *zone, int64_t after_us);
