/*
 * Reconciliation and alerts as the API and the commands show them.
 */
#pragma once

#include "base/json_writer.h"
#include "revenue/alert.h"
#include "revenue/reconcile.h"

void reconciliation_json(JsonWriter *json, const Reconciliation *row);
/* By whose calendar the days of a source are, when they are final and how far apart sums may be. */
void reconciliation_source_json(JsonWriter *json, const Operation *totals);
void alert_json(JsonWriter *json, const Alert *alert);
