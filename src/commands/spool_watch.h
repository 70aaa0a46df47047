/*
 * Spool watch: a thread that makes an alert of clicks that could not be made durable, and resolves it when the disk has
 * room again.
 *
 * The alert is kept in the database. While that can't be written either (perhaps it is on the same disk), the log and the
 * metrics weir_spool_writable and weir_spool_lost_events_total tell, and the alert follows as soon as it can.
 */
#pragma once

#include "commands/deployment.h"
#include "tracking/spool.h"

#define SPOOL_ALERT_KIND "clicks_lost"

typedef struct SpoolWatch SpoolWatch;
/* path: of the spool. Everything must outlive the watch. */
SpoolWatch *spool_watch_start(Deployment *deployment, Spool *spool, const char *path);
/* NULL is allowed. */
void spool_watch_stop(SpoolWatch *watch);
