/*
 * Report: the rows that a network would deliver at a moment, before they are written in its format.
 *
 * A mutable report has one row an earning, as it stands now. An appending one has a row for each change of the amount:
 * the first under the earning's key, later ones under keys of their own with the difference and the original key. Rows
 * that are delivered twice stand a second time at the end, so that they land on another page.
 */
#pragma once

#include "sandbox/earning.h"

#define REPORT_KEY_SIZE 32

typedef struct {
    char key[REPORT_KEY_SIZE];
    char original[REPORT_KEY_SIZE]; /* "" but for corrections */
    const SandboxClick *click;
    EarningStatus status;
    bool by_action, doubled;
    int64_t amount_micros;
    int64_t event_at_us, changed_at_us;
    int64_t posted_at_us; /* by which windows choose: the event, in appending reports the row itself */
} ReportRow;

typedef struct {
    uint64_t seed;
    int64_t lag_us;
    const Network *network;
    const SandboxClick *clicks; /* in order of id */
    size_t click_count;
    int64_t now_us;
} ReportAsk;

/* The rows with since <= posted_at < until, in a fixed order. Free with g_array_unref(); click points into ask. */
GArray *report_rows(const ReportAsk *ask, int64_t since_us, int64_t until_us);

/* What is owed over all current rows, each once, of events with since <= event_at < until. */
typedef struct {
    int64_t micros;
    int64_t lines;    /* rows with a key of their own */
    int64_t earnings; /* clicks' earnings that are known */
} ReportTotals;
ReportTotals report_totals(const ReportAsk *ask, int64_t since_us, int64_t until_us);
