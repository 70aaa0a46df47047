/*
 * The part of the configuration that says what stands first in an answer.
 */
#pragma once

#include "base/yaml.h"
#include "search/rank.h"

extern const YamlKey RANKING_KEYS[];

/* From the mapping, which may be NULL. */
void ranking_config_take(RankRule *rule, const YamlNode *map, YamlMistakes *mistakes);
