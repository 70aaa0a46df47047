/*
 * weir source quarantine: what mapping a source's records lost of late, and the newest of those records as they came.
 */
#pragma once

#include "commands/deployment.h"

#define QUARANTINE_SHOWN 20

bool source_quarantine(Deployment *deployment, const Source *source, int64_t limit, bool as_json,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
