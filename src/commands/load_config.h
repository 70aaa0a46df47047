/*
 * The part of the configuration that says how much is taken on: of one answer, and of requests at once.
 */
#pragma once

#include "api/admission.h"
#include "base/yaml.h"
#include "search/engine.h"

extern const YamlKey ANSWER_LIMIT_KEYS[], OVERLOAD_KEYS[];

/* From the mapping, which may be NULL; but for the limits of what is kept. */
SearchLimits search_limits_take(const YamlNode *map);
AdmissionRule admission_rule_take(const YamlNode *map);
