/*
 * Timestamps: int64 microseconds since the epoch, UTC, to and from text.
 *
 * Years 1 to 9999. A date that does not exist (February 30) is an error, never the next day.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

/* No moment: what an absent date holds. */
#define TIMESTAMP_NONE INT64_MIN

/* RFC 3339 with 'T' or blank, any offset or 'Z', up to nine fraction digits (cut to microseconds). A missing offset
 * or a date alone is taken in zone (NULL: UTC). An offset without colon ("+0400") is accepted: partners write it. */
bool timestamp_parse(Str text, GTimeZone *zone, int64_t *ret_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "2026-11-24T05:06:07Z", with ".123" or ".123456" only when there is a fraction. to holds TIMESTAMP_TEXT_SIZE. */
#define TIMESTAMP_TEXT_SIZE 32
const char *timestamp_format(int64_t us, char *to);
/* "2026-11-24" of the moment in zone (NULL: UTC). to holds 11 bytes. */
const char *timestamp_format_day(int64_t us, GTimeZone *zone, char *to);
/* "Tue, 24 Nov 2026 09:05:00 GMT": RFC 9110's date for HTTP, and RFC 1123's. */
#define TIMESTAMP_HTTP_SIZE 30
const char *timestamp_format_http(int64_t us, char *to);

/* The moment of a civil time. False when the date does not exist. hour 0-23, minute 0-59, second 0-60 (60 counts as
 * 59). A time that a zone skips or repeats is taken with the offset before the change. */
bool timestamp_of_civil(int year, int month, int day, int hour, int minute, int second, GTimeZone *zone,
                        int64_t *ret_us);
