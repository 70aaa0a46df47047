#include "api/sources_json.h"

/* How this process finds it, by the searches that asked it. */
static void
write_health(JsonWriter *json, const HealthView *health)
{
    json_key(json, "health");
    json_begin_object(json);
    json_member_text(json, "state", str_of(health->state));
    json_member_text_if(json, "reason", str_of(health->reason));
    if (health->held_us > 0)
        json_member_int(json, "held_s", (health->held_us + US_PER_SECOND - 1) / US_PER_SECOND);
    json_member_int(json, "calls", health->under_way);
    json_member_int(json, "calls_limit", health->limit);
    json_end_object(json);
}

static void
write_source(JsonWriter *json, const Source *source, SearchEngine *engine)
{
    json_begin_object(json);
    json_member_text(json, "source", str_of(source_name(source)));
    json_member_text(json, "partner", str_of(source_partner(source)));
    json_member_text_if(json, "docs", str_of(source_docs(source)));
    json_member_bool(json, "enabled", source_disabled(source) == NULL);
    json_member_text_if(json, "reason", str_of(source_disabled(source)));
    json_member_text_if(json, "attribution", str_of(source_attribution(source)));
    json_member_text_if(json, "attribution_url", str_of(source_attribution_url(source)));
    if (source_wants_follow(source))
        json_member_bool(json, "follow", true);
    if (source_forbids_robots(source))
        json_member_bool(json, "noindex", true);
    json_member_bool(json, "search", source_search(source) != NULL);
    json_member_bool(json, "feed", source_feed(source) != NULL);
    json_key(json, "reports");
    json_begin_array(json);
    for (size_t i = 0; i < source_report_count(source); i++)
        json_text(json, str_of(operation_name(source_report(source, i))));
    json_end_array(json);
    json_key(json, "countries");
    json_begin_array(json);
    for (const char *const *country = source_countries(source); *country != NULL; country++)
        json_text(json, str_of(*country));
    json_end_array(json);
    if (engine != NULL && source_search(source) != NULL) {
        HealthView health = search_engine_health(engine, source_name(source));

        write_health(json, &health);
    }
    json_end_object(json);
}

void
json_member_sources(JsonWriter *json, const SourceSet *sources, SearchEngine *engine)
{
    json_key(json, "sources");
    json_begin_array(json);
    for (size_t i = 0; i < source_set_count(sources); i++)
        write_source(json, source_set_at(sources, i), engine);
    json_end_array(json);
}
