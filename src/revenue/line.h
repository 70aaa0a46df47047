/*
 * Line: one row of a report after it was checked: keyed, hashed, and known to fit the ledger.
 *
 * The key is the partner's transaction id where there is one. Where there is none it is made of what the row is about
 * (moment, sub-id, description, currency; never the measures) and its ordinal among the rows of that report that are
 * about the same, so that a restated row finds itself again and two genuine identical rows stay two.
 */
#pragma once

#include "sources/source.h"

#define LINE_SHA256_BYTES 32
/* A line beyond a thousand million units is a mistake; nine thousand such lines still add up in 63 bits. */
#define LINE_AMOUNT_LIMIT_MICROS (INT64_C(1000000000) * MICROS_PER_UNIT)
/* Keys and sub-ids are indexed: PostgreSQL's pages set an end to them. */
#define LINE_KEY_LIMIT 512

typedef struct {
    int64_t part, row; /* where in the report, from 1 */
    Str key;           /* "id:..." or "row:..." */
    Str content_sha256;
    Str status; /* absent: the partner does not say */
    int64_t amount_micros;
    Currency currency;
    int64_t event_at_us, click_at_us, validated_at_us, version_at_us; /* TIMESTAMP_NONE when absent */
    int64_t clicks, impressions;                                      /* -1 when absent */
    Str sub_id, original_key;
} Line;

/* What is wrong with a line, for the quarantine; reason NULL: nothing. */
typedef struct {
    const char *field, *reason;
    Str text;
} LineFault;

/* Checks what arithmetic and indexes rely on. Texts of the fault are in arena. */
LineFault line_check(const ReportLine *line, Arena *arena);

/* What the line counts for in its present status: nothing once reversed. */
int64_t line_earned_micros(Str status, int64_t amount_micros);

/* 32 bytes over all that the partner says in the line. */
Str line_content_sha256(const ReportLine *line, Arena *arena);
/* "id:KEY" for a line with a key of the partner's; absent otherwise. */
Str line_partner_key(Str key, Arena *arena);
/* What a line without key is about, without the ordinal: "row:HASH". */
Str line_subject(const ReportLine *line, Arena *arena);
