#include "commands/retention_config.h"

#include "revenue/sweep.h"

const YamlKey RETENTION_KEYS[] = {
    {.name = "tasks",
     .type = YAML_DURATION,
     .default_text = "2d",
     .help = "Tasks that are done, and ticks of schedules. Dead tasks stay until their work was done."},
    {.name = "feed_pulls",
     .type = YAML_DURATION,
     .default_text = "90d",
     .help = "How pulls of feeds went; the last one of each source stays."},
    {.name = "gone_listings",
     .type = YAML_DURATION,
     .default_text = "30d",
     .help = "Listings of feeds, since they went off the shelf."},
    {.name = "totals",
     .type = YAML_DURATION,
     .default_text = "90d",
     .help = "What partners said of their own sums; what each day was last compared with stays."},
    {.name = "sightings",
     .type = YAML_DURATION,
     .default_text = "90d",
     .help = "That a report was delivered again, byte for byte; the last time of each stays."},
    {.name = "alerts", .type = YAML_DURATION, .default_text = "400d", .help = "Alerts, since they were resolved."},
    {.name = "events",
     .type = YAML_DURATION,
     .default_text = "400d",
     .help =
         "Clicks that earned nothing, and a month later searches without a click that is left; at least 180d. Their "
         "rollups stay, and nothing goes before it was exported."},
    {.name = "quarantined_events",
     .type = YAML_DURATION,
     .default_text = "400d",
     .help =
         "Clicks and searches that the database refused, kept on the node's disk (spool.db). Looked at when it starts "
         "and when another one comes."},
    {.name = NULL},
};

void
retention_take(Retention *retention, const YamlNode *map, YamlMistakes *mistakes)
{
    *retention = (Retention){
        .tasks_us = yaml_get_duration_us(map, RETENTION_KEYS, "tasks"),
        .feed_pulls_us = yaml_get_duration_us(map, RETENTION_KEYS, "feed_pulls"),
        .gone_listings_us = yaml_get_duration_us(map, RETENTION_KEYS, "gone_listings"),
        .totals_us = yaml_get_duration_us(map, RETENTION_KEYS, "totals"),
        .alerts_us = yaml_get_duration_us(map, RETENTION_KEYS, "alerts"),
        .sightings_us = yaml_get_duration_us(map, RETENTION_KEYS, "sightings"),
        .events_us = yaml_get_duration_us(map, RETENTION_KEYS, "events"),
        .quarantined_events_us = yaml_get_duration_us(map, RETENTION_KEYS, "quarantined_events"),
    };
    if (retention->events_us > 0 && retention->events_us < EVENT_SWEEP_LEAST_US)
        yaml_mistake(mistakes, yaml_find(map, "events"), "events",
                     "is less than 180d: money may still come for such clicks (0s keeps them for ever)");
}
