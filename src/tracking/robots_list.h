/*
 * Robots list: a list of user agents of robots that somebody else keeps, read from a file of the operator's: COUNTER's
 * (COUNTER_Robots_list.json, https://github.com/atmire/COUNTER-Robots), which the COUNTER Code of Practice asks for, or one
 * of the same form: a JSON list of {"pattern": a regular expression, "last_changed": a date}. Case does not matter.
 */
#pragma once

#include "tracking/agent_list.h"

typedef struct {
    char *name;    /* of the file, without .json */
    char *version; /* when it was changed last: the latest date in it; "undated" without any */
    AgentList *agents;
} RobotsList;

/* UNAVAILABLE when the file can't be read, INVALID for one of another form or with a bad pattern, LIMIT for more than 2 MB
 * or 20,000 patterns; each names the file. */
RobotsList *robots_list_load(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void robots_list_free(RobotsList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RobotsList, robots_list_free)
