/*
 * The request tier: searches, clicks, postbacks. Stateless but for the spool on its own disk; runs with the database
 * down once it has started before.
 */
#pragma once

#include "commands/deployment.h"

typedef struct RequestTier RequestTier;

/* Starts loops, engine, spool and API; answers when it returns. */
RequestTier *request_tier_start(Deployment *deployment, GError **error) G_GNUC_WARN_UNUSED_RESULT;
uint16_t request_tier_port(const RequestTier *tier);
/* Searches from now on use these; those under way keep theirs. */
void request_tier_set_sources(RequestTier *tier, SourceSet *sources);
/* Answers what is under way, writes what is promised, ends. */
void request_tier_stop(RequestTier *tier);
