/*
 * Reconciliation and alerts as the API and the commands show them.
 */
#pragma once

#include "base/json_writer.h"
#include "revenue/alert.h"
#include "revenue/reconcile.h"

void reconciliation_json(JsonWriter *json, const Reconciliation *row);
void alert_json(JsonWriter *json, const Alert *alert);
