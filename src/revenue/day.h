/*
 * Day: a date by somebody's calendar, as the number of days since 1970-01-01. Which moments it covers depends on the
 * zone: 24 hours, or 23 or 25 when clocks are changed.
 */
#pragma once

#include "base/str.h"

#define DAY_TEXT_SIZE 11

/* The day that a moment falls on in zone (NULL: UTC). */
int64_t day_of(int64_t us, GTimeZone *zone);
/* Its first moment in zone; that of the next day is its end. */
int64_t day_start_us(int64_t day, GTimeZone *zone);
/* "2026-11-24". */
const char *day_format(int64_t day, char to[DAY_TEXT_SIZE]);
bool day_parse(Str text, int64_t *ret_day);
