/*
 * Sources as the API and `weir source list --json` show them.
 */
#pragma once

#include "base/json_writer.h"
#include "sources/source.h"

/* Writes the member "sources" of the object that is open. */
void json_member_sources(JsonWriter *json, const SourceSet *sources);
