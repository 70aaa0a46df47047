/*
 * How exports look as JSON.
 */
#pragma once

#include "base/json_writer.h"
#include "warehouse/status.h"

/* [{"table": "entries", ..., "destinations": [...]}, ...] */
bool exports_json(JsonWriter *json, DbTx *tx, GError **error) G_GNUC_WARN_UNUSED_RESULT;
