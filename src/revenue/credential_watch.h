/*
 * Watching partners' keys: a source that refuses ours opens an alert, since no waiting mends that; it resolves itself when
 * the source answers again, or is asked no more.
 */
#pragma once

#include "revenue/alert.h"
#include "sources/source.h"

#define CREDENTIAL_ALERT_KIND "credential_refused"

/* Looks at what searches have found so far; asks no partner. A source of which sources has none, or that is disabled
 * (its key was taken away), is asked no more. */
bool credential_watch(Db *db, const SourceSet *sources, const AlertTelling *telling, int64_t now_us,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
