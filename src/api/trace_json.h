/*
 * Traces as the API and `weir trace --json` show them.
 */
#pragma once

#include "base/json_writer.h"
#include "revenue/trace.h"

void json_trace(JsonWriter *json, const Trace *trace);
