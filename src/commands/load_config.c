#include "commands/load_config.h"

const YamlKey ANSWER_LIMIT_KEYS[] = {
    {.name = "listings",
     .type = YAML_INTEGER,
     .default_text = "200",
     .min = 1,
     .max = 10000,
     .help = "Listings of one answer; the rest is not read."},
    {.name = "memory_mb",
     .type = YAML_INTEGER,
     .default_text = "4",
     .min = 1,
     .max = 1024,
     .help = "Megabytes that they may take."},
    {.name = "size_mb",
     .type = YAML_INTEGER,
     .default_text = "16",
     .min = 1,
     .max = 1024,
     .help = "Megabytes of one answer as received; a larger one fails."},
    {.name = "timeout",
     .type = YAML_DURATION,
     .default_text = "10s",
     .help = "How long an answer may take of a source whose definition does not say."},
    {.name = "repeat_percent",
     .type = YAML_INTEGER,
     .default_text = "10",
     .min = 0,
     .max = 100,
     .help =
         "Calls that a source may get beside the first ones, for each hundred of these that it answered: again after "
         "a failure that may pass, or a second one beside a slow call, where its terms (terms.repeat) allow it. 0: "
         "none."},
    {.name = NULL},
};

const YamlKey OVERLOAD_KEYS[] = {
    {.name = "open",
     .type = YAML_INTEGER,
     .default_text = "4000",
     .min = 4,
     .max = 1000000,
     .help = "Requests that may be under way. Pages and feeds are refused from half of it on, searches from three "
             "quarters, clicks and postbacks at last."},
    {.name = "delay",
     .type = YAML_DURATION,
     .default_text = "50ms",
     .help =
         "How long searches may wait for their turn before pages and feeds are refused. From four times as long on, "
         "so many searches are refused that the others need not wait longer."},
    {.name = NULL},
};

SearchLimits
search_limits_take(const YamlNode *map)
{
    return (SearchLimits){
        .listings_per_call = (size_t)yaml_get_integer(map, ANSWER_LIMIT_KEYS, "listings"),
        .memory_per_call = (size_t)yaml_get_integer(map, ANSWER_LIMIT_KEYS, "memory_mb") << 20,
        .bytes_per_answer = (uint64_t)yaml_get_integer(map, ANSWER_LIMIT_KEYS, "size_mb") << 20,
        .source_timeout_us = yaml_get_duration_us(map, ANSWER_LIMIT_KEYS, "timeout"),
        .repeat_percent = (unsigned)yaml_get_integer(map, ANSWER_LIMIT_KEYS, "repeat_percent"),
    };
}

AdmissionRule
admission_rule_take(const YamlNode *map)
{
    return (AdmissionRule){
        .open_limit = (unsigned)yaml_get_integer(map, OVERLOAD_KEYS, "open"),
        .delay_limit_us = yaml_get_duration_us(map, OVERLOAD_KEYS, "delay"),
    };
}
