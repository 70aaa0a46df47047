/*
 * Reloading: the definitions of partners anew, while the process runs.
 *
 * By SIGHUP, or when a file of the definitions has changed and then stayed the same for one look, so that none is read
 * half written. Definitions with a mistake are refused with all their mistakes in the log; those that are in use stay.
 */
#pragma once

#include "commands/request_tier.h"
#include "commands/work_tier.h"

/* Looks every two seconds until the process is asked to end. Either tier may be NULL. */
void reloading_run(Deployment *deployment, RequestTier *request, WorkTier *work);
