/*
 * Day: a date by somebody's calendar, as the number of days since 1970-01-01. Which moments it covers depends on the
 * zone: 24 hours, or 23 or 25 when clocks are changed.
 */
#pragma once

#include "base/str.h"

#define DAY_TEXT_SIZE    11
#define DAY_OUTAGE_LIMIT 31

/* The day that a moment falls on in zone (NULL: UTC). */
int64_t day_of(int64_t us, GTimeZone *zone);
/* Its first moment in zone; that of the next day is its end. */
int64_t day_start_us(int64_t day, GTimeZone *zone);
/* The first day to ask a partner for, who changes the last `days`: counted from today, or from the day of the last answer
 * (INT64_MIN: there was none), so that nothing is missing after an outage; DAY_OUTAGE_LIMIT earlier at most. */
int64_t day_look_back(int64_t today, int64_t last, int64_t days);
/* "2026-11-24". */
const char *day_format(int64_t day, char to[DAY_TEXT_SIZE]);
bool day_parse(Str text, int64_t *ret_day);
