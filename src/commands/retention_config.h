/*
 * The part of the configuration that says when what is forgotten.
 */
#pragma once

#include "base/yaml.h"

/* How old what is when it is forgotten; 0: never. */
typedef struct {
    int64_t tasks_us, feed_pulls_us, gone_listings_us, totals_us, sightings_us, alerts_us, events_us,
        quarantined_events_us;
} Retention;

extern const YamlKey RETENTION_KEYS[];

/* From the mapping, which may be NULL. */
void retention_take(Retention *retention, const YamlNode *map, YamlMistakes *mistakes);
