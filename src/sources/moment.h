/*
 * Moments in the many ways partners write them.
 */
#pragma once

#include "base/arena.h"
#include "base/timestamp.h"

/* Writes as "date" (2026-11-24), "rfc3339", "rfc1123", "epoch_s", "epoch_ms", or a pattern with the letters below; names
 * are English. Days and times are of zone (NULL: UTC), except those of RFC 3339 and 1123, which are UTC. Absent for
 * TIMESTAMP_NONE. */
Str moment_format(int64_t us, Str how, GTimeZone *zone, Arena *arena);
/* Reads RFC 3339, RFC 1123 (with any of RFC 822's zone names), or the like. False when it is none. */
bool moment_parse(Str text, GTimeZone *zone, int64_t *ret_us);
/* Reads by a pattern: %Y %y %m %b %d %H %I %p %M %S %z %a and literals; %% is a per cent sign. A blank takes any run of
 * blanks. zone holds unless %z says another. */
bool moment_parse_pattern(Str text, Str pattern, GTimeZone *zone, int64_t *ret_us);
/* Seconds (unit US_PER_SECOND) or milliseconds since the epoch, with a fraction or not; moments before 1970 and after
 * 2200 are refused, since they come from the wrong unit. */
bool moment_parse_epoch(Str text, int64_t unit_us, int64_t *ret_us);
/* Whether a pattern has only letters that are known. */
bool moment_pattern_is_valid(Str pattern);

/* Reads "3 days ago", "yesterday", "vor 2 Stunden", "il y a 3 jours" as seen at now_us. Days and what is longer begin at
 * midnight of zone, so that the same posting has the same date however often it is read that day. TIMESTAMP_NONE for
 * what names no end: "30+ days ago". arena is for scratch. False when it is none of these. */
bool moment_parse_relative(Str text, int64_t now_us, GTimeZone *zone, Arena *arena, int64_t *ret_us);
/* Reads a whole number of days or hours (unit_us) before now_us; days begin at midnight of zone. */
bool moment_parse_age(Str text, int64_t unit_us, int64_t now_us, GTimeZone *zone, int64_t *ret_us);
