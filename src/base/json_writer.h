/*
 * JSON writer: appends JSON to a GString, keeping commas and nesting itself.
 *
 * Ours rather than yajl_gen because every answer of the request tier passes through it: it escapes in runs instead
 * of a callback a piece. Text that is not UTF-8 is repaired with U+FFFD, so that what is written always parses.
 */
#pragma once

#include "base/money.h"
#include "base/str.h"

typedef struct {
    GString *to;
    bool comma; /* the next value needs a comma before it */
} JsonWriter;

static inline JsonWriter
json_writer(GString *to)
{
    return (JsonWriter){.to = to};
}

void json_begin_object(JsonWriter *json);
void json_end_object(JsonWriter *json);
void json_begin_array(JsonWriter *json);
void json_end_array(JsonWriter *json);
/* A member name; its value must follow. */
void json_key(JsonWriter *json, const char *key);

/* Text; null when absent. */
void json_text(JsonWriter *json, Str text);
void json_int(JsonWriter *json, int64_t value);
void json_bool(JsonWriter *json, bool value);
void json_null(JsonWriter *json);
/* For ratios and coordinates only, never money: up to six decimals. null when not finite. */
void json_double(JsonWriter *json, double value);
/* Appends text that already is one member or more of an object: "a":1,"b":2. */
void json_members(JsonWriter *json, Str members);
/* Appends text that already is one JSON value. */
void json_raw(JsonWriter *json, Str text);

void json_member_text(JsonWriter *json, const char *key, Str text);
void json_member_int(JsonWriter *json, const char *key, int64_t value);
void json_member_bool(JsonWriter *json, const char *key, bool value);
/* Leaves the member out when text is absent or empty. */
void json_member_text_if(JsonWriter *json, const char *key, Str text);
/* {"amount": "12.345", "currency": "USD"} */
void json_member_money(JsonWriter *json, const char *key, int64_t micros, Currency currency);
/* RFC 3339; null for TIMESTAMP_NONE. */
void json_member_time(JsonWriter *json, const char *key, int64_t us);
/* Crockford base32; null for ID_NONE. */
void json_member_id(JsonWriter *json, const char *key, int64_t id);
