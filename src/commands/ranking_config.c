#include "commands/ranking_config.h"

#define WINDOW_LIMIT 100
#define REPEAT_LIMIT 1000000

#define WEIGHT(key, text, what)                                                                                        \
    {                                                                                                                  \
        .name = key, .type = YAML_INTEGER, .default_text = text, .min = 0, .max = RANK_WEIGHT_LIMIT, .help = what      \
    }

const YamlKey RANKING_KEYS[] = {
    WEIGHT("relevance", "50", "Weight of how many of the words a listing has, and where."),
    WEIGHT("place", "20", "Weight of whether it is where, or remote as, was asked for."),
    WEIGHT("freshness", "15", "Weight of how lately it was posted."),
    WEIGHT("revenue", "15", "Weight of what a click is expected to earn."),
    {.name = "half_fresh",
     .type = YAML_DURATION,
     .default_text = "14d",
     .help = "A listing of this age is half as fresh as a new one. At least 1h."},
    {.name = "unknown_freshness",
     .type = YAML_INTEGER,
     .default_text = "300",
     .min = 0,
     .max = RANK_PART_LIMIT,
     .help = "How fresh a listing without a date is, in thousandths."},
    {.name = "half_value",
     .type = YAML_TEXT,
     .default_text = "0.50",
     .help = "A click that is expected to earn so many US dollars has half of the part that revenue can have."},
    {.name = "window",
     .type = YAML_INTEGER,
     .default_text = "10",
     .min = 1,
     .max = WINDOW_LIMIT,
     .help = "Over how many places in a row sources are mixed."},
    {.name = "most",
     .type = YAML_INTEGER,
     .default_text = "6",
     .min = 1,
     .max = WINDOW_LIMIT,
     .help = "How many of these one source may have while another has listings left, at most window."},
    {.name = "repeat",
     .type = YAML_INTEGER,
     .default_text = "2000",
     .min = 0,
     .max = REPEAT_LIMIT,
     .help = "Points that a listing loses for each of its source among these places before it. A weight of 1 gives up "
             "to 1000."},
    {.name = NULL},
};

static int64_t
take_half_value(const YamlNode *map, YamlMistakes *mistakes)
{
    int64_t micros = 0;
    g_autoptr(GError) error = NULL;

    if (!money_parse(yaml_get_text(map, RANKING_KEYS, "half_value"), NUMBER_STYLE_PLAIN, &micros, &error))
        yaml_mistake(mistakes, yaml_find(map, "half_value"), "half_value", "%s", error->message);
    else if (micros <= 0 || micros > INT64_C(1000) * MICROS_PER_UNIT)
        yaml_mistake(mistakes, yaml_find(map, "half_value"), "half_value", "is not more than 0 and at most 1000");
    return micros;
}

static int64_t
take_half_fresh(const YamlNode *map, YamlMistakes *mistakes)
{
    int64_t half_us = yaml_get_duration_us(map, RANKING_KEYS, "half_fresh");

    if (half_us < US_PER_HOUR)
        yaml_mistake(mistakes, yaml_find(map, "half_fresh"), "half_fresh", "is less than 1h");
    return half_us;
}

static SpreadRule
take_spread(const YamlNode *map, YamlMistakes *mistakes)
{
    SpreadRule spread = {
        .window = (unsigned)yaml_get_integer(map, RANKING_KEYS, "window"),
        .most = (unsigned)yaml_get_integer(map, RANKING_KEYS, "most"),
        .repeat = (int32_t)yaml_get_integer(map, RANKING_KEYS, "repeat"),
    };
    const YamlNode *most = yaml_find(map, "most");

    if (spread.most > spread.window)
        yaml_mistake(mistakes, most != NULL ? most : yaml_find(map, "window"), most != NULL ? "most" : "window",
                     "most (%u) is more than window (%u)", spread.most, spread.window);
    return spread;
}

void
ranking_config_take(RankRule *rule, const YamlNode *map, YamlMistakes *mistakes)
{
    *rule = (RankRule){
        .relevance = yaml_get_integer(map, RANKING_KEYS, "relevance"),
        .place = yaml_get_integer(map, RANKING_KEYS, "place"),
        .freshness = yaml_get_integer(map, RANKING_KEYS, "freshness"),
        .revenue = yaml_get_integer(map, RANKING_KEYS, "revenue"),
        .half_fresh_us = take_half_fresh(map, mistakes),
        .unknown_freshness = yaml_get_integer(map, RANKING_KEYS, "unknown_freshness"),
        .half_value_micros = take_half_value(map, mistakes),
        .spread = take_spread(map, mistakes),
    };
    if (rule->relevance + rule->place + rule->freshness + rule->revenue == 0)
        yaml_mistake(mistakes, map, "ranking",
                     "all weights are 0: one of relevance, place, freshness and revenue must count");
}
