/*
 * Node: the number under which this process mints ids. The configuration gives one, or one is leased in the database
 * (store/node_lease.h), kept for as long as the process runs, and given back when it ends.
 */
#pragma once

#include "commands/deployment.h"

/* Before ids are minted: makes the number of the deployment's mint its own. The first call does it, others do nothing. */
bool node_take(Deployment *deployment, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For the tier that starts without the database: the number is remembered in a file of the data folder, which nobody else
 * may use, and taken up again from there; one is leased as soon as the database answers. */
void node_take_when_possible(Deployment *deployment);
/* Ends what the two began; called by deployment_close(). */
void node_stop(Node *node);
