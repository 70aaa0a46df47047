/*
 * Revenue as the API and `weir revenue report --json` show it.
 */
#pragma once

#include "base/json_writer.h"
#include "revenue/summary.h"

/* Gathers the rows of one summary and their totals. Currencies are never added together. */
typedef struct {
    JsonWriter json;
    SummaryBy by;
    int64_t searches, shown, clicks, counted_clicks;
    SummaryAmount amounts[32];
    size_t amount_count;
} RevenueJson;

/* Begins the object; pass revenue_json_row to revenue_summary(). */
void revenue_json_begin(RevenueJson *out, SummaryBy by, int64_t since_us, int64_t until_us, GString *to);
void revenue_json_row(void *data, const SummaryRow *row);
void revenue_json_end(RevenueJson *out);
