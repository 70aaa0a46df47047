/*
 * Watching partners' formats: a field that was filled and is no longer opens an alert, which resolves itself when it is
 * filled again.
 */
#pragma once

#include "revenue/alert.h"

#define FORMAT_ALERT_KIND "format_changed"

/* Looks at what live traffic has shown so far; asks no partner. Also forgets what is too old to matter. */
bool format_watch(Db *db, const AlertTelling *telling, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
