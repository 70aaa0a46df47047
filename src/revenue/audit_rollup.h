/*
 * The part of an audit that holds rollups against what they are computed from.
 */
#pragma once

#include "revenue/audit_replay.h"

/* Every hour of which nothing is recorded that no run has looked at. */
bool audit_rollups(Audit *audit, GError **error) G_GNUC_WARN_UNUSED_RESULT;
