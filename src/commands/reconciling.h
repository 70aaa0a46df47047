/*
 * Reconciling: what the command and the background tier share: partners asked for their sums, alerts delivered, on a loop
 * of the calling thread's own.
 */
#pragma once

#include "commands/deployment.h"
#include "revenue/alert_channel.h"
#include "revenue/reconcile.h"
#include "tasks/workers.h"

/* Compares one source, its reports brought up to date before; see reconcile_source(). totals NULL: fails with the error that is set.
 * run: whose task waits as long as the partner asks when it fails; NULL: by hand. */
bool source_reconcile(Deployment *deployment, Db *db, const Operation *totals, bool take_as_mature, TaskRun *run,
                      ReconcileEach each, void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The names of the channels that alerts go to, NULL-terminated; freed with g_free(). */
const char **deployment_alert_channels(Deployment *deployment);
/* Delivers the notice that the key of a task names. */
bool alert_notify(Deployment *deployment, Db *db, Str key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
