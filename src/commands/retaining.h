/*
 * Retaining: what the configuration says is forgotten after a time, room by room.
 */
#pragma once

#include "commands/deployment.h"

/* Removes what is old enough, in transactions of bounded size, until nothing is or is_lost() says so (CONFLICT). */
bool retention_apply(Deployment *deployment, Db *db, bool (*is_lost)(void *data), void *data,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
