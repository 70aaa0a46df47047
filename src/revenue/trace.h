/*
 * Trace: the whole chain of a cent, from whichever end it is picked up.
 *
 *     search ── shown listings ── click ── line ── revisions ── report and row
 *                                            └── entries
 */
#pragma once

#include "base/arena.h"
#include "base/id.h"
#include "base/money.h"
#include "store/db.h"

/* Of each kind of thing in one trace; truncated says when there are more. */
#define TRACE_LIMIT 1000

typedef struct {
    Id id;
    int64_t at_us, took_us;
    Str keywords, location, country, mode, client; /* absent when not given */
    bool partial;
    int64_t shown_count;
    Str shown;   /* JSON: [{"source", "listing_id", "title", "bid"}, ...] in order of position */
    Str sources; /* JSON, as answered */
} TraceSearch;

typedef struct {
    Id id;
    int64_t at_us;
    Id search_id;
    int64_t position;
    Str source, listing_id, sub_id;
    Money bid;
    unsigned flags; /* ClickFlag: why it does not count; 0 counts */
} TraceClick;

typedef struct {
    int64_t rev;
    Str status; /* absent when the partner does not say */
    int64_t amount_micros, earned_micros;
    Currency currency;
    int64_t event_at_us, version_at_us; /* TIMESTAMP_NONE when absent */
    int64_t recorded_at_us;
    Str sub_id, original_key;
    int64_t clicks, impressions; /* -1 when absent */
    int64_t report_id, part, row;
    Str report_kind, report_origin;
    int64_t report_received_at_us;
} TraceRevision;

typedef struct {
    int64_t id, txn_id;
    Str account, reason, rung;
    int64_t amount_micros; /* debits positive */
    Currency currency;
    int64_t effective_at_us, recorded_at_us;
    Id click_id, search_id; /* ID_NONE for none */
} TraceEntry;

typedef struct {
    int64_t id;
    Str source, kind, key; /* key: the partner's; or "row:..." where it gives none */
    const TraceRevision *revisions;
    size_t revision_count;
    const TraceEntry *entries;
    size_t entry_count;
} TraceLine;

typedef struct {
    const char *start; /* "search", "click" or "transaction": what the id was of */
    const TraceSearch *searches;
    size_t search_count;
    const TraceClick *clicks;
    size_t click_count;
    const TraceLine *lines;
    size_t line_count;
    bool truncated;
} Trace;

/* id: of a search or click in base32, or a partner's transaction key. All memory is in arena. NOT_FOUND when nothing
 * is known under it. A key that several sources use gives the lines of all of them. */
bool trace_find(DbTx *tx, Str id, Arena *arena, Trace *ret_trace, GError **error) G_GNUC_WARN_UNUSED_RESULT;
