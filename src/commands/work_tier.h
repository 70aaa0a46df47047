/*
 * The background tier: feeds and reports pulled on schedule, late matches, cleaning up. Any number of these processes
 * share one database; each schedule's tick is done once among them.
 */
#pragma once

#include "commands/deployment.h"

typedef struct WorkTier WorkTier;

/* Needs the database: brings it to the newest version and writes the schedules that the sources call for. */
WorkTier *work_tier_start(Deployment *deployment, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes the schedules anew, after definitions were reloaded. From any thread. */
bool work_tier_plan(WorkTier *tier, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void work_tier_stop(WorkTier *tier);
