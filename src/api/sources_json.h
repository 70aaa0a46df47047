/*
 * Sources as the API and `weir source list --json` show them.
 */
#pragma once

#include "base/json_writer.h"
#include "search/engine.h"

/* Writes the member "sources" of the object that is open. engine: whose searches tell how each does; NULL: nobody's. */
void json_member_sources(JsonWriter *json, const SourceSet *sources, SearchEngine *engine);
