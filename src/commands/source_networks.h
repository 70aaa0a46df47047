/*
 * weir source networks: one line a definition, whatever instances it has: what it offers, how its partner knows us, what the
 * definition was tried on, and what the partner asks of us. docs/networks.md is made of it.
 */
#pragma once

#include "sources/source.h"

void source_networks(const SourceSet *sources, bool as_json);
