/*
 * Watching partners' keys: a source that refuses ours opens an alert, since no waiting mends that; it resolves itself when
 * the source answers again.
 */
#pragma once

#include "revenue/alert.h"

#define CREDENTIAL_ALERT_KIND "credential_refused"

/* Looks at what searches have found so far; asks no partner. */
bool credential_watch(Db *db, const AlertTelling *telling, int64_t now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
